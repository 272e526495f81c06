"""Sources of comments, tried in order, with a real server."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from digest.models import GIVEN_UP
from digest.readers.parsing.pool import ParserPool
from digest.store.engine import Database
from tests.support.parsed import NOW
from tests.support.talking_site import PlainPages, TalkingSite

pytestmark = pytest.mark.anyio

REST = "/wp-json/wp/v2/comments"
HOUR = timedelta(hours=1)


@pytest.fixture
def site(httpserver: HTTPServer, database: Database, parsers: ParserPool) -> TalkingSite:
    site = TalkingSite(httpserver, database, PlainPages(parsers))
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(site.answer)
    site.set_feed("a")
    site.set_page("a")
    return site


# --- each source --------------------------------------------------------------------------------


async def test_the_comment_feed_that_the_feed_names_is_read(site: TalkingSite) -> None:
    site.set_feed("a", more=site.commented(1))
    site.set_comments("a", 1)
    report = await site.collect()
    assert (report.new_comments, report.feeds[0].problems) == (1, ())
    assert site.posts()[0].has_all_comments


async def test_the_comment_feed_that_the_page_links_to_is_read_and_not_the_sites(
    site: TalkingSite,
) -> None:
    site.set_page("a", feeds=[site.url("/comments/feed"), site.url("/a/feed")])
    site.set_comments("a", 1, 2)
    report = await site.collect()
    assert (report.new_comments, report.feeds[0].problems) == (2, ())
    assert site.asked()["/comments/feed"] == 0


@pytest.mark.parametrize("without_links", [False, True])
async def test_the_rest_interface_gives_all_comments_and_their_answers(
    site: TalkingSite, *, without_links: bool
) -> None:
    site.set_feed("a", more=site.commented(250))
    site.set_comments("a", *range(241, 251))
    site.set_page("a", rest_url=site.rest_url)
    site.rest = {number: number - 1 if number % 3 == 0 else 0 for number in range(1, 251)}
    site.without_links = without_links
    report = await site.collect()
    asked = site.asked()
    assert (report.new_comments, asked[REST], asked["/a/feed"]) == (250, 3, 0)
    answers = [comment for comment in site.comments() if comment.parent_id]
    assert (len(answers), site.posts()[0].has_all_comments) == (83, True)


async def test_the_rest_interface_is_read_up_to_a_limit_and_then_deletes_nothing(
    site: TalkingSite,
) -> None:
    site.set_page("a", rest_url=site.rest_url.replace("per_page=100", "per_page=1"))
    site.rest = dict.fromkeys(range(1, 31), 0)
    assert (await site.collect()).new_comments == 20
    assert (site.asked()[REST], site.posts()[0].has_all_comments) == (20, False)


async def test_a_page_with_comments_is_read_if_there_is_no_better_source(site: TalkingSite) -> None:
    site.set_page("a", shown=["1 First.", "2>1 Second."], is_complete=True)
    report = await site.collect()
    assert (report.new_comments, site.asked()["/a"]) == (2, 1)  # the page was read once for both
    first, second = site.comments()
    assert (second.parent_id, site.posts()[0].has_all_comments) == (first.id, True)


async def test_a_list_on_several_pages_is_followed(site: TalkingSite) -> None:
    site.set_page("a", shown=["1 First."], next_url=site.url("/a-2"))
    site.set_page("a-2", shown=["2 Second."], is_complete=True)
    assert (await site.collect()).new_comments == 2
    assert site.posts()[0].has_all_comments


@pytest.mark.parametrize("target", ["/a", "http://elsewhere.example/a", "/gone"])
async def test_a_list_that_leads_astray_is_a_part(site: TalkingSite, target: str) -> None:
    next_url = target if target.startswith("http") else site.url(target)
    site.set_page("a", shown=["1 First."], next_url=next_url, is_complete=True)
    assert (await site.collect()).new_comments == 1
    assert not site.posts()[0].has_all_comments


async def test_comments_that_are_not_wanted_are_not_looked_for(site: TalkingSite) -> None:
    site.set_page("a", rest_url=site.rest_url, shown=["1 First."])
    await site.collect(has_comments=False)
    assert (site.asked()[REST], site.comments()) == (0, ())


# --- one after the other ------------------------------------------------------------------------


async def test_after_a_closed_interface_the_page_is_read_without_a_problem(
    site: TalkingSite,
) -> None:
    site.set_page("a", rest_url=site.rest_url, shown=["1 First."], is_complete=True)
    site.refused[REST] = 401
    for new in (1, 0):
        report = await site.collect()
        assert (report.new_comments, report.feeds[0].problems) == (new, ())
    assert site.posts()[0].has_all_comments


async def test_a_closed_interface_is_asked_less_and_less(site: TalkingSite) -> None:
    site.set_page("a", rest_url=site.rest_url, shown=["1 First."], is_complete=True)
    site.refused[REST] = 403
    for _ in range(GIVEN_UP + 2):
        await site.collect()
    assert site.asked()[REST] == GIVEN_UP
    await site.collect(now=NOW + HOUR)
    assert site.asked()[REST] == 1


async def test_an_interface_that_hides_its_comments_gives_way(site: TalkingSite) -> None:
    site.set_feed("a", more=site.commented(2))
    site.set_comments("a", 1, 2)
    site.set_page("a", rest_url=site.rest_url)
    assert (await site.collect()).new_comments == 2
    assert (len(site.comments()), site.posts()[0].has_all_comments) == (2, True)


async def test_a_comment_feed_that_shows_a_part_is_helped_by_the_page(site: TalkingSite) -> None:
    site.set_feed("a", more=site.commented(3))
    site.set_comments("a", 3)
    site.set_page("a", shown=["1 First.", "2>1 Second.", "3 Words."], is_complete=True)
    assert (await site.collect()).new_comments == 3
    assert site.texts() == ["First.", "Second.", "Words."]


async def test_a_source_refused_permanently_is_reported_once(site: TalkingSite) -> None:
    site.set_feed("a", more=site.commented(1))
    first, second = [await site.collect() for _ in range(2)]
    (problem,) = first.feeds[0].problems
    assert "/a/feed: HTTP 404" in problem
    assert second.feeds[0].problems == ()


async def test_a_source_that_is_down_is_reported_each_time(site: TalkingSite) -> None:
    site.set_feed("a", more=site.commented(1))
    site.refused["/a/feed"] = 500
    for _ in range(2):
        (problem,) = (await site.collect()).feeds[0].problems
        assert "/a/feed: HTTP 500; try later" in problem


async def test_a_closed_interface_of_a_post_without_comments_is_not_a_problem(
    site: TalkingSite,
) -> None:
    site.set_page("a", rest_url=site.rest_url)
    site.refused[REST] = 401
    assert (await site.collect()).feeds[0].problems == ()


# --- refreshing ---------------------------------------------------------------------------------


async def test_new_edited_and_deleted_comments_are_found(site: TalkingSite) -> None:
    site.set_page("a", rest_url=site.rest_url)
    site.rest = {1: 0, 2: 1}
    await site.collect()
    ids = {comment.url[-1]: comment.id for comment in site.comments()}
    site.rest, site.rest_words = {2: 1, 3: 2}, "Other words."
    report = await site.collect()
    assert (report.feeds[0].result, report.new_comments) == ("unchanged", 1)
    assert site.texts() == ["Other words."] * 2
    assert {comment.url[-1]: comment.id for comment in site.comments()}["2"] == ids["2"]


async def test_a_list_that_is_no_longer_complete_deletes_nothing(site: TalkingSite) -> None:
    site.set_page("a", shown=["1 First.", "2 Second."], is_complete=True)
    await site.collect()
    site.set_page("a", shown=["3 Third."], is_complete=False)
    assert (await site.collect()).new_comments == 1
    assert (len(site.comments()), site.posts()[0].has_all_comments) == (3, False)


async def test_a_later_document_that_fails_deletes_nothing(site: TalkingSite) -> None:
    site.set_page("a", shown=["1 First."], next_url=site.url("/a-2"))
    site.set_page("a-2", shown=["2 Second."], is_complete=True)
    await site.collect()
    site.refused["/a-2"] = 500
    await site.collect()
    assert len(site.comments()) == 2


async def test_a_lesser_source_changes_nothing_while_the_better_one_is_away(
    site: TalkingSite,
) -> None:
    site.set_page("a", rest_url=site.rest_url, shown=["1 Cut."], is_complete=True)
    site.rest = {1: 0, 2: 0}
    await site.collect()
    site.refused[REST] = 503
    for _ in range(GIVEN_UP - 1):
        await site.collect()
    assert site.texts() == ["Words.", "Words."]
    for _ in range(2):  # given up: only the page is left
        await site.collect()
    assert site.texts() == ["Cut."]


async def test_an_unchanged_source_is_not_read_again(site: TalkingSite) -> None:
    site.set_feed("a", more=site.commented(1))
    site.set_comments("a", 1)
    await site.collect()
    before = site.pool.read.copy()
    site.server.clear_log()
    report = await site.collect()
    assert {answer.status_code for _, answer in site.server.log} == {304}
    assert (site.asked()["/a/feed"], site.pool.read, report.new_comments) == (1, before, 0)


async def test_a_list_of_several_documents_is_always_asked_for_whole(site: TalkingSite) -> None:
    site.set_page("a", shown=["1 First."], next_url=site.url("/a-2"))
    site.set_page("a-2", shown=[], is_complete=True)
    await site.collect()
    site.set_page("a-2", shown=["2 Second."], is_complete=True)
    assert (await site.collect()).new_comments == 1


async def test_comments_of_older_posts_are_not_refreshed(site: TalkingSite) -> None:
    site.set_page("a", rest_url=site.rest_url)
    await site.collect()
    site.asked()
    await site.collect(now=NOW + timedelta(weeks=6))
    assert site.asked() == {"/feed": 1}


async def test_a_page_that_shows_none_is_asked_less_often_as_it_ages(site: TalkingSite) -> None:
    await site.collect()
    await site.collect(now=NOW + 40 * HOUR)
    site.asked()
    await site.collect(now=NOW + 41 * HOUR)
    assert site.asked()["/a"] == 0
    site.set_page("a", shown=["1 At last."])
    assert (await site.collect(now=NOW + 50 * HOUR)).new_comments == 1

"""Reading the pages of posts once, for parts that their feed left out."""

from __future__ import annotations

import re

import pytest
from pytest_httpserver import HTTPServer

from digest.pipeline.collect.pages import MAX_VISITS
from digest.readers.parsing.pool import ParserPool
from digest.store.engine import Database
from digest.store.pages import MAX_TRIES
from tests.support.talking_site import PlainPages, TalkingSite

pytestmark = pytest.mark.anyio

BEGINNING = "<p>The old crane was lifted from its bed on Tuesday, and nobody cheered.</p>"
ARTICLE = BEGINNING + "<p>The harbour master spoke of the weather.</p>" * 30
FULL = "<p>The gulls came back to the quay with the first boat.</p>" * 30


@pytest.fixture
def site(httpserver: HTTPServer, database: Database, parsers: ParserPool) -> TalkingSite:
    site = TalkingSite(httpserver, database, PlainPages(parsers))
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(site.answer)
    return site


async def test_the_page_supplies_the_text_that_the_feed_cuts(site: TalkingSite) -> None:
    site.set_feed("a", words=BEGINNING)
    site.set_page("a", content_html=ARTICLE)
    await site.collect()
    (post,) = site.posts()
    assert (post.content_html, post.summary_html) == (ARTICLE, BEGINNING)


async def test_the_text_of_the_feed_is_kept_if_full_text_is_off(site: TalkingSite) -> None:
    site.set_feed("a", words=BEGINNING)
    site.set_page("a", content_html=ARTICLE)
    await site.collect(full_text=False)
    assert site.posts()[0].content_html == ""


async def test_the_text_of_another_article_is_not_taken(site: TalkingSite) -> None:
    site.set_feed("a", words=BEGINNING)
    site.set_page("a", content_html=FULL)
    await site.collect()
    assert site.posts()[0].content_html == ""


async def test_the_page_supplies_the_picture_that_the_feed_lacks(site: TalkingSite) -> None:
    site.set_feed("a", words=FULL)
    site.set_page("a", image_url="https://h.example/crane.jpg", image_alt="A crane")
    await site.collect(has_comments=False, full_text=False)
    (post,) = site.posts()
    assert (post.image_url, post.image_alt) == ("https://h.example/crane.jpg", "A crane")


async def test_a_picture_of_the_feed_wins_over_the_page(site: TalkingSite) -> None:
    own = "<enclosure url='https://h.example/own.jpg' type='image/jpeg' length='1'/>"
    site.set_feed("a", words=BEGINNING, more=own)
    site.set_page("a", image_url="https://h.example/crane.jpg", image_alt="A crane")
    await site.collect()
    (post,) = site.posts()
    assert (post.image_url, post.image_alt) == ("https://h.example/own.jpg", "")


async def test_a_later_change_of_the_feed_keeps_the_data_of_the_page(site: TalkingSite) -> None:
    site.set_feed("a", words=BEGINNING)
    site.set_page("a", content_html=ARTICLE, image_url="https://h.example/crane.jpg")
    await site.collect()
    site.set_feed("a", words=BEGINNING.replace("Tuesday", "Wednesday"))
    assert (await site.collect()).changed == 1
    (post,) = site.posts()
    assert (post.content_html, post.image_url) == (ARTICLE, "https://h.example/crane.jpg")
    longer = ARTICLE * 2
    site.set_feed("a", words=longer)
    await site.collect()
    assert site.posts()[0].summary_html == longer


async def test_a_page_is_read_once(site: TalkingSite) -> None:
    site.set_feed("a")
    site.set_page("a")
    for _ in range(3):
        await site.collect(has_comments=False)
    assert site.asked()["/a"] == 1


async def test_a_page_is_not_read_if_the_feed_is_complete(site: TalkingSite) -> None:
    picture = "<enclosure url='https://h.example/own.jpg' type='image/jpeg' length='1'/>"
    site.set_feed("a", words=FULL, more=picture + site.commented(1))
    site.set_comments("a", 1)
    assert (await site.collect()).new_comments == 1
    assert site.asked()["/a"] == 0
    site.set_feed("a", words=FULL, more=picture + site.commented(2))
    site.set_comments("a", 1, 2)
    site.set_page("a", rest_url=site.rest_url)
    site.rest = {1: 0, 2: 1}
    assert (await site.collect()).new_comments == 1
    assert [comment.parent_id is None for comment in site.comments()] == [True, False]


async def test_many_pages_are_read_in_batches_newest_first(site: TalkingSite) -> None:
    names = [f"p{number}" for number in range(MAX_VISITS + 5)]
    site.set_feed(*names)
    for name in names:
        site.set_page(name)
    await site.collect(has_comments=False)
    first = {path for path in site.asked() if path.startswith("/p")}
    assert first == {f"/{name}" for name in names[:MAX_VISITS]}
    await site.collect(has_comments=False)
    assert {path for path in site.asked() if path.startswith("/p")} == {
        f"/{name}" for name in names[MAX_VISITS:]
    }


async def test_a_failing_page_is_retried_and_reported_in_one_line(site: TalkingSite) -> None:
    site.set_feed("a", "b")
    site.refused = {"/a": 500, "/b": 500}
    for _ in range(MAX_TRIES):
        (problem,) = (await site.collect()).feeds[0].problems
        assert "HTTP 500" in problem
        assert "(and 1 more page)" in problem
    assert (await site.collect()).feeds[0].problems == ()
    assert site.asked()["/a"] == MAX_TRIES


async def test_a_page_that_is_refused_is_given_up_at_once(site: TalkingSite) -> None:
    site.set_feed("a")
    for _ in range(2):
        await site.collect()
    assert site.asked()["/a"] == 1


async def test_a_document_that_is_not_a_web_page_is_given_up_quietly(site: TalkingSite) -> None:
    site.set_feed("a")
    site.pages["/a"], site.types["/a"] = b"%PDF-1.7", "application/pdf"
    for _ in range(2):
        assert (await site.collect()).feeds[0].problems == ()
    assert (site.asked()["/a"], site.pool.read["page"]) == (1, 0)


async def test_pages_of_the_backlog_are_not_read(site: TalkingSite) -> None:
    site.set_feed("a")
    site.pages["/feed"] = re.sub(
        rb"<pubDate>.*</pubDate>", b"<pubDate>01 Jan 2026 00:00 GMT</pubDate>", site.pages["/feed"]
    )
    await site.collect()
    assert site.asked() == {"/feed": 1}

"""Comments are asked for again before a freeze, with a real server."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.pipeline.collect import ask_again
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from digest.store.feeds import list_feeds
from digest.store.schema import open_checked
from tests.support.parsed import NOW
from tests.support.talking_site import PlainPages, TalkingSite

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(httpserver: HTTPServer, tmp_path: Path) -> AsyncIterator[TalkingSite]:
    database = open_checked(f"sqlite:///{tmp_path / 'digest.db'}")
    async with ParserPool() as pool:
        site = TalkingSite(httpserver, database, PlainPages(pool))
        httpserver.expect_request(re.compile("/.*")).respond_with_handler(site.answer)
        site.set_feed("a")
        site.set_page("a")
        yield site
    database.close()


async def ask(site: TalkingSite, seconds: float = 20.0) -> None:
    ids = [post.id for post in site.posts()]
    async with Fetcher(allow_private=True) as fetcher:
        await ask_again(site.database, fetcher, site.pool, ids, now=NOW, seconds=seconds)


async def test_what_the_interface_no_longer_has_is_deleted(site: TalkingSite) -> None:
    site.set_page("a", rest_url=site.rest_url)
    site.rest = {1: 0, 2: 1}
    await site.collect()
    del site.rest[2]
    await ask(site)
    assert [comment.url[-10:] for comment in site.comments()] == ["#comment-1"]


async def test_where_only_the_comment_feed_is_known_its_posts_feed_counts(
    site: TalkingSite,
) -> None:
    site.set_feed("a", more=site.commented(2))
    site.set_comments("a", 1, 2)
    await site.collect()
    site.set_feed("a", more=site.commented(1))
    site.set_comments("a", 1)
    await ask(site)
    assert len(site.comments()) == 1
    assert site.posts()[0].feed_comment_count == 1
    # The next collection still gets the feed's document as a new one.
    with site.database.read() as connection:
        before = list_feeds(connection)
    report = await site.collect()
    assert before
    assert report.feeds[0].result != "unchanged"


async def test_a_short_list_alone_deletes_nothing(site: TalkingSite) -> None:
    site.set_feed("a", more=site.commented(2))
    site.set_comments("a", 1, 2)
    await site.collect()
    site.set_comments("a", 1)  # the feed still counts two
    await ask(site)
    assert len(site.comments()) == 2


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_what_does_not_answer_stays(site: TalkingSite, status: int) -> None:
    site.set_feed("a", more=site.commented(2))
    site.set_comments("a", 1, 2)
    await site.collect()
    site.refused = dict.fromkeys(("/feed", "/a", "/a/feed"), status)
    await ask(site)
    assert len(site.comments()) == 2


async def test_a_slow_site_does_not_hold_the_edition(
    site: TalkingSite,
) -> None:
    site.set_feed("a", more=site.commented(2))
    site.set_comments("a", 1, 2)
    await site.collect()
    site.server.clear()

    def slow(_: Request) -> Response:
        time.sleep(1.5)
        return Response(status=404)

    site.server.expect_request(re.compile("/.*")).respond_with_handler(slow)
    started = time.monotonic()
    await ask(site, seconds=0.3)
    assert time.monotonic() - started < 1.4
    assert len(site.comments()) == 2


async def test_unchanged_sources_are_asked_with_their_validators(site: TalkingSite) -> None:
    site.set_page("a", rest_url=site.rest_url)
    site.set_feed("a", more=site.commented(1))
    site.set_comments("a", 1)
    await site.collect()
    read = dict(site.pool.read)
    await ask(site)
    assert site.pool.read["comments"] == read["comments"]

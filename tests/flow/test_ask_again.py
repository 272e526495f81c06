"""Comments are asked for again before a freeze, with a real server."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.composer.snapshot import edition_from_json
from digest.models import SCHEDULE
from digest.newsroom import removed
from digest.newsroom.approve import approve
from digest.newsroom.freeze import freeze
from digest.pipeline.collect import ask_again
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from digest.store.engine import Database
from digest.store.feeds import list_feeds
from tests.support.desk_work import Desk
from tests.support.parsed import NOW
from tests.support.project import Project
from tests.support.talking_site import PlainPages, TalkingSite

pytestmark = pytest.mark.anyio


@pytest.fixture
def site(httpserver: HTTPServer, database: Database, parsers: ParserPool) -> TalkingSite:
    site = TalkingSite(httpserver, database, PlainPages(parsers))
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(site.answer)
    site.set_feed("a")
    site.set_page("a")
    return site


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

    was_asked = threading.Event()

    def slow(_: Request) -> Response:
        was_asked.wait(30)
        return Response(status=404)

    site.server.expect_request(re.compile("/.*")).respond_with_handler(slow)
    started = time.monotonic()
    await ask(site, seconds=0.3)
    assert time.monotonic() - started < 20
    was_asked.set()
    assert len(site.comments()) == 2


async def test_unchanged_sources_are_asked_with_their_validators(site: TalkingSite) -> None:
    site.set_page("a", rest_url=site.rest_url)
    site.set_feed("a", more=site.commented(1))
    site.set_comments("a", 1)
    await site.collect()
    read = dict(site.pool.read)
    await ask(site)
    assert site.pool.read["comments"] == read["comments"]


# --- an approved edition ------------------------------------------------------------------------

_ANNA = (
    "I worked on that crane for eleven years, and the new one is the first which did not scare me"
    " when the wind came from the east."
)
_BEN = (
    "The crane stood idle for two winters because nobody in the harbour office had told the crews"
    " when the wind would let them work again."
)


def _comments_feed(*said: tuple[int, str, str]) -> bytes:
    items = "".join(
        f"<item><title>By: {name}</title><guid>https://a.example/#comment-{number}</guid>"
        f"<description>{text}</description></item>"
        for number, name, text in said
    )
    return f"<rss version='2.0'><channel>{items}</channel></rss>".encode()


async def test_an_approved_edition_goes_without_what_its_site_removed(
    site: TalkingSite, project: Project
) -> None:
    desk = Desk(project)
    project.change_config(
        'categories = ["News"]', 'categories = ["News"]\ntop_comments_per_post = 2'
    )
    site.set_feed()
    app = desk.app
    await app.read_feeds(app.sources, datetime.now(UTC))
    words = "The harbour got a new crane, and the wind is strong in the east. " * 9
    site.set_feed("a", words=words, more=site.commented(2))
    site.pages["/a/feed"] = _comments_feed((1, "Anna", _ANNA), (2, "Ben", _BEN))
    await app.read_feeds(app.sources, datetime.now(UTC), is_forced=True)
    desk.add_subscribers(1)
    desk.compose()
    approve(app, "weekly", None, by=SCHEDULE)
    stored = desk.edition()
    quoted = {quote.name for quote in edition_from_json(stored.snapshot).stories[0].quotes}
    assert quoted == {"Anna", "Ben"}

    site.set_feed("a", words=words, more=site.commented(1))
    site.pages["/a/feed"] = _comments_feed((1, "Anna", _ANNA))
    await removed.ask_again(app, stored.id)
    assert freeze(app, stored, by=SCHEDULE) == 1
    frozen = desk.edition()
    (story,) = edition_from_json(frozen.snapshot).stories
    assert ([quote.name for quote in story.quotes], story.comment_count) == (["Anna"], 1)
    assert removed.removed_from(frozen) == (
        "Left out: a comment by Ben on “The crane at a”; removed by its site after the edition was"
        " composed.",
    )
    app.database.close()

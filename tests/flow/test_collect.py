from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import Connection
from werkzeug import Request, Response

from digest.errors import StoreError
from digest.models import (
    CollectReport,
    Comment,
    CommentKind,
    Document,
    FeedResult,
    FeedSource,
    ParsedFeed,
    Post,
)
from digest.pipeline.collect import collect
from digest.pipeline.collect.notes import MOST, Later
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from digest.store.comments import comments_of
from digest.store.engine import Database
from digest.store.feeds import list_feeds
from digest.store.posts import last_seq, posts_between
from tests.support.parsed import NOW

pytestmark = pytest.mark.anyio


class Site:
    """A site with feeds and comment feeds that a test changes between two collections."""

    def __init__(self, server: HTTPServer, database: Database, pool: ParserPool) -> None:
        self.server = server
        self.database = database
        self.pool = pool
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []
        server.expect_request("/nowhere").respond_with_data(status=404)
        server.expect_request("/old").respond_with_data(status=301, headers={"Location": "/feed"})
        server.expect_request(re.compile("/.*")).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        """Answer with a page, or with 304 if the client has it already."""
        page = self.pages.get(request.path)
        if page is None:
            return Response(status=500)
        self.asked.append(request.path)
        response = Response(page, content_type="application/rss+xml")
        response.add_etag()
        return response.make_conditional(request)

    def source(self, path: str, *categories: str) -> FeedSource:
        return FeedSource(url=self.server.url_for(path), categories=categories or ("Sea",))

    async def collect(
        self, *sources: FeedSource, now: datetime = NOW, is_forced: bool = False
    ) -> CollectReport:
        async with Fetcher(allow_private=True) as fetcher:
            return await collect(
                self.database, fetcher, self.pool, sources, now=now, is_forced=is_forced
            )

    def posts(self) -> tuple[Post, ...]:
        with self.database.read() as connection:
            return posts_between(connection, 0, last_seq(connection))

    def comments(self, post: Post) -> tuple[Comment, ...]:
        with self.database.read() as connection:
            return comments_of(connection, [post.id]).get(post.id, ())

    def item(self, name: str, days: float = 1, words: str = "Words.", more: str = "") -> str:
        date = format_datetime(NOW - timedelta(days=days))
        return (
            f"<item><title>{name}</title><link>{self.server.url_for('/')}{name}</link>"
            f"<guid isPermaLink='false'>{name}</guid><pubDate>{date}</pubDate>"
            f"<description>{words}</description>{more}</item>"
        )

    def commented(self, name: str, count: int) -> str:
        url = self.server.url_for(f"/{name}/feed")
        more = f"<wfw:commentRss>{url}</wfw:commentRss><slash:comments>{count}</slash:comments>"
        return self.item(name, more=more)


def rss(*items: str) -> bytes:
    spaces = (
        "xmlns:wfw='http://wellformedweb.org/CommentAPI/'"
        " xmlns:slash='http://purl.org/rss/1.0/modules/slash/'"
    )
    return f"<rss version='2.0' {spaces}><channel>{''.join(items)}</channel></rss>".encode()


def said(number: int, text: str = "Well said.", name: str = "Anna") -> str:
    return (
        f"<item><title>By: {name}</title><guid isPermaLink='false'>c{number}</guid>"
        f"<description>{text}</description></item>"
    )


@pytest.fixture
def site(httpserver: HTTPServer, database: Database, parsers: ParserPool) -> Site:
    return Site(httpserver, database, parsers)


async def test_new_posts_are_stored_once(site: Site) -> None:
    site.pages["/feed"] = rss(site.item("b"), site.item("a", days=2))
    report = await site.collect(site.source("/feed"))
    assert (report.new, report.changed, report.failed) == (2, 0, ())
    assert [post.title for post in site.posts()] == ["a", "b"]
    site.pages["/feed"] = rss(site.item("c"), site.item("b"), site.item("a", days=2))
    assert (await site.collect(site.source("/feed"))).new == 1
    assert [post.title for post in site.posts()] == ["a", "b", "c"]


async def test_an_unchanged_feed_is_not_read_again(site: Site) -> None:
    site.pages["/feed"] = rss(site.item("a"))
    await site.collect(site.source("/feed"))
    report = await site.collect(site.source("/feed"))
    assert [feed.result for feed in report.feeds] == [FeedResult.UNCHANGED]
    answers = [answer for request, answer in site.server.log if request.path == "/feed"]
    assert [answer.status_code for answer in answers] == [200, 304]


async def test_a_changed_post_is_updated_in_place(site: Site) -> None:
    site.pages["/feed"] = rss(site.item("a", words="Old."))
    await site.collect(site.source("/feed"))
    site.pages["/feed"] = rss(site.item("a", words="New."))
    report = await site.collect(site.source("/feed"))
    assert (report.new, report.changed) == (0, 1)
    assert [(post.seq, post.summary_html) for post in site.posts()] == [(1, "New.")]


async def test_the_backlog_of_a_new_feed_is_not_mailed(site: Site) -> None:
    old = [site.item(f"old{number}", days=8 + number) for number in range(30)]
    site.pages["/feed"] = rss(site.item("a"), *old)
    report = await site.collect(site.source("/feed"))
    assert report.new == 31
    assert [post.title for post in site.posts()] == ["a"]


async def test_a_post_in_two_feeds_is_one_with_both_categories(site: Site) -> None:
    site.pages["/sea"] = rss(site.item("a"), site.item("b"))
    site.pages["/land"] = rss(site.item("a"), site.item("c"))
    report = await site.collect(site.source("/sea", "Sea"), site.source("/land", "Land"))
    assert report.new == 3
    categories = {post.title: post.categories for post in site.posts()}
    assert categories == {"a": ("Land", "Sea"), "b": ("Sea",), "c": ("Land",)}


async def test_two_collectors_at_once_store_each_post_once(site: Site) -> None:
    paths = tuple(f"/feed{number}" for number in range(4))
    for path in paths:
        site.pages[path] = rss(*(site.item(name) for name in "abcde"), site.item(path[1:]))
    sources = tuple(map(site.source, paths))
    reports = await asyncio.gather(site.collect(*sources), site.collect(*sources))
    assert sum(report.new for report in reports) == 9
    assert [post.seq for post in site.posts()] == list(range(1, 10))


async def test_changing_identifiers_make_no_new_posts(site: Site) -> None:
    for round_ in range(3):
        site.pages["/feed"] = rss(site.item("a").replace(">a</guid>", f">{round_}</guid>"))
        await site.collect(site.source("/feed"))
    assert len(site.posts()) == 1


async def test_a_bad_feed_stops_no_other_and_is_named(site: Site) -> None:
    site.pages["/page"] = b"<html><body>Moved</body></html>"
    site.pages["/feed"] = rss(site.item("a"))
    paths = ("/nowhere", "/page", "/down", "/feed")
    seen: list[str] = []
    async with Fetcher(allow_private=True) as fetcher:
        report = await collect(
            site.database,
            fetcher,
            site.pool,
            tuple(map(site.source, paths)),
            now=NOW,
            on_progress=lambda outcome: seen.append(outcome.url),
        )
    assert [feed.result for feed in report.feeds] == [*[FeedResult.FAILED] * 3, FeedResult.READ]
    reasons = [feed.problems[0] for feed in report.failed]
    assert "HTTP 404" in reasons[0]
    assert "web page" in reasons[1]
    assert "HTTP 500" in reasons[2]
    assert sorted(seen) == sorted(site.server.url_for(path) for path in paths)


class _CountingPool(ParserPool):
    """Counts the feeds that it reads."""

    read = 0

    async def read_feed(self, document: Document, now: datetime) -> ParsedFeed:
        """Read a feed."""
        self.read += 1
        return await super().read_feed(document, now)


async def test_an_unreadable_source_is_reported_each_time_and_tried_once(site: Site) -> None:
    page, feed, down = b"<html><body>Moved</body></html>", rss(), b""
    told = []
    async with _CountingPool(1) as pool:
        site.pool = pool
        for document in (feed, page, page, down, page, feed, page, page):
            site.pages = {"/feed": document} if document else {}
            report = await site.collect(site.source("/feed"))
            told.append((report.feeds[0].problems[:1], pool.read))
        await site.collect(site.source("/feed"), is_forced=True)
    no = (told[1][0][0],)
    assert no[0].startswith("a web page came in its place; it was a feed until 2026-11-23;")
    none = ("HTTP 500; try later",)
    assert [number for _, number in told] == [1, 2, 2, 2, 3, 3, 4, 4]
    assert [problems for problems, _ in told] == [(), no, no, none, no, (), no, no]
    assert pool.read == 5


async def test_a_feed_that_failed_first_still_has_its_backlog_marked(site: Site) -> None:
    await site.collect(site.source("/feed"))
    site.pages["/feed"] = rss(site.item("a"), site.item("old", days=9))
    await site.collect(site.source("/feed"))
    assert [post.title for post in site.posts()] == ["a"]


async def test_comments_come_with_their_post_and_pingbacks_are_known(site: Site) -> None:
    site.pages["/feed"] = rss(site.commented("a", 2))
    site.pages["/a/feed"] = rss(said(2, "[...] as they write [...]", "Quay"), said(1))
    report = await site.collect(site.source("/feed"))
    assert report.new_comments == 2
    (post,) = site.posts()
    assert {comment.kind for comment in site.comments(post)} == {
        CommentKind.COMMENT,
        CommentKind.PINGBACK,
    }
    assert post.has_all_comments


async def test_comments_are_refreshed_though_the_feed_is_unchanged(site: Site) -> None:
    site.pages["/feed"] = rss(site.commented("a", 1))
    site.pages["/a/feed"] = rss(said(1))
    await site.collect(site.source("/feed"))
    site.pages["/a/feed"] = rss(said(2), said(1))
    report = await site.collect(site.source("/feed"))
    assert (report.feeds[0].result, report.new_comments) == (FeedResult.UNCHANGED, 1)
    await site.collect(site.source("/feed"))
    assert site.server.log[-1][1].status_code == 304
    assert len(site.comments(site.posts()[0])) == 2


async def test_a_comment_that_is_taken_down_goes(site: Site) -> None:
    site.pages["/feed"] = rss(site.commented("a", 2))
    site.pages["/a/feed"] = rss(said(2), said(1))
    await site.collect(site.source("/feed"))
    site.pages["/feed"] = rss(site.commented("a", 1))
    site.pages["/a/feed"] = rss(said(2))
    await site.collect(site.source("/feed"))
    assert len(site.comments(site.posts()[0])) == 1


async def test_comments_of_old_posts_are_not_asked_for(site: Site) -> None:
    site.pages["/feed"] = rss(site.commented("a", 1))
    site.pages["/a/feed"] = rss(said(1))
    await site.collect(site.source("/feed"))
    site.asked.clear()
    await site.collect(site.source("/feed"), now=NOW + timedelta(weeks=6))
    assert site.asked == ["/feed"]


async def test_comments_are_read_only_if_configured(site: Site) -> None:
    site.pages["/feed"] = rss(site.commented("a", 1))
    quiet = FeedSource(url=site.server.url_for("/feed"), categories=("Sea",), has_comments=False)
    await site.collect(quiet)
    assert site.asked == ["/feed"]


async def test_a_bad_comment_feed_is_named_and_its_post_stays(site: Site) -> None:
    site.pages["/feed"] = rss(site.commented("a", 1))
    report = await site.collect(site.source("/feed"))
    assert report.feeds[0].result is FeedResult.READ
    assert "/a/feed: HTTP 500" in report.feeds[0].problems[0]
    assert len(site.posts()) == 1


async def test_a_permanent_move_is_reported(site: Site) -> None:
    site.pages |= {"/feed": rss(site.item("a")), "/a": b"no page"}
    reports = [await site.collect(site.source("/old")) for _ in range(3)]
    assert reports[0].new == 1
    assert [report.feeds[0].problems for report in reports[:2]] == [(), ()]
    assert site.server.url_for("/feed") in reports[2].feeds[0].problems[0]


async def test_a_database_that_is_gone_is_the_callers_matter(site: Site, tmp_path: Path) -> None:
    site.pages["/feed"] = rss(site.item("a"))
    site.database = Database(f"sqlite:///{tmp_path / 'none' / 'digest.db'}")
    with pytest.raises(StoreError, match="cannot be opened"):
        await site.collect(site.source("/feed"), site.source("/feed"))


async def test_small_writes_are_stored_together_in_their_order(database: Database) -> None:
    later = Later(database)
    commits, seen = [], []

    def note(connection: Connection, number: int) -> None:
        seen.append(number)
        commits.append(id(connection.get_transaction()))

    for number in range(MOST - 1):
        await later.add(partial(note, number=number))
    assert seen == []
    await later.add(partial(note, number=MOST - 1))
    assert (seen, len(set(commits))) == (list(range(MOST)), 1)
    await later.store()
    assert len(seen) == MOST


async def test_many_failures_and_unchanged_feeds_are_remembered(site: Site) -> None:
    site.pages["/feed"] = rss(site.item("a"))
    sources = (site.source("/feed"), *(site.source(f"/down{n}") for n in range(3)))
    for _ in range(2):
        await site.collect(*sources)
    with site.database.read() as connection:
        health = list_feeds(connection)
    assert [feed.failures for feed in health] == [2, 2, 2, 0]

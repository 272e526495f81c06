"""Collections between which documents and rules change: the stored posts and their categories."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from html import escape

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.models import CollectReport, FeedSource, Post, PostFilter
from digest.pipeline.collect import collect
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from digest.store.engine import Database
from digest.store.posts import last_seq, posts_between
from tests.support.parsed import NOW

pytestmark = pytest.mark.anyio


class FeedSite:
    """A server of feeds that a test changes between two collections."""

    def __init__(self, server: HTTPServer, database: Database, pool: ParserPool) -> None:
        self.server = server
        self.database = database
        self.pool = pool
        self.pages: dict[str, bytes] = {}
        server.expect_request(re.compile("/.*")).respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        """Answer with a document."""
        return Response(self.pages[request.path], content_type="application/rss+xml")

    def source(self, path: str = "/feed", category: str = "Sea") -> FeedSource:
        """Return a feed that files everything under one category."""
        url = self.server.url_for(path)
        return FeedSource(url=url, categories=(category,), has_comments=False)

    async def collect(self, *sources: FeedSource) -> CollectReport:
        """Collect the feeds one after the other."""
        async with Fetcher(allow_private=True) as fetcher:
            return await collect(self.database, fetcher, self.pool, sources, now=NOW, at_once=1)

    def posts(self) -> tuple[Post, ...]:
        """Return the stored posts."""
        with self.database.read() as connection:
            return posts_between(connection, 0, last_seq(connection))

    def filed(self) -> dict[str, tuple[str, ...]]:
        """Return each post's categories, by its title."""
        return {post.title: post.categories for post in self.posts()}


@pytest.fixture
def feed_site(httpserver: HTTPServer, database: Database, parsers: ParserPool) -> FeedSite:
    return FeedSite(httpserver, database, parsers)


def item(title: str, *labels: str, link: str = "", guid: str = "", author: str = "Anna") -> str:
    return (
        f"<item><title>{title}</title><link>{escape(link)}</link>"
        f"<guid isPermaLink='false'>{guid or title}</guid><author>{author}</author>"
        f"<pubDate>{format_datetime(NOW - timedelta(days=1))}</pubDate>"
        + "".join(f"<category>{label}</category>" for label in labels)
        + f"<description>All about {title}, told at length and with care.</description></item>"
    )


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode()


async def test_changed_rules_refile_stored_posts(feed_site: FeedSite) -> None:
    feed_site.pages["/feed"] = rss(item("a", "Ports"), item("b", "Markets"), item("c"))
    await feed_site.collect(feed_site.source())
    assert feed_site.filed() == {"a": ("Sea",), "b": ("Sea",), "c": ("Sea",)}
    mapped = replace(
        feed_site.source(), map=(("ports", ("Security", "Sea")),), categories=("Other",)
    )
    report = await feed_site.collect(mapped)
    assert (report.new, report.changed) == (0, 0)
    assert feed_site.filed() == {"a": ("Sea", "Security"), "b": ("Other",), "c": ("Other",)}


async def test_posts_that_left_the_document_are_refiled_too(feed_site: FeedSite) -> None:
    feed_site.pages["/feed"] = rss(item("old", "Ports"))
    await feed_site.collect(feed_site.source())
    feed_site.pages["/feed"] = rss(item("new", "Ports"))
    await feed_site.collect(replace(feed_site.source(), map=(("Ports", ("Security",)),)))
    assert feed_site.filed() == {"old": ("Security",), "new": ("Security",)}


async def test_an_excluded_post_is_known_and_in_no_category(feed_site: FeedSite) -> None:
    feed_site.pages["/feed"] = rss(item("Sponsored: rum"), item("a"))
    rules = replace(feed_site.source(), exclude=PostFilter(title=("sponsored:*",)))
    report = await feed_site.collect(rules)
    assert report.new == 2
    assert feed_site.filed() == {"Sponsored: rum": (), "a": ("Sea",)}


async def test_another_feed_may_file_what_one_leaves_out(feed_site: FeedSite) -> None:
    other = feed_site.source("/all", "All")
    link = "https://harbour.example/a"
    feed_site.pages = {
        "/feed": rss(item("a", link=link)),
        "/all": rss(item("a", link=link, guid="x")),
    }
    none = replace(feed_site.source(), exclude=PostFilter(author=("Anna",)))
    await feed_site.collect(none, other)
    assert feed_site.filed() == {"a": ("All",)}
    await feed_site.collect(feed_site.source(), replace(other, categories=("Every",)))
    assert feed_site.filed() == {"a": ("Every", "Sea")}


async def test_a_post_is_refiled_when_its_feed_changes_its_labels(feed_site: FeedSite) -> None:
    rules = replace(feed_site.source(), map=(("Ports", ("Security",)),))
    feed_site.pages["/feed"] = rss(item("a"))
    await feed_site.collect(rules)
    feed_site.pages["/feed"] = rss(item("a", "Ports"))
    await feed_site.collect(rules)
    assert feed_site.filed() == {"a": ("Security",)}


async def test_a_feed_that_renames_its_posts_each_time_brings_each_once(
    feed_site: FeedSite,
) -> None:
    for fetch in range(10):
        names = [f"post {number}" for number in range(fetch, fetch + 5)]
        feed_site.pages["/feed"] = rss(
            *(
                item(name, link=f"https://harbour.example/{name}", guid=f"{name}@{fetch}")
                for name in names[::-1]
            )
        )
        await feed_site.collect(feed_site.source())
    assert sorted(post.title for post in feed_site.posts()) == sorted(
        f"post {n}" for n in range(14)
    )


SPELLINGS = (
    "http://harbour.example/the%2Dship",
    "https://www.harbour.example/the-ship/",
    "https://harbour.example:443/the-ship?utm_source=rss&utm_medium=feed",
    "https://HARBOUR.example/the-ship/index.html#comments",
    "https://m.harbour.example/the-ship?fbclid=x",
    "https://harbour.example/the-ship/amp/",
)


async def test_six_feeds_with_six_spellings_bring_one_post_with_six_categories(
    feed_site: FeedSite,
) -> None:
    for number, link in enumerate(SPELLINGS):
        feed_site.pages[f"/{number}"] = rss(item("The ship", link=link, guid=str(number)))
    sources = [feed_site.source(f"/{number}", f"Part {number}") for number in range(len(SPELLINGS))]
    report = await feed_site.collect(*sources)
    assert report.new == 1
    assert feed_site.filed() == {"The ship": tuple(f"Part {number}" for number in range(6))}


async def test_two_threads_of_one_day_stay_two(feed_site: FeedSite) -> None:
    for number in "12":
        feed_site.pages["/feed"] = rss(
            item("Open thread", link="https://harbour.example/", guid=number)
            .replace("All about", f"Thread {number} about")
            .replace(":00:00 ", f":0{number}:00 ")
        )
        await feed_site.collect(feed_site.source())
    assert len(feed_site.posts()) == 2


async def test_titles_without_links_are_stored_once(feed_site: FeedSite) -> None:
    bare = item("Low water at six").replace("<guid isPermaLink='false'>Low water at six</guid>", "")
    for count in range(1, 4):
        feed_site.pages["/feed"] = rss(*(item(f"other {number}") for number in range(count)), bare)
        await feed_site.collect(feed_site.source())
    assert [post.title for post in feed_site.posts()].count("Low water at six") == 1

"""A site with comments: feeds, pages, comment feeds and the REST interface."""

# ruff: noqa: ARG002 - a double takes what the real one takes
from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.models import (
    CollectReport,
    Comment,
    CommentKind,
    Document,
    FeedSource,
    FoundFeed,
    ParsedComment,
    ParsedComments,
    ParsedFeed,
    ParsedPage,
    Post,
)
from digest.pipeline.collect import collect
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from digest.store.comments import comments_of
from digest.store.engine import Database
from digest.store.posts import last_seq, posts_between
from tests.support.parsed import NOW, parsed_page

_SPACES = (
    "xmlns:wfw='http://wellformedweb.org/CommentAPI/'"
    " xmlns:slash='http://purl.org/rss/1.0/modules/slash/'"
)


class PlainPages:
    """The real readers, except for pages, which are JSON of `ParsedPage`'s fields."""

    def __init__(self, pool: ParserPool) -> None:
        self._pool = pool
        #: Documents read, by kind.
        self.read: Counter[str] = Counter()

    async def read_feed(self, document: Document, now: datetime) -> ParsedFeed:
        self.read["feed"] += 1
        return await self._pool.read_feed(document, now)

    async def read_comments(self, document: Document, now: datetime) -> ParsedComments:
        self.read["comments"] += 1
        return await self._pool.read_comments(document, now)

    async def read_rest(self, document: Document, now: datetime) -> ParsedComments:
        self.read["rest"] += 1
        return await self._pool.read_rest(document, now)

    async def read_system(self, document: Document, now: datetime) -> ParsedComments:
        self.read["system"] += 1
        return await self._pool.read_system(document, now)

    async def read_page(
        self,
        document: Document,
        now: datetime,
        *,
        wants_article: bool = True,
    ) -> ParsedPage:
        self.read["page"] += 1
        told = json.loads(document.body)
        listed = ParsedComments(
            comments=tuple(map(_shown, told.pop("shown", ()))),
            is_complete=told.pop("is_complete", None),
            next_url=told.pop("next_url", ""),
        )
        feeds = tuple(
            FoundFeed(url=each, title="", format="rss", is_comments=True)
            for each in told.pop("feeds", ())
        )
        return parsed_page(document.url, comments=listed, feeds=feeds, **told)


def _shown(written: str) -> ParsedComment:
    """Read `12 Words.`, or `13>12 Words.` for an answer."""
    name, _, text = written.partition(" ")
    number, _, parent = name.partition(">")
    return ParsedComment(
        external_id=f"comment-{number}",
        parent_id=f"comment-{parent}" if parent else "",
        author="Anna",
        posted_at=None,
        text=text,
        kind=CommentKind.COMMENT,
    )


@dataclass
class TalkingSite:
    """The content of the site, changed by a test between two collections."""

    server: HTTPServer
    database: Database
    pool: PlainPages
    pages: dict[str, bytes] = field(default_factory=dict)
    #: Status of a path that is refused.
    refused: dict[str, int] = field(default_factory=dict)
    #: Comments of the REST interface: number, and number of what it answers.
    rest: dict[int, int] = field(default_factory=dict)
    rest_words: str = "Words."
    types: dict[str, str] = field(default_factory=dict)
    #: Whether pages are counted by `X-WP-TotalPages` alone.
    without_links: bool = False

    def url(self, path: str) -> str:
        return str(self.server.url_for(path))

    @property
    def rest_url(self) -> str:
        return self.url("/wp-json/wp/v2/comments?post=1&per_page=100")

    def asked(self) -> Counter[str]:
        """Return the counts of requests, and reset them."""
        found = Counter(request.path for request, _ in self.server.log)
        self.server.clear_log()
        return found

    # --- its content ------------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        """Answer a request, with 304 if the client has the document already."""
        if request.path in self.refused:
            return Response(status=self.refused[request.path])
        if request.path == "/wp-json/wp/v2/comments":
            return self._answer_rest(request)
        if request.path not in self.pages:
            return Response(status=404)
        is_page = self.pages[request.path].startswith(b"{")
        usual = "text/html" if is_page else "application/rss+xml"
        content_type = self.types.get(request.path, usual)
        response = Response(self.pages[request.path], content_type=content_type)
        response.add_etag()
        return response.make_conditional(request)

    def _answer_rest(self, request: Request) -> Response:
        size, page = int(request.args["per_page"]), int(request.args.get("page", "1"))
        numbers = sorted(self.rest)
        here = numbers[(page - 1) * size : page * size]
        response = Response(json.dumps(list(map(self._rest_comment, here))))
        total = -(-len(numbers) // size)
        response.headers["X-WP-TotalPages"] = str(total)
        if page < total and not self.without_links:
            next_url = f"{request.base_url}?post=1&per_page={size}&page={page + 1}"
            response.headers["Link"] = f'<{next_url}>; rel="next"'
        return response

    def _rest_comment(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "parent": self.rest[number],
            "author_name": "Anna",
            "date_gmt": "2026-11-22T08:00:00",
            "content": {"rendered": f"<p>{self.rest_words}</p>"},
            "link": f"{self.url('/a')}#comment-{number}",
        }

    def set_feed(self, *names: str, words: str = "Words.", more: str = "") -> None:
        """Set the feed's posts, all of yesterday."""
        self.pages["/feed"] = _rss(*(self._item(name, words, more) for name in names))

    def _item(self, name: str, words: str, more: str) -> str:
        date = format_datetime(NOW - timedelta(days=1))
        return (
            f"<item><title>The crane at {name}</title><link>{self.url('/')}{name}</link>"
            f"<guid isPermaLink='false'>{name}</guid><pubDate>{date}</pubDate>"
            f"<description><![CDATA[{words}]]></description>{more}</item>"
        )

    def commented(self, count: int | None, path: str = "/a/feed") -> str:
        """Return a feed's data about a post's comments."""
        counted = "" if count is None else f"<slash:comments>{count}</slash:comments>"
        named = f"<wfw:commentRss>{self.url(path)}</wfw:commentRss>" if path else ""
        return named + counted

    def set_page(self, name: str, **told: Any) -> None:
        """Set the data of a post's page."""
        self.pages[f"/{name}"] = json.dumps(told).encode()

    def set_comments(self, name: str, *numbers: int, words: str = "Words.") -> None:
        """Set the comments of a comment feed."""
        items = (
            f"<item><title>By: Anna</title><guid>{self.url('/a')}#comment-{number}</guid>"
            f"<description>{words}</description></item>"
            for number in numbers
        )
        self.pages[f"/{name}/feed"] = _rss(*items)

    # --- its collection ---------------------------------------------------------------------------

    async def collect(self, now: datetime = NOW, **source: Any) -> CollectReport:
        """Read its feed."""
        feed = FeedSource(url=self.url("/feed"), categories=("Sea",), **source)
        async with Fetcher(allow_private=True) as fetcher:
            return await collect(self.database, fetcher, self.pool, (feed,), now=now)

    def posts(self) -> tuple[Post, ...]:
        """Return its posts as stored."""
        with self.database.read() as connection:
            return posts_between(connection, 0, last_seq(connection))

    def comments(self) -> tuple[Comment, ...]:
        """Return the comments of its first post as stored."""
        (post, *_) = self.posts()
        with self.database.read() as connection:
            return comments_of(connection, [post.id]).get(post.id, ())

    def texts(self) -> list[str]:
        """Return their texts."""
        return sorted(comment.text for comment in self.comments())


def _rss(*items: str) -> bytes:
    return f"<rss version='2.0' {_SPACES}><channel>{''.join(items)}</channel></rss>".encode()

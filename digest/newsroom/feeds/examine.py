"""Everything that can be seen of one address: how it answers, and what would be made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.errors import FeedError
from digest.models import (
    Change,
    FeedSource,
    Fetched,
    FoundFeed,
    Manners,
    ParsedFeed,
    ParsedPost,
    PostUpdate,
    Validators,
)
from digest.newsroom.context import RunContext
from digest.newsroom.feeds.addresses import feed_key
from digest.newsroom.feeds.sighting import comments_on_page
from digest.readers.parsing.pool import ParserPool
from digest.readers.posts.entries import entries_of
from digest.readers.posts.explain import count_words, is_stub, told_encoding, why_no_date
from digest.readers.posts.identity import KnownPosts
from digest.readers.posts.intake import decide, problems_of
from digest.readers.web.fetch import Fetcher
from digest.store.feed_counts import feed_id_of
from digest.store.known_posts import known_posts

#: Comment feeds of a page that are read.
MAX_COMMENT_FEEDS = 2

#: From a document to what intake decides about it.
Intake = Callable[[ParsedFeed], tuple[PostUpdate, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostReport:
    """One post as it was read."""

    title: str
    url: str
    guid: str
    date_raw: str
    date: datetime | None
    #: Why the date is not believed; empty where it is.
    date_problem: str
    author: str
    feed_categories: tuple[str, ...]
    image_url: str
    summary_words: int
    content_words: int
    #: Whether it is no more than the beginning of the post.
    is_stub: bool
    #: None where the feed does not tell.
    comment_count: int | None
    comment_feed_url: str
    #: What `digest collect` would do with it.
    intake: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One address, looked at."""

    url: str
    #: Where the document came from, redirects followed.
    final_url: str
    #: Where permanent redirects alone led; empty without one.
    moved_to: str
    status: int
    content_type: str
    bytes: int
    etag: str
    last_modified: str
    #: As named by the server and the document.
    encoding: str
    #: `feed` or `page`.
    kind: str
    title: str
    #: Of a feed; empty for a page.
    format: str = ""
    language: str = ""
    manners: Manners = Manners()  # noqa: RUF009 - frozen
    posts: tuple[PostReport, ...] = ()
    problems: tuple[str, ...] = ()
    #: Of a page: the feeds it leads to.
    feeds: tuple[FoundFeed, ...] = ()
    category_feeds: tuple[FoundFeed, ...] = ()
    #: Of a page: where its comments are, and how many were read there.
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One address, looked at, and the feed of the configuration that it is."""

    seen: Examination
    #: None if it is not configured.
    source: FeedSource | None


async def examine(context: RunContext, url: str) -> Examined:
    """Read an address and report what was seen; nothing is stored.

    The posts of a configured feed are compared with those that are stored.

    Args:
        context: the installation.
        url: a feed's or a page's, absolute.

    Raises:
        FeedError: it cannot be fetched, or is neither a feed nor a page.
        StoreError: the database cannot serve.
    """
    now, key = context.clock(), feed_key(url)
    source = next((each for each in context.sources if feed_key(each.url) == key), None)
    intake = _intake(context, source, now)
    async with context.open_fetcher() as fetcher, ParserPool() as pool:
        seen = await _examine(fetcher, pool, source.url if source else url, intake, now)
    return Examined(seen=seen, source=source)


def _intake(context: RunContext, source: FeedSource | None, now: datetime) -> Intake:
    """Return intake with what is stored of a configured feed, else as of a new one."""
    if source is None or not context.unopened_database().exists():
        return _as_new(now)
    with context.database.read() as connection:
        feed_id = feed_id_of(connection, source.url)
    if feed_id is None:
        return _as_new(now)

    def decide_now(parsed: ParsedFeed) -> tuple[PostUpdate, ...]:
        entries = entries_of(parsed.posts)
        guids, keys = [each.post.guid for each in entries], [each.key for each in entries]
        with context.database.read() as connection:
            known = KnownPosts(known_posts(connection, feed_id, guids, keys))
        return decide(entries, known, is_first_read=False, now=now)

    return decide_now


def _as_new(now: datetime) -> Intake:
    """Return intake as it would be for a feed that was never read."""
    return lambda parsed: decide(
        entries_of(parsed.posts), KnownPosts(()), is_first_read=True, now=now
    )


async def _examine(
    fetcher: Fetcher, pool: ParserPool, url: str, intake: Intake, now: datetime
) -> Examination:
    fetched = await fetcher.get(url, Validators())
    try:
        parsed = await pool.read_feed(fetched.document, now)
    except FeedError as error:
        return await _examine_page(fetcher, pool, url, fetched, error, now)
    updates = {id(update.parsed): update for update in intake(parsed)}
    return _examination(
        url,
        fetched,
        kind="feed",
        title=parsed.title,
        format=parsed.format,
        language=parsed.language,
        manners=parsed.manners,
        posts=tuple(_report(post, updates.get(id(post)), now) for post in parsed.posts),
        problems=problems_of(parsed),
    )


async def _examine_page(
    fetcher: Fetcher,
    pool: ParserPool,
    url: str,
    fetched: Fetched,
    error: FeedError,
    now: datetime,
) -> Examination:
    if b"<" not in fetched.body or fetched.body.lstrip()[:5] in (b"<?xml", b"<rss "):
        raise error
    page = await pool.read_page(fetched.document, now)
    comments = [line for line in comments_on_page(page) if not line.startswith("feed ")]
    named = [feed.url for feed in page.feeds if feed.is_comments]
    counted = [
        await _count_comments(fetcher, pool, url, comment_url, now)
        for comment_url in named[:MAX_COMMENT_FEEDS]
    ]
    return _examination(
        url,
        fetched,
        kind="page",
        title=page.title,
        feeds=page.feeds,
        category_feeds=page.category_feeds,
        comments=(*comments, *counted),
    )


async def _count_comments(
    fetcher: Fetcher, pool: ParserPool, url: str, comment_url: str, now: datetime
) -> str:
    try:
        fetched = await fetcher.get(comment_url, Validators(), named_by=url)
        listed = await pool.read_comments(fetched.document, now)
    except FeedError as error:
        return f"feed {comment_url}: {error.reason}"
    kinds = [comment.kind.value for comment in listed.comments]
    counts = ", ".join(f"{kinds.count(kind)} {kind}s" for kind in dict.fromkeys(kinds))
    return f"feed {comment_url}: {counts or 'no comments'}"


def _examination(url: str, fetched: Fetched, **seen: Any) -> Examination:
    return Examination(
        url=url,
        final_url=fetched.url,
        moved_to=fetched.moved_to,
        status=fetched.status,
        content_type=fetched.content_type,
        bytes=len(fetched.body),
        etag=fetched.validators.etag,
        last_modified=fetched.validators.last_modified,
        encoding=told_encoding(fetched.body, fetched.content_type),
        **seen,
    )


def _report(post: ParsedPost, update: PostUpdate | None, now: datetime) -> PostReport:
    return PostReport(
        title=post.title,
        url=post.url,
        guid=post.guid,
        date_raw=post.published_raw,
        date=post.published_at,
        date_problem="" if post.published_at else why_no_date(post.published_raw, now=now),
        author=post.author,
        feed_categories=post.feed_categories,
        image_url=post.image_url,
        summary_words=count_words(post.summary_html),
        content_words=count_words(post.content_html),
        is_stub=is_stub(post),
        comment_count=post.comment_count,
        comment_feed_url=post.comment_feed_url,
        intake=_told(post, update),
    )


def _told(post: ParsedPost, update: PostUpdate | None) -> str:
    """Say what would be done with a post; None: intake has not taken it."""
    if update is None:
        is_usable = post.url or post.title
        return "skipped: stands in it twice" if is_usable else "skipped: neither link nor title"
    if update.change is not Change.NEW:
        return f"{update.change}"
    return "new, mailed" if update.is_mailable else f"new, not mailed: {update.reason}"

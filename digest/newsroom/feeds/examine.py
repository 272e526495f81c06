"""Examines one address: the server's answer, the content, and the effect of collecting it."""

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
from digest.pipeline.collect.known import known_of, read_history
from digest.readers.pages import fulltext
from digest.readers.parsing.pool import ParserPool
from digest.readers.posts.entries import UNUSABLE, entries_of, is_usable
from digest.readers.posts.explain import count_words, is_stub, told_encoding, why_no_date
from digest.readers.posts.identity import KnownPosts
from digest.readers.posts.intake import decide, link_to_site, problems_of
from digest.readers.web.fetch import Fetcher
from digest.store.feed_counts import feed_id_of
from digest.text.counted import counted

#: The limit of comment feeds of a page that are read.
MAX_COMMENT_FEEDS = 2

#: Returns the decisions of intake about a parsed feed.
Intake = Callable[[ParsedFeed], tuple[PostUpdate, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostReport:
    """One post of an examined feed."""

    title: str
    url: str
    guid: str
    date_raw: str
    date: datetime | None
    #: Why the date is not believed; empty if it is believed.
    date_problem: str
    author: str
    feed_categories: tuple[str, ...]
    image_url: str
    summary_words: int
    content_words: int
    #: Whether the feed has only the beginning of the post.
    is_stub: bool
    #: Number of comments according to the feed; None if it has no number.
    comment_count: int | None
    comment_feed_url: str
    #: What `digest collect` would do with the post.
    intake: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The facts about one address."""

    url: str
    #: Address of the document after all redirects.
    final_url: str
    #: Address to which the permanent redirects led; empty if there was none.
    moved_to: str
    status: int
    content_type: str
    bytes: int
    etag: str
    last_modified: str
    #: Encoding that the server or the document names; empty if none does.
    encoding: str
    #: `feed` or `page`.
    kind: str
    title: str
    #: Format of the feed, such as `rss20`; empty for a page.
    format: str = ""
    language: str = ""
    manners: Manners = Manners()  # noqa: RUF009 - frozen
    posts: tuple[PostReport, ...] = ()
    problems: tuple[str, ...] = ()
    #: The feeds that a page names; empty for a feed.
    feeds: tuple[FoundFeed, ...] = ()
    category_feeds: tuple[FoundFeed, ...] = ()
    #: The comment sources of a page with the number of comments read, or those of a feed's newest
    #: post, one line each.
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The facts about one address, and its feed in the configuration."""

    seen: Examination
    #: None if the feed is not configured.
    source: FeedSource | None


async def examine(context: RunContext, url: str) -> Examined:
    """Read an address and return the facts about it; nothing is stored.

    The posts of a configured feed are compared with its stored posts.

    Args:
        context: the installation's context.
        url: the absolute address of a feed or a page.

    Raises:
        FeedError: the address cannot be fetched, or is neither a feed nor a page.
        StoreError: the database cannot be used.
    """
    now, key = context.clock(), feed_key(url)
    source = next((each for each in context.sources if feed_key(each.url) == key), None)
    intake = _intake(context, source, now)
    async with context.open_fetcher() as fetcher, ParserPool() as pool:
        seen = await _examine(fetcher, pool, source.url if source else url, intake, now)
    return Examined(seen=seen, source=source)


def _intake(context: RunContext, source: FeedSource | None, now: datetime) -> Intake:
    """Return intake with the stored posts of a configured feed, else as for a new feed."""
    if source is None or not context.unopened_database().exists():
        return _as_new(now)
    with context.database.read() as connection:
        feed_id = feed_id_of(connection, source.url)
    if feed_id is None:
        return _as_new(now)

    def decide_now(parsed: ParsedFeed) -> tuple[PostUpdate, ...]:
        entries = entries_of(parsed.posts)
        with context.database.read() as connection:
            known = known_of(connection, feed_id, entries)
            history = read_history(connection, feed_id, now=now)
        return decide(
            entries,
            known,
            is_first_read=False,
            now=now,
            history=history,
            max_age=source.max_post_age,
        )

    return decide_now


def _as_new(now: datetime) -> Intake:
    """Return intake as for a feed that was never read."""
    return lambda parsed: decide(
        entries_of(parsed.posts), KnownPosts(()), is_first_read=True, now=now
    )


async def _examine(
    fetcher: Fetcher, pool: ParserPool, url: str, intake: Intake, now: datetime
) -> Examination:
    fetched = await fetcher.get(url, Validators())
    try:
        parsed = link_to_site(await pool.read_feed(fetched.document, now))
    except FeedError as error:
        return await _examine_page(fetcher, pool, url, fetched, error, now)
    updates = {id(update.parsed): update for update in intake(parsed)}
    comments, failed = await _comments_of_newest(fetcher, pool, url, parsed, now)
    return _examination(
        url,
        fetched,
        kind="feed",
        title=parsed.title,
        format=parsed.format,
        language=parsed.language,
        manners=parsed.manners,
        posts=tuple(_report(post, updates.get(id(post)), now) for post in parsed.posts),
        problems=(*problems_of(parsed), *failed, *_missing_extra(parsed)),
        comments=comments,
    )


def _missing_extra(parsed: ParsedFeed) -> tuple[str, ...]:
    """Return what to install if the articles are to be read from their pages."""
    stubs = sum(map(is_stub, parsed.posts))
    if not stubs or fulltext.is_available():
        return ()
    return (
        f"{stubs} of {counted(len(parsed.posts), 'post')} have only their beginning; to read the"
        " rest from their pages: pip install 'inbox-digest[fulltext]'",
    )


async def _comments_of_newest(
    fetcher: Fetcher, pool: ParserPool, url: str, parsed: ParsedFeed, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the comment sources that the newest post's page names, and why it cannot be read.

    The page is not asked for if the feed names comment feeds.
    """
    linked = next((post.url for post in parsed.posts if post.url), "")
    if any(post.comment_feed_url for post in parsed.posts) or not linked:
        return (), ()
    try:
        fetched = await fetcher.get(linked, Validators(), named_by=url)
        page = await pool.read_page(fetched.document, now, wants_article=False)
    except FeedError as error:
        return (), (f"its newest post: {error.reason}",)
    return tuple(f"the newest post's page: {line}" for line in comments_on_page(page)), ()


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
    numbers = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    counts = ", ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in numbers.items())
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
        intake=_describe_intake(post, update),
    )


def _describe_intake(post: ParsedPost, update: PostUpdate | None) -> str:
    """Return what intake would do with a post; `update` is None if intake skipped it."""
    if update is None:
        return "skipped: twice in the feed" if is_usable(post) else f"skipped: {UNUSABLE}"
    if update.change is not Change.NEW:
        return f"{update.change}"
    return "new, mailed" if update.is_mailable else f"new, not mailed: {update.reason}"

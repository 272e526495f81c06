"""Changes the configured feeds at the desk, reads one now, and shows one with its posts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from digest.errors import NothingToDo, Refused, UsageError
from digest.models import Actor, FeedOutcome, FeedPost, FeedSource, NewFeed
from digest.newsroom.audit import record
from digest.newsroom.collect import record_collection
from digest.newsroom.context import RunContext
from digest.newsroom.feeds.addresses import feed_name, typed_categories, typed_url
from digest.newsroom.feeds.file import ReadList
from digest.newsroom.feeds.health import FeedReport, report_feeds
from digest.store.feed_counts import feed_id_of
from digest.store.feed_posts import newest_posts
from digest.text.durations import duration_text

#: Posts on a feed's page.
MOST_POSTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """One feed of the configuration file."""

    #: For the address of its page.
    name: str
    report: FeedReport


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One feed with its newest posts."""

    name: str
    source: FeedSource
    report: FeedReport
    #: How often it is read, and the age of the oldest post that is mailed, as the configuration
    #: writes them; the latter is empty without a limit.
    interval: str
    max_post_age: str
    #: Newest first.
    posts: tuple[FeedPost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Feeds that were added to the configuration."""

    feeds: tuple[NewFeed, ...]
    #: What is left to do, one line each.
    warnings: tuple[str, ...]


def list_feeds(context: RunContext) -> tuple[ListedFeed, ...]:
    """Return the feeds of the file as it is now.

    Raises:
        ConfigError: the file cannot be used.
        StoreError: the database cannot be used.
    """
    sources = context.feed_file.sources
    reports = report_feeds(context.database, sources, now=context.clock(), with_sources=False)
    return tuple(ListedFeed(name=feed_name(each.url), report=each) for each in reports)


def show_feed(context: RunContext, name: str) -> FeedPage | None:
    """Return a feed's page; None if the file has no feed of that name.

    Raises:
        ConfigError: the file cannot be used.
        StoreError: the database cannot be used.
    """
    source = _find(context.feed_file.sources, name)
    if source is None:
        return None
    (report,) = report_feeds(context.database, (source,), now=context.clock(), with_sources=False)
    with context.database.read() as connection:
        feed_id = feed_id_of(connection, source.url)
        found = newest_posts(connection, feed_id, most=MOST_POSTS) if feed_id else ()
    return FeedPage(
        name=name,
        source=source,
        report=report,
        interval=duration_text(source.interval),
        max_post_age=duration_text(source.max_post_age) if source.max_post_age else "",
        posts=found,
    )


def has_feed(context: RunContext, name: str) -> bool:
    """Return whether the file has a feed of that name.

    Raises:
        ConfigError: the file cannot be used.
    """
    return _find(context.feed_file.sources, name) is not None


async def try_now(context: RunContext, name: str, *, by: Actor) -> FeedOutcome:
    """Read one feed now, also if it is gone or its server asked for a pause; store what is new.

    Raises:
        NothingToDo: the file has no such feed.
        ConfigError: the file cannot be used.
        StoreError: the database cannot be used.
    """
    source = _known(context.feed_file.sources, name)
    report = await context.read_feeds((source,), context.clock(), is_forced=True)
    context.observer.collected(report)
    await asyncio.to_thread(record_collection, context, report, by=by)
    return report.feeds[0]


def add(
    context: RunContext, url: str, categories: Sequence[str], *, section: str = "", by: Actor
) -> Added:
    """Add a feed to the configuration file.

    Args:
        context: the installation's context.
        url: the address of the feed.
        categories: the categories of its posts.
        section: the newsletter to add the categories to; empty: none.
        by: the actor.

    Raises:
        UsageError: the address or a category is not valid, or the newsletter does not exist.
        NothingToDo: the feed is in the file already.
        Refused: the file cannot be written; the message has the lines to add.
        ConfigError: the resulting file would have an error; nothing was written.
    """
    names = typed_categories([name for name in categories if name.strip()])
    if not names:
        raise UsageError("category: must not be empty; give a name")
    wanted = NewFeed(url=typed_url(url), categories=names)
    file = context.feed_file
    file.check_section(section)
    if file.has(wanted.url):
        raise NothingToDo(f"feed {wanted.url}: already in {file.path}")
    return _add(context, (wanted,), section, by)


def add_list(context: RunContext, listed: ReadList, *, section: str = "", by: Actor) -> Added:
    """Add the new feeds of an OPML list to the configuration file; raises the errors of `add`."""
    file = context.feed_file
    new = tuple(feed for feed in listed.new if feed.categories and not file.has(feed.url))
    if not new:
        raise NothingToDo("the list has no feed that could be added")
    return _add(context, new, section, by)


def remove(context: RunContext, name: str, *, by: Actor) -> str:
    """Remove a feed from the configuration file; its posts stay. Return its address.

    Raises:
        NothingToDo: the file has no such feed.
        Refused: the file cannot be written.
        ConfigError: the resulting file would have an error; nothing was written.
    """
    file = context.feed_file
    url = _known(file.sources, name).url
    written = file.remove(url)
    if written.problem:
        raise Refused(f"{written.problem}; remove its [[feeds]] table there")
    _finish(context, "remove feed", url, by)
    return url


def read_opml(
    context: RunContext, body: bytes, name: str, categories: Sequence[str] = ()
) -> ReadList:
    """Read an OPML list of feeds, without adding any.

    Raises:
        UsageError: the document is not OPML.
        ConfigError: the configuration file cannot be used.
    """
    return context.feed_file.read_opml(body, name, typed_categories(categories))


def _add(context: RunContext, feeds: tuple[NewFeed, ...], section: str, by: Actor) -> Added:
    file = context.feed_file
    file.check_section(section)
    written = file.add(feeds, section=section, is_dry=False)
    if written.problem:
        raise Refused(f"{written.problem}; add these lines to it:\n{written.lines}")
    _finish(context, "add feed", " ".join(feed.url for feed in feeds), by)
    return Added(feeds=feeds, warnings=file.warnings(feeds, section))


def _finish(context: RunContext, action: str, urls: str, by: Actor) -> None:
    """Store the audit row after the change of the file, and let the process use it."""
    with context.database.write() as connection:
        record(context, connection, by, action, detail=urls[:1000])
    context.has_edited_file()


def _find(sources: Sequence[FeedSource], name: str) -> FeedSource | None:
    return next((each for each in sources if feed_name(each.url) == name), None)


def _known(sources: Sequence[FeedSource], name: str) -> FeedSource:
    found = _find(sources, name)
    if found is None:
        raise NothingToDo("this feed is not in the configuration any more")
    return found

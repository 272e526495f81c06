"""Finds the feeds of an address: the address itself, those its page names, usual addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from digest.errors import FeedError
from digest.models import Fetched, FoundFeed, ParsedFeed, ParsedPage, Validators
from digest.newsroom.context import RunContext
from digest.newsroom.feeds.sighting import (
    Scouting,
    Sighting,
    Tried,
    comments_on_page,
    content_key,
    is_of_comments,
    sighting_of,
)
from digest.readers.pages.discover import guess_feeds
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher

#: The limits of feeds that a page names and of feeds of its categories that are fetched.
MAX_NAMED = 12
MAX_CATEGORIES = 8
#: Addresses that are fetched at once: they are all on one site.
AT_ONCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A feed that was read."""

    found: FoundFeed
    fetched: Fetched
    parsed: ParsedFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scout:
    """The fetcher and the parsers for one address."""

    fetcher: Fetcher
    pool: ParserPool
    #: The address that was given; its port is allowed for the feeds that it names.
    url: str
    now: datetime

    async def get(self, url: str) -> Fetched:
        return await self.fetcher.get(url, Validators(), named_by=self.url)

    async def read_feed(self, fetched: Fetched) -> ParsedFeed:
        return await self.pool.read_feed(fetched.document, self.now)

    async def read_page(self, fetched: Fetched) -> ParsedPage:
        return await self.pool.read_page(fetched.document, self.now)


async def find(context: RunContext, url: str) -> Scouting:
    """Find and read the feeds of an address; addresses that cannot be read are in the report.

    Args:
        context: the installation's context.
        url: the absolute address of a feed or a page.
    """
    async with context.open_fetcher() as fetcher, ParserPool() as pool:
        return await find_feeds(fetcher, pool, url, now=context.clock())


async def find_feeds(fetcher: Fetcher, pool: ParserPool, url: str, *, now: datetime) -> Scouting:
    """Do the work of `find` with an open fetcher and open parsers.

    Args:
        fetcher: an open fetcher.
        pool: an open parser pool.
        url: the absolute address of a feed or a page.
        now: the time; later dates in feeds are not believed.
    """
    scout = _Scout(fetcher=fetcher, pool=pool, url=url, now=now)
    try:
        fetched = await scout.get(url)
    except FeedError as error:
        return Scouting(url=url, is_feed=False, tried=(Tried(url=url, reason=error.reason),))
    own = FoundFeed(url=url, title="", format="")
    try:
        parsed = await scout.read_feed(fetched)
    except FeedError as error:
        return await _behind_page(scout, fetched, Tried(url=url, reason=error.reason))
    first = _sighting(_Read(found=own, fetched=fetched, parsed=parsed))
    return Scouting(url=url, is_feed=True, found=(await _with_comments(scout, first, parsed),))


async def _behind_page(scout: _Scout, fetched: Fetched, tried: Tried) -> Scouting:
    """Read the feeds that a page names; if none can be read, try usual addresses."""
    try:
        page = await scout.read_page(fetched)
    except FeedError as error:
        why = (tried, Tried(url=scout.url, reason=error.reason))
        return Scouting(url=scout.url, is_feed=False, tried=why)
    named = [feed for feed in page.feeds if not feed.is_comments][:MAX_NAMED]
    wanted = (*named, *page.category_feeds[:MAX_CATEGORIES])
    read, failed = await _read_all(scout, wanted)
    if not read:
        asked = {feed.url for feed in wanted}
        guesses = (url for url in guess_feeds(fetched.url) if url not in asked)
        read, more = await _read_all(
            scout, (FoundFeed(url=url, title="", format="") for url in guesses)
        )
        failed += more
    found = [_sighting(each) for each in read]
    if read:
        found[0] = await _with_comments(scout, found[0], read[0].parsed)
    return Scouting(
        url=scout.url,
        is_feed=False,
        found=tuple(found),
        comment_feeds=tuple(feed for feed in page.feeds if feed.is_comments),
        tried=(tried, *failed),
    )


async def _read_all(
    scout: _Scout, feeds: Iterable[FoundFeed]
) -> tuple[list[_Read], tuple[Tried, ...]]:
    """Read feeds, some at once; of feeds with the same posts, return the first."""
    slots = asyncio.Semaphore(AT_ONCE)
    unique = {feed.url: feed for feed in reversed(tuple(feeds))}
    results = await asyncio.gather(
        *(_try(scout, feed, slots) for feed in reversed(unique.values()))
    )
    read: dict[frozenset[str], _Read] = {}
    failed = []
    for result in results:
        if isinstance(result, Tried):
            failed.append(result)
            continue
        key = content_key(result.parsed) or frozenset((result.fetched.url,))
        first = read.setdefault(key, result)
        if first is not result:
            reason = f"has the same posts as {first.found.url}"
            failed.append(Tried(url=result.found.url, reason=reason))
    return list(read.values()), tuple(failed)


async def _try(scout: _Scout, feed: FoundFeed, slots: asyncio.Semaphore) -> _Read | Tried:
    async with slots:
        try:
            fetched = await scout.get(feed.url)
            parsed = await scout.read_feed(fetched)
        except FeedError as error:
            return Tried(url=feed.url, reason=error.reason)
    if is_of_comments(parsed, feed.url):
        return Tried(url=feed.url, reason="lists comments, not posts")
    return _Read(found=feed, fetched=fetched, parsed=parsed)


async def _with_comments(scout: _Scout, seen: Sighting, parsed: ParsedFeed) -> Sighting:
    """Add the comment sources of the newest post's page if the feed names no comment feeds."""
    linked = next((post.url for post in parsed.posts if post.url), "")
    if any(post.comment_feed_url for post in parsed.posts) or not linked:
        return seen
    try:
        page = await scout.read_page(await scout.get(linked))
    except FeedError as error:
        return replace(seen, problems=(*seen.problems, f"its newest post: {error.reason}"))
    places = comments_on_page(page)
    found = (seen.comments, f"the newest post's page: {', '.join(places)}" if places else "")
    return replace(seen, comments="; ".join(filter(None, found)))


def _sighting(read: _Read) -> Sighting:
    return sighting_of(
        read.found.url, read.parsed, found=read.found, moved_to=read.fetched.moved_to
    )

"""Reads the older pages of a feed whose document does not reach back to a known post."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from digest.errors import FeedError
from digest.models import FeedSource, Fetched, ParsedFeed, ParsedPost, Validators
from digest.pipeline.collect.context import CollectContext
from digest.pipeline.collect.known import known_of, read_history
from digest.readers.posts.entries import entries_of
from digest.readers.posts.gaps import reaches_back
from digest.readers.posts.intake import link_to_site
from digest.readers.web.paging import is_same_server
from digest.store.feeds import FeedState

#: Pages read in addition to the feed's own document.
MAX_PAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderPages:
    """The result of reading the older pages of a feed."""

    #: The posts of the feed's own document, then those that the older pages have in addition.
    posts: tuple[ParsedPost, ...]
    #: Number of pages read.
    number: int
    #: Whether they reach back to a known post, so that no post is missing.
    reaches_back: bool


async def read_older_pages(
    context: CollectContext,
    source: FeedSource,
    state: FeedState,
    fetched: Fetched,
    parsed: ParsedFeed,
) -> OlderPages:
    """Read the older pages of a feed until one has a known post.

    Pages are read one after the other, from the feed's own server. A page that fails, or that has
    the same posts again, is the last one. Posts older than the newest known one are not taken: they
    were no news when the feed was read last.
    """
    posts, number, is_back = parsed.posts, 0, False
    url, seen = fetched.next_url or parsed.older_url, {fetched.url, source.url}
    while not is_back and number < MAX_PAGES and _may_read(url, fetched.url, seen):
        seen.add(url)
        try:
            answer = await context.fetcher.get(url, Validators(), named_by=source.url)
            page = link_to_site(await context.pool.read_feed(answer.document, context.now))
        except FeedError:
            break
        added = _added(posts, page.posts)
        if not added:
            break
        newest_at, is_back = await asyncio.to_thread(_compare, context, state, page)
        posts = (*posts, *(post for post in added if _is_since(post, newest_at)))
        number += 1
        url = answer.next_url or page.older_url
    return OlderPages(posts=posts, number=number, reaches_back=is_back)


def _may_read(url: str, feed_url: str, seen: Collection[str]) -> bool:
    return url != "" and url not in seen and is_same_server(url, feed_url)


def _added(posts: tuple[ParsedPost, ...], older: tuple[ParsedPost, ...]) -> tuple[ParsedPost, ...]:
    """Return the posts that only the older page has: between two requests posts move down."""
    known = {(post.guid, post.url, post.title) for post in posts}
    return tuple(post for post in older if (post.guid, post.url, post.title) not in known)


def _is_since(post: ParsedPost, newest_at: datetime | None) -> bool:
    return newest_at is None or post.published_at is None or post.published_at >= newest_at


def _compare(
    context: CollectContext, state: FeedState, page: ParsedFeed
) -> tuple[datetime | None, bool]:
    """Return the date of the newest known post, and whether a page reaches back to a known one."""
    entries = entries_of(page.posts)
    with context.database.read() as connection:
        found = known_of(connection, state.id, entries).find(entries)
        history = read_history(connection, state.id, now=context.now)
    return history.newest_at, reaches_back(entries, history, has_known=any(found))

"""Reads the older pages of a feed whose document does not reach back to a known post."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from digest.errors import FeedError
from digest.models import FeedSource, Fetched, ParsedFeed, ParsedPost, Validators
from digest.pipeline.collect.context import CollectContext
from digest.pipeline.collect.known import known_of, read_history
from digest.readers.posts.gaps import reaches_back
from digest.readers.posts.identity import entries_of
from digest.readers.web.paging import is_same_server
from digest.store.feeds import FeedState

#: Pages read in addition to the feed's own document.
MAX_PAGES = 10


async def read_older_pages(
    context: CollectContext,
    source: FeedSource,
    state: FeedState,
    fetched: Fetched,
    parsed: ParsedFeed,
) -> tuple[ParsedFeed, int]:
    """Return a feed with the posts of its older pages, and the number of those pages.

    Pages are read one after the other, from the feed's own server, until one has a known post. A
    page that fails, or that has the same posts again, is the last one.
    """
    posts, pages = parsed.posts, 0
    url, seen = fetched.next_url or parsed.older_url, {fetched.url, source.url}
    while url and url not in seen and pages < MAX_PAGES and is_same_server(url, fetched.url):
        seen.add(url)
        try:
            answer = await context.fetcher.get(url, Validators(), named_by=source.url)
            page = await context.pool.read_feed(answer.document, context.now)
        except FeedError:
            break
        joined = _joined(posts, page.posts)
        if len(joined) == len(posts):
            break
        posts, pages = joined, pages + 1
        if await asyncio.to_thread(_reaches_back, context, state, page):
            break
        url = answer.next_url or page.older_url
    return replace(parsed, posts=posts), pages


def _joined(posts: tuple[ParsedPost, ...], older: tuple[ParsedPost, ...]) -> tuple[ParsedPost, ...]:
    """Return the posts of two pages, each once: between two requests posts move down a page."""
    known = {(post.guid, post.url, post.title) for post in posts}
    return (*posts, *(post for post in older if (post.guid, post.url, post.title) not in known))


def _reaches_back(context: CollectContext, state: FeedState, page: ParsedFeed) -> bool:
    entries = entries_of(page.posts)
    with context.database.read() as connection:
        found = known_of(connection, state.id, entries).find(entries)
        history = read_history(connection, state.id, now=context.now)
    return reaches_back(entries, history, has_known=any(found))

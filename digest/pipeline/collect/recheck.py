"""Asks again for the comments of the posts that an edition quotes, right before its freeze."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from digest.errors import FeedError
from digest.models import CommentSource, SourceKind
from digest.pipeline.collect.comments import refresh_posts
from digest.pipeline.collect.context import CollectContext, Getter, Known, Parser
from digest.pipeline.collect.notes import Later
from digest.readers.responses.ladder import in_order
from digest.scheduler.polling import is_resting
from digest.store import comment_sources, feeds
from digest.store.engine import Database
from digest.text.links import url_key

#: Seconds for all posts of an edition together.
MAX_SECONDS = 60.0


async def ask_again(
    database: Database,
    fetcher: Getter,
    pool: Parser,
    post_ids: Sequence[int],
    *,
    now: datetime,
    seconds: float = MAX_SECONDS,
) -> None:
    """Read the comments of posts again, and store what changed; what does not answer stays.

    Args:
        database: the database.
        fetcher: an open fetcher.
        pool: an open parser pool.
        post_ids: the posts.
        now: the time; later dates are ignored.
        seconds: how long it may take; what did not answer until then stays as it is.

    Raises:
        StoreError: the database cannot be used.
    """
    context = CollectContext(
        database=database,
        fetcher=fetcher,
        pool=pool,
        now=now,
        comments_since=now,
        known=Known(states={}, sources={}, unvisited=frozenset()),
        later=Later(database),
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            by_post = await asyncio.to_thread(_sources, database, post_ids)
            await refresh_posts(context, await _counted_again(context, by_post))
    await context.later.store()


def _sources(database: Database, post_ids: Sequence[int]) -> dict[int, tuple[CommentSource, ...]]:
    with database.read() as connection:
        return comment_sources.sources_of(connection, post_ids)


async def _counted_again(
    context: CollectContext, by_post: Mapping[int, tuple[CommentSource, ...]]
) -> list[list[CommentSource]]:
    """Return the sources of each post, with the count that its feed gives now.

    Where only a comment feed is known, this count alone shows whether it lists all comments, and
    so whether a comment that it lacks was deleted.
    """
    only_feeds: dict[str, set[int]] = defaultdict(set)
    for post_id, sources in by_post.items():
        giving = [each for each in in_order(sources) if _gives(each)]
        if {source.kind for source in giving} == {SourceKind.FEED}:
            only_feeds[sources[0].feed_url].add(post_id)
    found = await asyncio.gather(
        *(_count_again(context, feed_url, post_ids) for feed_url, post_ids in only_feeds.items())
    )
    counts = {post_id: count for each in found for post_id, count in each.items()}
    return [
        [replace(source, count=counts.get(post_id, source.count)) for source in sources]
        for post_id, sources in by_post.items()
    ]


def _gives(source: CommentSource) -> bool:
    """Return whether a source may give comments: most pages have none, interfaces are closed."""
    return source.kind is SourceKind.FEED or source.has_comments or source.is_complete


async def _count_again(
    context: CollectContext, feed_url: str, post_ids: set[int]
) -> dict[int, int]:
    """Return the numbers of comments that a feed gives now, and store them."""
    state, names = await asyncio.to_thread(_known, context, feed_url, post_ids)
    if state.gone_at is not None or is_resting(state.not_before, now=context.now):
        return {}
    try:
        # Its new validators are not stored: the next collection must see the document again.
        fetched = await context.fetcher.get(
            state.moves.settled or feed_url, state.validators, named_by=feed_url
        )
        if fetched.is_unchanged:
            return {}
        parsed = await context.pool.read_feed(fetched.document, context.now)
    except FeedError:
        return {}
    counts: dict[int, int] = {}
    for post in parsed.posts:
        post_id = names.get(post.guid) or names.get(url_key(post.url))
        if post_id is not None and post.comment_count is not None:
            counts[post_id] = post.comment_count
    await asyncio.to_thread(_save_counts, context, counts)
    return counts


def _known(
    context: CollectContext, feed_url: str, post_ids: set[int]
) -> tuple[feeds.FeedState, dict[str, int]]:
    with context.database.write() as connection:
        state = feeds.open_feeds(connection, [feed_url], now=context.now)[feed_url]
        return state, comment_sources.posts_by_name(connection, sorted(post_ids))


def _save_counts(context: CollectContext, counts: Mapping[int, int]) -> None:
    with context.database.write() as connection:
        comment_sources.save_counts(connection, counts)

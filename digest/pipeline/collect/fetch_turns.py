"""The turn of each feed. A failure is reported in the feed's outcome and stops no other feed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import CollectReport, FeedOutcome, FeedResult, FeedSource
from digest.pipeline.collect.comments import refresh_comments
from digest.pipeline.collect.context import (
    CollectContext,
    Getter,
    ImageSettings,
    Parser,
    read_known,
)
from digest.pipeline.collect.notes import Later
from digest.pipeline.collect.pages import visit_pages
from digest.pipeline.collect.pictures import fetch_pictures
from digest.pipeline.collect.posts import read_feed, refile_posts
from digest.scheduler.polling import is_resting
from digest.store.engine import Database
from digest.store.feeds import FeedState

#: Feeds that are fetched at once; each has at most a few documents in memory.
AT_ONCE = 10
#: How long the comments of a post are refreshed: as long as a subscriber's window may be.
COMMENTS_FOR = timedelta(weeks=5)


async def collect(
    database: Database,
    fetcher: Getter,
    pool: Parser,
    sources: tuple[FeedSource, ...],
    *,
    now: datetime,
    on_progress: Callable[[FeedOutcome], None] = lambda _: None,
    comments_since: datetime | None = None,
    at_once: int = AT_ONCE,
    image_settings: ImageSettings | None = None,
    is_forced: bool = False,
) -> CollectReport:
    """Read every feed and store what is new.

    Args:
        database: the database, with this program's schema.
        fetcher: an open fetcher.
        pool: an open parser pool.
        sources: the configured feeds.
        now: the time of this collection; later dates in feeds are not believed.
        on_progress: a function that is called after each feed.
        comments_since: the time before which posts were first seen whose comments are not
            refreshed; None for `COMMENTS_FOR` before `now`.
        at_once: the number of feeds that are fetched at once.
        image_settings: the settings of newsletters that show pictures from their own server.
        is_forced: whether feeds that are gone, or whose server asked for a pause, are fetched too.

    Raises:
        StoreError: the database cannot be used.
    """
    since = comments_since or now - COMMENTS_FOR
    context = CollectContext(
        database=database,
        fetcher=fetcher,
        pool=pool,
        now=now,
        comments_since=since,
        known=await asyncio.to_thread(read_known, database, sources, since, now=now),
        later=Later(database),
        image_settings=image_settings,
        is_forced=is_forced,
    )
    slots = asyncio.Semaphore(at_once)

    async def take_turn(source: FeedSource) -> FeedOutcome:
        async with slots:
            outcome = await _take_turn(context, source)
        on_progress(outcome)
        return outcome

    try:
        async with asyncio.TaskGroup() as group:
            turns = [group.create_task(take_turn(source)) for source in sources]
    except BaseExceptionGroup as failures:
        # Errors that no feed caused, such as an unreachable database, are for the caller.
        raise failures.exceptions[0] from failures
    await context.later.store()
    return CollectReport(feeds=tuple(turn.result() for turn in turns))


async def _take_turn(context: CollectContext, source: FeedSource) -> FeedOutcome:
    """Read one feed and its posts' pages, comments and pictures; failures are in the outcome."""
    clock = asyncio.get_running_loop()
    started = clock.time()
    state = context.known.states[source.url]
    await refile_posts(context, source, state)
    outcome = _skipped(context, source, state) or await read_feed(context, source, state)
    if outcome.is_had:
        outcome = await _read_around_posts(context, source, state, outcome)
    return replace(outcome, duration_s=clock.time() - started)


async def _read_around_posts(
    context: CollectContext, source: FeedSource, state: FeedState, outcome: FeedOutcome
) -> FeedOutcome:
    """Read the pages, comments and pictures of a feed's recent posts."""
    visits = await visit_pages(context, source, state, outcome)
    outcome = await refresh_comments(
        context,
        source,
        state,
        outcome,
        just_read=visits.read,
        is_as_known=outcome.result is FeedResult.UNCHANGED and not visits.number,
    )
    outcome = replace(
        outcome,
        new_comments=outcome.new_comments + visits.new_comments,
        problems=outcome.problems + visits.problems,
    )
    # Last, because a page may have named the picture.
    return await fetch_pictures(context, source, state, outcome)


def _skipped(context: CollectContext, source: FeedSource, state: FeedState) -> FeedOutcome | None:
    """Return the outcome of a feed that must not be fetched now; None if it may be fetched."""
    if context.is_forced:
        return None
    if state.gone_at is not None:
        return FeedOutcome(url=source.url, result=FeedResult.GONE)
    if is_resting(state.not_before, now=context.now):
        return FeedOutcome(url=source.url, result=FeedResult.WAITING, waits_until=state.not_before)
    return None

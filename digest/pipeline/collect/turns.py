"""Every feed's turn: alone, so that what fails is named in its outcome and stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import FeedSource
from digest.pipeline.collect.comments import refresh_comments
from digest.pipeline.collect.kit import Gallery, Getter, Kit, Parser
from digest.pipeline.collect.outcome import CollectReport, FeedOutcome, FeedResult
from digest.pipeline.collect.pages import visit_pages
from digest.pipeline.collect.pictures import fetch_pictures
from digest.pipeline.collect.posts import open_feed, read_feed
from digest.store.engine import Database

#: Feeds at work at once; each holds a few documents in memory at most.
AT_ONCE = 10
#: How long the comments of a post are refreshed: as long as a reader's window may be.
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
    gallery: Gallery | None = None,
) -> CollectReport:
    """Read every feed and store what is new.

    Args:
        database: with this program's schema.
        fetcher: entered.
        pool: entered.
        sources: the configured feeds.
        now: the time of this collection; dates after it are not believed.
        on_progress: called after each feed.
        comments_since: comments of posts first seen earlier are not refreshed; `COMMENTS_FOR`
            before `now` where None.
        at_once: feeds at work at once.
        gallery: for newsletters that show pictures from a place of their own.

    Raises:
        StoreError: the database cannot serve.
    """
    kit = Kit(
        database=database,
        fetcher=fetcher,
        pool=pool,
        now=now,
        comments_since=comments_since or now - COMMENTS_FOR,
        gallery=gallery,
    )
    slots = asyncio.Semaphore(at_once)

    async def take_turn(source: FeedSource) -> FeedOutcome:
        async with slots:
            outcome = await _take_turn(kit, source)
        on_progress(outcome)
        return outcome

    try:
        async with asyncio.TaskGroup() as group:
            turns = [group.create_task(take_turn(source)) for source in sources]
    except BaseExceptionGroup as failures:
        # What no feed is to blame for, such as a database that is gone, is the caller's matter.
        raise failures.exceptions[0] from failures
    return CollectReport(feeds=tuple(turn.result() for turn in turns))


async def _take_turn(kit: Kit, source: FeedSource) -> FeedOutcome:
    """Read one feed, and what stands around its recent posts; never fails for the feed's sake."""
    clock = asyncio.get_running_loop()
    started = clock.time()
    state = await asyncio.to_thread(open_feed, kit, source)
    outcome = await read_feed(kit, source, state)
    if outcome.result is not FeedResult.FAILED:
        visits = await visit_pages(kit, source, state, outcome)
        outcome = await refresh_comments(kit, source, state, outcome, just_read=visits.read)
        outcome = replace(
            outcome,
            new_comments=outcome.new_comments + visits.new_comments,
            problems=outcome.problems + visits.problems,
        )
        # Last, for a page may have named the picture.
        outcome = await fetch_pictures(kit, source, state, outcome)
    return replace(outcome, duration_s=clock.time() - started)

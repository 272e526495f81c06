"""Reads the feeds that are due."""

from __future__ import annotations

import asyncio
from datetime import datetime

from digest.models import SCHEDULE, FeedSource
from digest.newsroom.collect import record_collection
from digest.newsroom.context import RunContext
from digest.scheduler.polling import is_due
from digest.store.engine import Database
from digest.store.feeds import FeedTries, read_tries
from digest.store.turns import take_turn


async def poll(context: RunContext, now: datetime) -> None:
    """Read the feeds that are due, unless another process is reading them."""
    async with take_turn(context.database, "feeds") as is_ours:
        if is_ours:
            await read_due_feeds(context, now)


async def read_due_feeds(context: RunContext, now: datetime) -> None:
    """Read the feeds that are due, even if another process does too, which only costs time."""
    tries = await asyncio.to_thread(_read_tries, context.database)
    due = tuple(
        source for source in context.sources if is_feed_due(source, tries.get(source.url), now)
    )
    if due:
        report = await context.read_feeds(due, now, on_progress=context.observer.fetched)
        context.observer.collected(report)
        if report.new or report.changed:
            await asyncio.to_thread(record_collection, context, report, by=SCHEDULE)


def is_feed_due(source: FeedSource, last: FeedTries | None, now: datetime) -> bool:
    """Whether a feed is due by its settings and its server; `last` is None if it is new."""
    if last is None:
        return True
    return last.gone_at is None and is_due(
        source.interval,
        checked_at=last.checked_at,
        failures=last.failures,
        now=now,
        not_before=last.not_before,
        manners=last.manners,
    )


def was_read(database: Database, urls: frozenset[str], *, since: datetime) -> bool:
    """Whether any of these feeds was read without error after `since`."""
    tries = _read_tries(database)
    read = (tries[url].read_at for url in urls if url in tries)
    return any(read_at is not None and read_at > since for read_at in read)


def _read_tries(database: Database) -> dict[str, FeedTries]:
    with database.read() as connection:
        return read_tries(connection)

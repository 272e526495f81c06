"""Reads the feeds that are due, and those of an edition right before it is composed."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime, timedelta

from digest.models import SCHEDULE, FeedSource
from digest.newsroom.collect import record_collection
from digest.newsroom.context import RunContext
from digest.scheduler.polling import is_due
from digest.store.engine import Database
from digest.store.feeds import FeedTries, read_tries
from digest.store.turns import take_turn

_log = logging.getLogger(__name__)

#: The longest collection before a slot; then the edition is composed with what is there.
PATIENCE_S = 120.0
#: A feed read this short a time ago is not read again, however late an edition is composed.
_FRESH = timedelta(minutes=5)


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
    await _read(context, due, now)


async def read_before_slot(
    context: RunContext,
    urls: frozenset[str],
    now: datetime,
    *,
    slot_at: datetime,
    patience_s: float = PATIENCE_S,
) -> None:
    """Read an edition's feeds once more, so that it has the posts published until its hour.

    Intervals do not count, except for a feed that fails. After `patience_s` seconds the feeds that
    have not answered are left for later.

    Args:
        context: the installation's context.
        urls: the addresses of the edition's feeds.
        now: the time.
        slot_at: the edition's hour; a feed read since then is not read again.
        patience_s: the longest time, in seconds.
    """
    tries = await asyncio.to_thread(_read_tries, context.database)
    since = max(slot_at, now - _FRESH)
    wanted = tuple(
        source
        for source in context.sources
        if source.url in urls and _is_stale(source, tries.get(source.url), since, now)
    )
    try:
        async with asyncio.timeout(patience_s):
            await _read(context, wanted, now)
    except TimeoutError:
        _log.warning("composing without the feeds that did not answer in %.0f s", patience_s)


def _is_stale(source: FeedSource, last: FeedTries | None, since: datetime, now: datetime) -> bool:
    if last is None or last.gone_at is not None or last.failures:
        return is_feed_due(source, last, now)
    return last.checked_at is None or last.checked_at < since


async def _read(context: RunContext, sources: tuple[FeedSource, ...], now: datetime) -> None:
    if sources:
        started = time.monotonic()
        report = await context.read_feeds(sources, now, on_progress=context.observer.fetched)
        context.observer.took("collect", time.monotonic() - started)
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

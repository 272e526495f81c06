"""Doubts a wall clock that is far ahead of the latest time seen, until a server agrees with it.

A clock that is years ahead for a few seconds would mark slots as missed, delete stored mails and
expire what waits. So nothing of this is done before the clock agrees with the `Date` header of a
server that is asked now.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digest.errors import FeedError
from digest.newsroom.clock import TOLERANCE, describe_doubt
from digest.newsroom.context import RunContext
from digest.newsroom.service.fence import Fence
from digest.newsroom.service.notices import notify
from digest.store import clock

#: The latest time is stored this often.
_STORED_EVERY = timedelta(minutes=1)
#: Servers that are asked, of different feeds.
_ASKED = 5

_log = logging.getLogger(__name__)


class ClockCheck:
    """The check of one process; its jobs ask it at every tick."""

    def __init__(self, *, trusts: bool = False) -> None:
        """Start without a doubt; `trusts`: the operator says that the clock is right."""
        self._trusts = trusts
        self._lock = asyncio.Lock()
        self._tries = Fence()
        #: The latest time before the doubt, and the value of the steady clock then.
        self._doubted: tuple[datetime, float] | None = None

    async def is_right(self, context: RunContext) -> bool:
        """Return whether the clock may be used; ask servers if it is far ahead.

        Raises:
            StoreError: the database cannot be used.
        """
        async with self._lock:  # the jobs of one tick wait for one answer
            now = context.clock()
            latest, is_stored, is_doubted = await asyncio.to_thread(_read, context)
            is_near = latest is not None and abs(now - latest) <= TOLERANCE
            if latest is not None and is_near and not self._trusts:
                # Others read it as a sign of life, so the time of a command does not replace it.
                if is_doubted or not is_stored or now >= latest + _STORED_EVERY:
                    await asyncio.to_thread(_store, context, max(now, latest))
            elif latest is None or self._trusts or await self._servers_agree(context, now):
                await asyncio.to_thread(_store, context, now)
            elif now > latest:
                await self._doubt(context, latest, now)
                return False
            # A clock that is behind makes nothing due, so it needs no answer.
            self._doubted = None
            return True

    async def _doubt(self, context: RunContext, latest: datetime, now: datetime) -> None:
        if self._doubted is None:
            self._doubted = (latest, _steady())
            await asyncio.to_thread(_report, context, latest, now)

    def believed_now(self, context: RunContext) -> datetime:
        """Return the time, reckoned from the latest time seen while the clock is doubted."""
        if self._doubted is None:
            return context.clock()
        latest, since = self._doubted
        return latest + timedelta(seconds=_steady() - since)

    async def _servers_agree(self, context: RunContext, now: datetime) -> bool:
        """Ask the servers of the feeds for the time, after a failure by the steps of a retry."""
        steady = datetime.min.replace(tzinfo=now.tzinfo) + timedelta(seconds=_steady())
        if not self._tries.is_due("time", steady):
            return False
        urls = {urlsplit(source.url).hostname: source.url for source in context.sources}
        async with context.open_fetcher() as fetcher:
            for url in list(urls.values())[:_ASKED]:
                try:
                    said = await fetcher.ask_time(url)
                except FeedError as error:
                    _log.info("the time could not be asked: %s", error)
                    continue
                if said is not None and abs(said - now) <= TOLERANCE:
                    self._tries.passed("time")
                    return True
        self._tries.failed("time", steady)
        return False


def _read(context: RunContext) -> tuple[datetime | None, bool, bool]:
    """Return the latest time seen, and whether a service stored it, and whether it is doubted."""
    with context.database.read() as connection:
        is_stored = clock.service_seen_at(connection) is not None
        is_doubted = clock.doubted_at(connection) is not None
        return clock.latest_time(connection), is_stored, is_doubted


def _store(context: RunContext, now: datetime) -> None:
    with context.database.write() as connection:
        clock.save_time(connection, now)


def _report(context: RunContext, latest: datetime, now: datetime) -> None:
    problem = describe_doubt(latest, now)
    _log.error("%s", problem)
    with context.database.write() as connection:
        clock.save_doubt(connection, latest, now)
    text = f"{problem}\nUntil then nothing is sent, missed or deleted."
    # At the latest time, so that this alert is not from the future.
    recipients = context.alerts.recipients
    notify(context.database, "alert", f"clock/{latest.isoformat()}", text, recipients, now=latest)


def _steady() -> float:
    return asyncio.get_running_loop().time()

"""Hands each connection of a run the next mail that may go over its relay now.

A mail whose domain must wait stands aside while others go, or goes back to the ledger if that
would take long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from digest.sender.lanes import Lanes
from digest.sender.pace import Pace
from digest.sender.queue import Queue
from digest.sender.relays import RelayState
from digest.sender.work import Job
from digest.store.engine import Connection
from digest.store.marks import DeliveryMarks
from digest.store.relayed import free_at, reserve_mails, return_mails

#: A connection that must wait looks again after this time, in seconds; a stop ends it then.
_LONGEST_SLEEP_S = 0.5
#: Mails of a daily limit that are reserved at a time, and the number below which more are.
_RESERVED, _LOW = 200, 50


class Traffic:
    """The mails that may go now."""

    def __init__(
        self,
        queue: Queue,
        pace: Pace | None,
        marks: DeliveryMarks,
        clock: Callable[[], datetime],
        put_off: Callable[[Job, datetime], None],
    ) -> None:
        """Set what it asks.

        Args:
            queue: the claimed mails.
            pace: the brakes; None if mails only become files.
            marks: the ledger.
            clock: a function that returns the time.
            put_off: gives a mail back to the ledger until a time.
        """
        self._queue = queue
        self._pace = pace
        self._marks = marks
        self._clock = clock
        self._put_off = put_off
        self._lanes: Lanes[Job] = Lanes()
        self._wait_s = 0.0
        self._reserving: dict[RelayState, asyncio.Task[None]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no claimed mail waits; more may be due."""
        return self._queue.is_empty and not self._lanes

    async def wait(self) -> bool:
        """Return True as soon as there may be a mail to take; False if nothing is due.

        Raises:
            DigestError: rows cannot be claimed, or a mail cannot be built.
        """
        return bool(self._lanes) or await self._queue.wait()

    async def pause(self) -> None:
        """Wait until a mail may go that may not go now, at most half a second."""
        await asyncio.sleep(min(self._wait_s, _LONGEST_SLEEP_S))

    def take(self, relay: RelayState | None) -> Job | None:
        """Return the next mail that may go over a relay; None if none is ready or may go now."""
        self._wait_s = 0.0
        if self._pace is None or relay is None:
            return self._queue.take()
        now_s = monotonic()
        if relay.is_held(now_s):
            return None
        if relay.allowance is not None:
            self._reserve(relay, relay.allowance)
        job = self._take_aside(relay, now_s) if self._lanes else None
        job = job or self._take_new(self._pace, relay, now_s)
        if job is not None:
            job.relay = relay
        return job

    def put_back(self, job: Job) -> None:
        """Return a mail that was taken and not tried."""
        if self._pace is not None and job.relay is not None:
            self._pace.dropped(job.relay, job.domain)
        self.return_tried(job)

    def return_tried(self, job: Job) -> None:
        """Return a mail whose attempt the brakes have counted."""
        job.relay = None
        self._queue.put_back(job)

    def drop(self) -> None:
        """Remove all mails; the ledger has taken their rows back."""
        self._lanes.drop_all()
        self._queue.drop()

    async def close(self) -> None:
        """Wait for the work in progress, and give back what was reserved and not used."""
        await self._queue.close()
        for task in tuple(self._reserving.values()):
            await asyncio.wait([task])
        if self._pace is None or self._pace.relays.runs:  # another run goes on with it
            return
        for state in self._pace.relays.states:
            if state.allowance:
                unused, state.allowance = state.allowance, 0
                await self._marks.write_once(return_mails, state.account, unused)

    # --- inside -----------------------------------------------------------------------------------

    def _take_aside(self, relay: RelayState, now_s: float) -> Job | None:
        if self._pace is None:
            return None
        admit = partial(self._pace.admit, relay, now_s=now_s)
        job, self._wait_s = self._lanes.take(admit)
        if job is None:
            self._put_off_aside(self._pace, now_s)
        return job

    def _put_off_aside(self, pace: Pace, now_s: float) -> None:
        """Return mails to the ledger whose domain was paused, or slowed down much, meanwhile."""
        for domain in self._lanes.domains():
            if pace.put_off_s(domain, now_s) is None:
                continue
            for job in self._lanes.drop(domain):
                put_off_s = pace.put_off_s(domain, now_s) or 0.0
                self._put_off(job, self._clock() + timedelta(seconds=put_off_s))

    def _take_new(self, pace: Pace, relay: RelayState, now_s: float) -> Job | None:
        while (job := self._queue.take()) is not None:
            domain = job.domain
            wait_s = pace.admit(relay, domain, now_s)
            if not wait_s:
                return job
            put_off_s = pace.put_off_s(domain, now_s, ahead=self._lanes.waiting(domain))
            if put_off_s is not None:
                self._put_off(job, self._clock() + timedelta(seconds=put_off_s))
                continue
            self._wait_s = min(self._wait_s or wait_s, wait_s)
            if not pace.may_wait(relay, now_s):
                self._queue.put_back(job)
                return None
            self._lanes.add(domain, job)
        return None

    def _reserve(self, relay: RelayState, allowance: int) -> None:
        """Reserve more mails of a relay's daily limit before the reserved ones are used."""
        if allowance >= _LOW or relay in self._reserving:
            return
        task = asyncio.create_task(self._reserve_more(relay))
        self._reserving[relay] = task
        task.add_done_callback(lambda _task: self._reserving.pop(relay))

    async def _reserve_more(self, relay: RelayState) -> None:
        now, limit = self._clock(), relay.relay.daily_limit
        granted, free = await self._marks.write(_reserved, relay.account, limit, now)
        relay.allowance = (relay.allowance or 0) + granted
        if not relay.allowance and self._pace is not None:
            now_s = monotonic()
            self._pace.relays.spent(relay, now_s + (free - now).total_seconds(), now_s)


def _reserved(
    connection: Connection, account: str, limit: int, now: datetime
) -> tuple[int, datetime]:
    granted = reserve_mails(connection, account, _RESERVED, limit=limit, now=now)
    return granted, now if granted else free_at(connection, account, now=now)

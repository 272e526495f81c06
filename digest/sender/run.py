"""Sends the due mails of one edition over several connections at once.

Rows stream in, from the ledger through a queue of finished mails to the connections; attempts
stream out, into the ledger. A connection's next mail is never marked before the outcome of its
previous one, so at most one row per connection becomes `unknown`.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from digest.errors import DigestError, RelayError
from digest.models import Delivery, DeliveryState, Released
from digest.sender.attempt import Attempt, Fate
from digest.sender.ends import Ends
from digest.sender.queue import Queue
from digest.sender.request import RunReport, SendRequest
from digest.sender.work import Job, Mailer
from digest.store.deliveries import claim_due, next_due
from digest.store.engine import Database
from digest.store.marks import DeliveryMarks
from digest.store.releases import release_dead, release_workers
from digest.store.turns import as_worker, kept_alive
from digest.store.workers import Refusal, why_refused


async def run_edition(
    database: Database,
    request: SendRequest,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[DeliveryState], None] = lambda _state: None,
    stop: asyncio.Event | None = None,
) -> RunReport:
    """Send until nothing is due now; a second process may do the same at the same time.

    `stop`, or without it SIGTERM and SIGINT, ends the run cleanly: mails being sent are
    finished, all other claimed rows are released.

    Raises:
        RelayError: no relay works, or the relay refuses us, and it accepted nothing; open rows
            stay open. If it accepted some mails, the report has the reason.
        StoreError: a mark could not be committed; nothing was sent without a mark.
    """
    started = time.monotonic()
    async with _stopping(stop) as own_stop:
        counted_for = None if request.is_outbox else request.edition_id
        async with (
            as_worker(database) as worker,
            kept_alive(database, worker, request.edition_id),
            DeliveryMarks(
                database, worker, clock, counted_for=counted_for, before=request.before_marks
            ) as marks,
        ):
            await asyncio.to_thread(database.refresh_statistics)
            run = _Run(database, request, marks, worker, clock, progress, own_stop)
            await run.send_all()
            next_at = await marks.write(next_due, request.edition_id)
    return run.report(next_at, time.monotonic() - started)


class _Run:
    """One run: its queue, its connections and how attempts ended; the `Work` of each of them."""

    def __init__(
        self,
        database: Database,
        request: SendRequest,
        marks: DeliveryMarks,
        worker: str,
        clock: Callable[[], datetime],
        progress: Callable[[DeliveryState], None],
        stop: asyncio.Event,
    ) -> None:
        self._database = database
        self._request = request
        self._marks = marks
        self._worker = worker
        self._clock = clock
        self._stop = stop
        self._queue = Queue(self._claim, request.build)
        self._ends = Ends(request, marks, worker, clock, progress)
        self._failure: DigestError | None = None
        #: Rows of other workers that have ended or hang.
        self._released = Released()
        #: Rows of this worker that another one took.
        self._taken_over = 0

    async def send_all(self) -> None:
        """Send until nothing is due or the run must stop; then release the remaining rows."""
        try:
            self._released = await self._marks.write(
                release_dead, self._database, now=self._clock()
            )
            if await self._queue.wait():
                first = self._request.open_mailer()
                await first.open()  # alone, so that a wrong password is tried once
                await self._send_over_all(first)
            await self._ends.close()
        finally:
            await self._queue.close()
            await self._release()
        if self._failure and (self._stop.is_set() or not self._queue.is_empty):
            has_accepted = self._ends.counts[DeliveryState.SENT] > 0
            if not isinstance(self._failure, RelayError) or not has_accepted:
                raise self._failure
            self._ends.trouble = self._failure

    def report(self, next_at: datetime | None, seconds: float) -> RunReport:
        """Return the result of the run."""
        counts = self._ends.counts
        return RunReport(
            sent=counts[DeliveryState.SENT],
            deferred=counts[DeliveryState.DEFERRED],
            failed=counts[DeliveryState.FAILED],
            skipped=counts[DeliveryState.SKIPPED],
            unknown=counts[DeliveryState.UNKNOWN],
            taken_over=self._taken_over,
            released=self._released,
            next_at=next_at,
            seconds=seconds,
            was_stopped=self._stop.is_set(),
            trouble=self._ends.trouble,
        )

    async def _send_over_all(self, first: Mailer) -> None:
        more = (self._request.open_mailer() for _ in range(self._request.connections - 1))
        async with asyncio.TaskGroup() as group:
            lines = [group.create_task(self._send_over(mailer)) for mailer in (first, *more)]
            limit = asyncio.create_task(self._cut_off(lines))
            try:
                await asyncio.wait(lines)
            finally:
                limit.cancel()

    async def _cut_off(self, lines: list[asyncio.Task[None]]) -> None:
        await self._stop.wait()
        await asyncio.sleep(self._request.grace_s)
        for line in lines:
            line.cancel()

    async def _send_over(self, mailer: Mailer) -> None:
        """Send mails over one connection."""
        try:
            await mailer.send(self)
        except RelayError as error:
            self._failure = error  # this connection is lost; the others may still work
        except DigestError as error:
            self._fail(error)
        finally:
            await mailer.close()

    # --- the work of each connection --------------------------------------------------------------

    async def wait(self) -> bool:
        """Return whether there may be a mail to take."""
        return not self._stop.is_set() and await self._queue.wait() and not self._stop.is_set()

    def take(self) -> Job | None:
        """Return the next mail without waiting; None if none is ready, or the run stops."""
        return None if self._stop.is_set() else self._queue.take()

    async def hand(self, job: Job) -> bool:
        """Commit the mark `handing` of a mail."""
        job.is_marked = await self._marks.handing(_row_of(job).id)
        return job.is_marked

    async def end(self, job: Job, attempt: Attempt) -> None:
        """Record an attempt, or put the mail back if it is to be tried again."""
        delivery = _row_of(job)
        if attempt.fate is Fate.SKIPPED:  # the ledger wrote the row when it refused the mark
            await self._pass_over(delivery)
            return
        if not await self._ends.record(attempt, delivery):
            self.put_back(job)
        if attempt.fate is Fate.SENT:
            return
        if reason := await self._ends.why_stop(attempt, delivery):
            self._fail(reason)

    def put_back(self, job: Job) -> None:
        """Put back a mail of which nothing was sent."""
        if job.is_marked:
            self._marks.take_back(_row_of(job).id)
            job.is_marked = False
        self._queue.put_back(job)

    async def _pass_over(self, delivery: Delivery) -> None:
        """Count a mail whose mark was refused; if the edition was paused, drop all claimed rows."""
        reasons = await self._marks.write(why_refused, [delivery.id])
        if reasons[delivery.id] is Refusal.HELD:
            self._queue.drop()
        elif reasons[delivery.id] is Refusal.TAKEN_OVER:
            self._taken_over += 1
        else:
            self._ends.count(DeliveryState.SKIPPED)

    def _fail(self, error: DigestError) -> None:
        self._failure = error
        self._stop.set()

    async def _claim(self) -> tuple[Delivery, ...]:
        """Claim a batch; if nothing is due, also what dead and hung workers hold."""
        if rows := await self._claim_due():
            return rows
        found = await self._marks.write(release_dead, self._database, now=self._clock())
        self._released = self._released + found
        return await self._claim_due() if found.pending else ()

    async def _claim_due(self) -> tuple[Delivery, ...]:
        """Claim a batch; claim the next one if all its subscribers have left."""
        while True:
            claim = await self._marks.write(
                claim_due,
                self._request.edition_id,
                self._worker,
                now=self._clock(),
                most=self._request.batch,
            )
            self._ends.count(DeliveryState.SKIPPED, claim.skipped)
            if claim.deliveries or claim.is_empty:
                return claim.deliveries

    async def _release(self) -> None:
        left = await self._marks.write(release_workers, (self._worker,), now=self._clock())
        self._ends.count(DeliveryState.UNKNOWN, left.unknown)


def _row_of(job: Job) -> Delivery:
    assert job.delivery is not None  # noqa: S101 - every job of a run has its row
    return job.delivery


@asynccontextmanager
async def _stopping(stop: asyncio.Event | None) -> AsyncIterator[asyncio.Event]:
    """Yield a stop event of this run, which follows the caller's, or else SIGTERM and SIGINT.

    It is never the caller's own: a run that its relay ends must not end the caller's other work.
    """
    own = asyncio.Event()
    if stop is not None:
        following = asyncio.create_task(_follow(stop, own))
        try:
            yield own
        finally:
            following.cancel()
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, own.set)
    try:
        yield own
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _follow(stop: asyncio.Event, own: asyncio.Event) -> None:
    await stop.wait()
    own.set()

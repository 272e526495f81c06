"""Sends the due mails of one edition over several connections at once.

Rows stream in, from the ledger through a queue of finished mails to the connections; attempts
stream out, into the ledger. A connection's next mail is never marked before the outcome of its
previous one, so at most one row per connection becomes `unknown`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from digest.errors import RelayError
from digest.models import Delivery, DeliveryState, Progress, Reply
from digest.sender.attempt import Attempt, Fate
from digest.sender.brakes import Brakes
from digest.sender.claims import Claims
from digest.sender.ends import Ends
from digest.sender.holds import Hold
from digest.sender.pace import Pace
from digest.sender.queue import Queue
from digest.sender.relays import RelayState
from digest.sender.request import RunReport, SendRequest
from digest.sender.retry import LONGEST_WAIT
from digest.sender.sharing import shared_limits
from digest.sender.stopping import at_stop, stopping
from digest.sender.traffic import Traffic
from digest.sender.work import Job
from digest.store.claims import next_due
from digest.store.engine import Database
from digest.store.marks import DeliveryMarks
from digest.store.outages import Hurry
from digest.store.turns import as_worker, kept_alive
from digest.store.workers import Refusal, lease_for, why_refused

#: Mailboxes that do not exist before the guard looks whether the import was bad, and between looks.
_GUARDED = 10
#: A mail that has its turn later is left to the next run, in seconds.
_LONGEST_TURN_S = 30.0
#: Mails whose turns come within this time are claimed together, in seconds.
_TOGETHER_S = 0.2
#: Accepted mails after which the number of connections is looked at; it grows by one in four.
_FITTED_EVERY = 4
#: How often the holds are shown anew, in seconds.
_SHOWN_EVERY_S = 0.5


async def run_edition(
    database: Database,
    request: SendRequest,
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
    stop: asyncio.Event | None = None,
) -> RunReport:
    """Send until nothing is due now; a second process may do the same at the same time.

    `stop`, or without it a signal (`stop_signals`), ends the run cleanly: mails being sent are
    finished, all other claimed rows are released. If the database's server is away then, the run
    ends with an error after `digest.store.outages.HURRIED_S`.

    Raises:
        RelayError: no relay works, or the relay refuses us, and it accepted nothing; open rows
            stay open. If it accepted some mails, the report has the reason.
        StoreError: a mark could not be committed; nothing was sent without a mark.
    """
    edition_id = request.edition_id
    progress = progress or Progress(edition_id=edition_id, total=0)
    counted_for = edition_id if request.relays else None
    hurry = Hurry()
    async with (
        stopping(stop) as own_stop,
        as_worker(database) as worker,
        kept_alive(database, worker, edition_id, lease_s=_lease_of(request)),
        shared_limits(database, request.relays, worker, own_stop),
        DeliveryMarks(
            database,
            worker,
            clock,
            counted_for=counted_for,
            sent_of=edition_id,
            before=request.before_marks,
            hurry=hurry,
        ) as marks,
        at_stop(own_stop, hurry.start),
    ):
        await asyncio.to_thread(database.refresh_statistics)
        run = _Run(database, request, marks, worker, clock, progress, own_stop)
        started = time.monotonic()
        await run.send_all()
        seconds = time.monotonic() - started
        next_at = await marks.write(next_due, edition_id, now=clock(), longest_wait=LONGEST_WAIT)
    return run.report(next_at, seconds)


def _lease_of(request: SendRequest) -> int:
    """Return how long this process may be silent, in seconds: longer than any step of a mail."""
    relays = request.relays.states if request.relays else ()
    return lease_for(max((state.relay.timeouts.longest_s for state in relays), default=0))


class _Run:
    """One run: its traffic, its connections and how attempts ended."""

    def __init__(
        self,
        database: Database,
        request: SendRequest,
        marks: DeliveryMarks,
        worker: str,
        clock: Callable[[], datetime],
        progress: Progress,
        stop: asyncio.Event,
    ) -> None:
        self._request = request
        self._marks = marks
        self._clock = clock
        self._progress = progress
        self._stop = stop
        relays = request.relays
        self._pace = Pace(relays, edition_id=request.edition_id) if relays else None
        self._brakes_of_outbox = Brakes()
        self._ends = Ends(request, marks, worker, clock, progress)
        self._claims = Claims(database, request, marks, worker, clock, self._ends, stop)
        queue = Queue(self._claims.next_rows, request.build, claim_early=self._claims.more_rows)
        self._traffic = Traffic(queue, self._pace, marks, clock, self._put_off)
        self._group = asyncio.TaskGroup()
        self._lines: set[asyncio.Task[None]] = set()
        #: Connections that are to end because the relay gets fewer now.
        self._surplus = 0
        #: Why the run had to stop.
        self._failure: Exception | None = None
        #: Why a connection could not be opened again.
        self._lost: RelayError | None = None
        self._guarded = 0
        #: Rows of this worker that another one took.
        self._taken_over = 0

    async def send_all(self) -> None:
        """Send until nothing is due or the run must stop; then release the remaining rows."""
        try:
            await self._claims.release_others()
            if await self._traffic.wait():
                await self._send_over_lines()
            await self._ends.close(self._brakes)
        finally:
            if self._pace:
                self._pace.close()
            await self._traffic.close()
            await self._claims.release_own()
        has_accepted = self._ends.counts[DeliveryState.SENT] > 0
        failure = self._failure
        if failure is None and not self._traffic.is_empty:
            # A lost connection is no news if others worked until somebody stopped the run.
            failure = None if self._stop.is_set() and has_accepted else self._lost
        if failure is None:
            return
        if not isinstance(failure, RelayError) or not has_accepted:
            raise failure
        self._ends.trouble = failure

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
            released=self._claims.released,
            next_at=next_at,
            seconds=seconds,
            was_stopped=self._stop.is_set(),
            was_stopped_by_hand=self._stop.is_set() and self._failure is None,
            holds=self._holds(),
            trouble=self._ends.trouble,
        )

    def _holds(self) -> tuple[Hold, ...]:
        holds = self._pace.holds(self._clock(), time.monotonic()) if self._pace else ()
        return (*holds, self._claims.hold) if self._claims.hold else holds

    @property
    def _brakes(self) -> Brakes:
        return self._pace.brakes if self._pace else self._brakes_of_outbox

    # --- connections ------------------------------------------------------------------------------

    async def _send_over_lines(self) -> None:
        """Send over as many connections as the relay gets, until all of them have ended."""
        async with asyncio.TaskGroup() as group:
            helpers = [group.create_task(self._cut_off()), group.create_task(self._show_holds())]
            try:
                self._group = group
                self._fit_lines()
                while self._lines:
                    await asyncio.wait(self._lines)
            finally:
                for helper in helpers:
                    helper.cancel()

    def _fit_lines(self) -> None:
        """Open more connections if there may be more; let some end if there are too many."""
        wanted = self._pace.connections(time.monotonic()) if self._pace else 1
        self._surplus = max(0, len(self._lines) - wanted)
        if self._traffic.is_empty or self._stop.is_set():
            return
        for _ in range(wanted - len(self._lines)):
            line = self._group.create_task(self._send_over_line())
            self._lines.add(line)
            line.add_done_callback(self._lines.discard)

    def _is_too_many(self) -> bool:
        """Return whether the connection of the running task ends because the relay gets fewer.

        It is not counted from then on; closing it may take a while.
        """
        line = asyncio.current_task()
        if self._surplus and line in self._lines and len(self._lines) > 1:
            self._surplus -= 1
            self._lines -= {line}
        return line not in self._lines

    async def _send_over_line(self) -> None:
        """Send mails over one connection."""
        mailer = self._request.open_mailer()
        try:
            await mailer.send(self)
        except RelayError as error:
            self._lost = error  # the others may still work
        except Exception as error:  # whatever it is, the other mails in hand are to end first
            self._fail(error)
        finally:
            await mailer.close()

    async def _cut_off(self) -> None:
        await self._stop.wait()
        await asyncio.sleep(self._request.grace_s)
        for line in self._lines:
            line.cancel()

    async def _show_holds(self) -> None:
        while True:
            self._progress.holds = self._holds()
            await asyncio.sleep(_SHOWN_EVERY_S)

    # --- the work of each connection --------------------------------------------------------------

    async def wait(self) -> bool:
        """Return whether there may be a mail to take; False also ends a connection too many."""
        if self._is_too_many():
            return False
        return not self._stop.is_set() and await self._traffic.wait() and not self._stop.is_set()

    async def next(self, relay: RelayState | None = None) -> Job | None:
        """Return the next mail as soon as it may go over this relay."""
        while await self.wait():
            if job := self.take(relay):
                return job
            if relay is not None and relay.is_held(time.monotonic()):
                return None
            await self._traffic.pause()
        return None

    def take(self, relay: RelayState | None = None) -> Job | None:
        """Return the next mail without waiting; None if none is ready, or the run stops."""
        return None if self._stop.is_set() or self._surplus else self._traffic.take(relay)

    async def hand(self, job: Job) -> bool:
        """Commit the mark `handing` of a mail."""
        job.is_marked = await self._marks.handing(_row_of(job).id)
        return job.is_marked

    def sent(self, job: Job, reply: Reply | None, relay: str) -> bool:
        """Record an accepted mail; return False if refusals before it are to be settled too."""
        if not self._ends.accept(_row_of(job), reply, relay):
            return False
        if self._pace and job.relay:
            self._pace.accepted(job.relay, job.domain, time.monotonic())
        else:
            self._brakes.accepted()
        if len(self._lines) < 2 or self._ends.counts[DeliveryState.SENT] % _FITTED_EVERY == 0:
            self._fit_lines()
        return True

    async def end(self, job: Job, attempt: Attempt) -> None:
        """Record an attempt, or put the mail back if it is to be tried again."""
        if attempt.fate is Fate.SENT and self.sent(job, attempt.reply, attempt.relay):
            return
        delivery = _row_of(job)
        if attempt.fate is Fate.SKIPPED:  # the ledger wrote the row when it refused the mark
            self._forget(job)
            await self._pass_over(delivery)
            return
        is_recorded = await self._ends.record(attempt, delivery, self._brakes)
        relay = job.relay
        self._learn(job, attempt)
        if not is_recorded:
            self._take_back(job)
            self._traffic.return_tried(job)
        if attempt.fate is Fate.SENT:
            await self._guard()
            self._fit_lines()
        else:
            await self._brake(job, relay, attempt)

    def put_back(self, job: Job) -> None:
        """Put back a mail of which nothing was sent."""
        self._take_back(job)
        self._traffic.put_back(job)

    def _take_back(self, job: Job) -> None:
        if job.is_marked:
            self._marks.take_back(_row_of(job).id)
            job.is_marked = False

    def _put_off(self, job: Job, next_at: datetime) -> None:
        self._ends.put_off(_row_of(job), next_at)

    # --- what attempts change ---------------------------------------------------------------------

    def _learn(self, job: Job, attempt: Attempt) -> None:
        if self._pace and job.relay:
            self._pace.done(job.relay, attempt, job.domain, time.monotonic())
        else:
            self._brakes.count(attempt, job.domain)

    def _forget(self, job: Job) -> None:
        if self._pace and job.relay:
            self._pace.dropped(job.relay, job.domain)

    async def _brake(self, job: Job, relay: RelayState | None, attempt: Attempt) -> None:
        """Stop the run, or use another relay, if the refusals are not the recipients'."""
        is_one_domain = self._brakes.needs_domains and await self._ends.has_one_domain(job.domain)
        reason = self._brakes.why_stop(attempt, is_one_domain=is_one_domain)
        if reason is None:
            self._fit_lines()
        elif not (relay and self._pace and self._pace.fall_back(relay, reason, time.monotonic())):
            self._fail(reason)

    async def _guard(self) -> None:
        """Let the guard look whether the import was bad, after each ten mailboxes that are gone."""
        if self._ends.gone >= self._guarded + _GUARDED:
            self._guarded = self._ends.gone
            await asyncio.to_thread(self._request.guard)

    async def _pass_over(self, delivery: Delivery) -> None:
        """Count a mail whose mark was refused; if the edition was paused, drop all claimed rows."""
        reasons = await self._marks.write(why_refused, [delivery.id])
        if reasons[delivery.id] is Refusal.HELD:
            self._traffic.drop()
        elif reasons[delivery.id] is Refusal.TAKEN_OVER:
            self._taken_over += 1
        else:
            self._ends.count(DeliveryState.SKIPPED)

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._stop.set()


def _row_of(job: Job) -> Delivery:
    assert job.delivery is not None  # noqa: S101 - every job of a run has its row
    return job.delivery

"""Sends the due mails of one edition over several connections at once.

A run claims rows in batches; each connection takes one row at a time, hands its message over and
records the outcome before it takes the next. So at most one row per connection becomes `unknown`.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from digest.errors import DigestError, RelayError, RelayRefusal
from digest.models import Delivery, DeliveryState, Outcome, Released
from digest.sender.attempt import Attempt, Fate, Mailer
from digest.sender.brakes import Brakes
from digest.sender.claims import Claims
from digest.sender.request import RunReport, SendRequest
from digest.sender.settle import keep, settle
from digest.store.deliveries import (
    claim_due,
    has_other_domain,
    is_sending,
    next_due,
    settle_kept,
    take_mark_back,
)
from digest.store.engine import Database
from digest.store.marks import DeliveryMarks
from digest.store.releases import release_dead, release_workers
from digest.store.turns import as_worker, kept_alive


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
            DeliveryMarks(database, worker, clock, counted_for=counted_for) as marks,
        ):
            released = await asyncio.to_thread(_release_dead, database, clock())
            await asyncio.to_thread(database.refresh_statistics)
            run = _Run(request, marks, worker, clock, progress, own_stop)
            await run.send_all()
            next_at = await marks.write(next_due, request.edition_id)
    return run.report(released, next_at, time.monotonic() - started)


def _release_dead(database: Database, now: datetime) -> Released:
    with database.write() as connection:
        return release_dead(connection, database, now=now)


class _Run:
    """One run: its connections, the state that they share, and the counts."""

    def __init__(
        self,
        request: SendRequest,
        marks: DeliveryMarks,
        worker: str,
        clock: Callable[[], datetime],
        progress: Callable[[DeliveryState], None],
        stop: asyncio.Event,
    ) -> None:
        self._request = request
        self._marks = marks
        self._worker = worker
        self._clock = clock
        self._progress = progress
        self._stop = stop
        self._claims = Claims(self._claim)
        self._counts: Counter[DeliveryState] = Counter()
        self._failure: DigestError | None = None
        self._trouble: RelayError | None = None
        self._brakes = Brakes()
        #: The outcomes of refusals that are kept as deferred until the relay accepts a mail.
        self._kept: dict[int, Outcome] = {}
        self._is_one_domain: bool | None = None

    async def send_all(self) -> None:
        """Send until nothing is due or the run must stop; then release the remaining rows."""
        try:
            if await self._claims.fill():
                first = self._request.open_mailer()
                await first.open()  # alone, so that a wrong password is tried once
                await self._work_all(first)
            await self._end_kept()
        finally:
            await self._release()
        if self._failure and (self._stop.is_set() or not self._claims.is_empty):
            if not isinstance(self._failure, RelayError) or not self._counts[DeliveryState.SENT]:
                raise self._failure
            self._trouble = self._failure

    def report(self, released: Released, next_at: datetime | None, seconds: float) -> RunReport:
        """Return the result of the run."""
        return RunReport(
            sent=self._counts[DeliveryState.SENT],
            deferred=self._counts[DeliveryState.DEFERRED],
            failed=self._counts[DeliveryState.FAILED],
            skipped=self._counts[DeliveryState.SKIPPED],
            unknown=self._counts[DeliveryState.UNKNOWN],
            released=released,
            next_at=next_at,
            seconds=seconds,
            was_stopped=self._stop.is_set(),
            trouble=self._trouble,
        )

    async def _work_all(self, first: Mailer) -> None:
        more = (self._request.open_mailer() for _ in range(self._request.connections - 1))
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._work(mailer)) for mailer in (first, *more)]
            limit = asyncio.create_task(self._cut_off(workers))
            try:
                await asyncio.wait(workers)
            finally:
                limit.cancel()

    async def _cut_off(self, workers: list[asyncio.Task[None]]) -> None:
        await self._stop.wait()
        await asyncio.sleep(self._request.grace_s)
        for worker in workers:
            worker.cancel()

    async def _work(self, mailer: Mailer) -> None:
        """Send one row after another over one connection."""
        try:
            while not self._stop.is_set() and await self._claims.fill():
                await mailer.open()  # before `take`: a connection that fails must not have a row
                if delivery := self._claims.take():
                    await self._send(mailer, delivery)
        except RelayError as error:
            self._failure = error  # this connection is lost; the others may still work
        except DigestError as error:
            self._fail(error)
        finally:
            await mailer.close()

    async def _send(self, mailer: Mailer, delivery: Delivery) -> None:
        is_marked = False

        async def mark() -> bool:
            nonlocal is_marked
            is_marked = await self._marks.handing(delivery.id)
            return is_marked

        try:
            attempt = await mailer.deliver(self._request.build(delivery), mark)
        except RelayError:
            await self._put_back(delivery, is_marked=is_marked)
            raise
        may_settle = not self._brakes.is_at_limit
        self._brakes.count(attempt, _domain(delivery))
        if self._brakes.may_go_again(attempt, delivery.id):
            await self._put_back(delivery, is_marked=is_marked)
        else:
            await self._record(attempt, delivery)
        if attempt.fate is Fate.SENT:
            await self._settle_kept(is_for_good=may_settle)
        elif reason := await self._why_stop(attempt, delivery):
            self._fail(reason)

    async def _why_stop(self, attempt: Attempt, delivery: Delivery) -> RelayError | None:
        is_one_domain = self._brakes.is_at_limit and await self._has_one_domain(_domain(delivery))
        return self._brakes.why_stop(attempt, is_one_domain=is_one_domain)

    async def _has_one_domain(self, domain: str) -> bool:
        if self._is_one_domain is None:
            has_other = await self._marks.write(has_other_domain, self._request.edition_id, domain)
            self._is_one_domain = not has_other
        return self._is_one_domain

    async def _put_back(self, delivery: Delivery, *, is_marked: bool) -> None:
        if is_marked:
            await self._marks.write(take_mark_back, delivery.id, self._worker)
        self._claims.put_back(delivery)

    async def _record(self, attempt: Attempt, delivery: Delivery) -> None:
        if attempt.fate is Fate.SKIPPED:  # the ledger wrote the row when it refused the mark
            await self._pass_over()
            return
        now, max_age = self._clock(), self._request.max_age
        outcome = settle(attempt, delivery, now=now, max_age=max_age)
        if attempt.is_recipients_fault:
            kept = keep(attempt, delivery, now=now, max_age=max_age)
            await self._marks.outcome(delivery.id, kept)
            if kept.state is DeliveryState.DEFERRED:
                self._kept[delivery.id] = outcome
            else:
                self._count(kept.state)
            return
        if attempt.fate is Fate.POLICY and outcome.state is DeliveryState.DEFERRED:
            reason = f"relay {attempt.relay}: {attempt.answer}"
            self._trouble = RelayRefusal(reason, is_stop=False)
        await self._marks.outcome(delivery.id, outcome)
        self._count(outcome.state)

    async def _settle_kept(self, *, is_for_good: bool) -> None:
        """End the kept refusals: as what they said, or as deferred."""
        kept, self._kept = self._kept, {}
        if kept and is_for_good:
            await self._marks.write(settle_kept, kept, self._worker, now=self._clock())
        for outcome in kept.values():
            self._count(outcome.state if is_for_good else DeliveryState.DEFERRED)

    async def _end_kept(self) -> None:
        """End the refusals after which no mail was accepted.

        They count if the relay accepted mails before them and they are no streak: a single one, or
        those of one domain among several.
        """
        if not self._kept:
            return
        is_streak = len(self._brakes.domains) > 1 or (
            self._brakes.refusals > 1 and await self._has_one_domain(*self._brakes.domains)
        )
        has_accepted = self._counts[DeliveryState.SENT] > 0
        if not has_accepted:
            refusal = RelayRefusal(_refusal(*self._kept.values()), is_stop=False)
            self._trouble = self._trouble or refusal
        await self._settle_kept(is_for_good=has_accepted and not is_streak)

    async def _pass_over(self) -> None:
        """Count a subscriber who has left; if the edition was paused, drop all claimed rows."""
        if await self._marks.write(is_sending, self._request.edition_id):
            self._count(DeliveryState.SKIPPED)
        else:
            self._claims.drop()

    def _fail(self, error: DigestError) -> None:
        self._failure = error
        self._stop.set()

    async def _claim(self) -> tuple[Delivery, ...]:
        """Claim a batch; claim the next one if all its subscribers have left."""
        while True:
            await asyncio.to_thread(self._request.before_claim)
            claim = await self._marks.write(
                claim_due,
                self._request.edition_id,
                self._worker,
                now=self._clock(),
                most=self._request.batch,
            )
            for _ in range(claim.skipped):
                self._count(DeliveryState.SKIPPED)
            if claim.deliveries or claim.is_empty:
                return claim.deliveries

    async def _release(self) -> None:
        left = await self._marks.write(release_workers, (self._worker,), now=self._clock())
        for _ in range(left.unknown):
            self._count(DeliveryState.UNKNOWN)

    def _count(self, state: DeliveryState) -> None:
        self._counts[state] += 1
        self._progress(state)


def _refusal(first: Outcome, *_others: Outcome) -> str:
    said = f"{first.reply.code} {first.reply.text}" if first.reply else first.reason
    return f"relay {first.relay}: {said}"


def _domain(delivery: Delivery) -> str:
    return delivery.recipient.address.rpartition("@")[2].lower()


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

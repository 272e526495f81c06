"""Claims the rows of a run: what is due, what dead workers left, and the first ones as a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

from digest.errors import RelayRefusal
from digest.models import Delivery, DeliveryState, Released
from digest.sender.canary import judge_first
from digest.sender.ends import Ends
from digest.sender.holds import Hold
from digest.sender.request import SendRequest
from digest.sender.retry import LONGEST_WAIT
from digest.store import approvals, canary
from digest.store.claims import Claim, claim_due, next_turn
from digest.store.engine import Connection, Database
from digest.store.marks import DeliveryMarks
from digest.store.releases import release_claim, release_dead, release_workers
from digest.store.revision import check_revision

#: A mail that has its turn later is left to the next run, in seconds.
_LONGEST_TURN_S = 30.0
#: Mails whose turns come within this time are claimed together, in seconds.
_TOGETHER_S = 0.2


class Claims:
    """The rows that one run takes from the ledger."""

    def __init__(
        self,
        database: Database,
        request: SendRequest,
        marks: DeliveryMarks,
        worker: str,
        clock: Callable[[], datetime],
        ends: Ends,
        stop: asyncio.Event,
    ) -> None:
        """Claim nothing yet; `stop` ends a wait."""
        self._database = database
        self._request = request
        self._marks = marks
        self._worker = worker
        self._clock = clock
        self._ends = ends
        self._stop = stop
        #: Whether the last batch was a full one: there may be more.
        self._was_full = False
        #: Rows released from workers that have ended or hang.
        self.released = Released()
        #: What holds back the mails that were never tried; None if nothing does.
        self.hold: Hold | None = None

    async def next_rows(self) -> Sequence[Delivery]:
        """Claim a batch; if nothing is due, wait for mails whose domain has its turn soon."""
        if rows := await self._claim_or_release():
            return rows
        await self._marks.flush()  # mails that have just gone back count too
        turn_at = await self._marks.write(next_turn, self._request.edition_id)
        wait_s = (turn_at - self._clock()).total_seconds() if turn_at else _LONGEST_TURN_S
        if wait_s >= _LONGEST_TURN_S:
            return ()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), max(0.0, wait_s) + _TOGETHER_S)
        return () if self._stop.is_set() else await self._claim_due()

    async def more_rows(self) -> Sequence[Delivery]:
        """Claim a batch after a full one; `next_rows` decides whether nothing is due."""
        return await self._claim_due() if self._was_full else ()

    async def _claim_or_release(self) -> Sequence[Delivery]:
        """Claim a batch; if nothing is due, also what dead and hung workers hold."""
        if rows := await self._claim_due():
            return rows
        found = await self.release_others()
        return await self._claim_due() if found.pending else ()

    async def _claim_due(self) -> Sequence[Delivery]:
        """Claim a batch; claim the next one if all its subscribers have left."""
        while True:
            claim = await self._marks.write_beside(partial(self._claim_rows, now=self._clock()))
            self._ends.count(DeliveryState.SKIPPED, claim.skipped)
            self._was_full = len(claim.deliveries) + claim.skipped >= self._request.batch
            if claim.deliveries or claim.is_empty:
                return claim.deliveries

    def _claim_rows(self, connection: Connection, is_repeat: bool, *, now: datetime) -> Claim:
        # Another process may have upgraded the database during this run.
        check_revision(connection, self._database.name)
        if is_repeat:
            release_claim(connection, self._request.edition_id, self._worker, at=now)
        return claim_due(
            connection,
            self._request.edition_id,
            self._worker,
            now=now,
            most=self._request.batch,
            most_new=self._most_new(connection),
            longest_wait=LONGEST_WAIT,
        )

    def _most_new(self, connection: Connection) -> int | None:
        """Return how many mails may be tried for the first time before the first are judged."""
        edition_id, now = self._request.edition_id, self._clock()
        if self._request.canary is None or canary.is_judged(connection, edition_id):
            return None
        first = canary.read_first_mails(connection, edition_id, self._request.canary.first)
        verdict = judge_first(self._request.canary, first, now)
        self.hold = verdict.hold
        if verdict.fault or verdict.most_new is None:
            canary.set_judged(connection, edition_id, now=now)
        if verdict.fault:
            approvals.pause(connection, edition_id, verdict.fault)
            self._ends.trouble = RelayRefusal(verdict.fault, is_stop=False)
        return verdict.most_new

    async def release_others(self) -> Released:
        """Release the rows of workers that have ended or hang."""
        found = await self._marks.write(release_dead, self._database, now=self._clock())
        self.released = self.released + found
        if found.fault:
            self._ends.trouble = RelayRefusal(found.fault, is_stop=False)
        return found

    async def release_own(self) -> None:
        """Release the rows that this run still holds."""
        left = await self._marks.write(release_workers, (self._worker,), now=self._clock())
        self._ends.count(DeliveryState.UNKNOWN, left.unknown)

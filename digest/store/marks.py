"""Writes the ledger marks of all connections, grouped into few commits.

Marks that arrive during a commit wait and go into the next one, so that durability costs one
commit per group and not one per message. A failed commit ends the run: every waiting and every
later call raises its error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection

from digest.models import Outcome
from digest.store import deliveries
from digest.store.engine import Database
from digest.store.handed import add_handed
from digest.store.outages import own_handing, write_through_outage

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(slots=True)
class _Waiting:
    """One mark and the future of its caller; without an outcome, the mark is `handing`."""

    delivery_id: int
    outcome: Outcome | None
    done: asyncio.Future[bool]


class DeliveryMarks:
    """Durable marks for one worker: `async with DeliveryMarks(database, name, clock) as marks:`."""

    def __init__(
        self,
        database: Database,
        worker: str,
        clock: Callable[[], datetime],
        *,
        counted_for: int | None = None,
    ) -> None:
        """Prepare; the writer starts at the first mark.

        Args:
            database: the database with the deliveries.
            worker: the worker's name.
            clock: a function that returns the time.
            counted_for: the edition whose mails are counted as handed over to relays; None if they
                do not leave this machine.
        """
        self._counted_for = counted_for
        self._database = database
        self._worker = worker
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "ledger")
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._failure: Exception | None = None
        #: The number of commits.
        self.commits = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()

    async def handing(self, delivery_id: int) -> bool:
        """Return True once `handing` is durable; False if the message must not be sent.

        Raises:
            StoreError: the mark could not be committed; the message must not be sent.
        """
        return await self._put(delivery_id, None)

    async def outcome(self, delivery_id: int, outcome: Outcome) -> None:
        """Return once the outcome of an attempt is durable.

        Raises:
            StoreError: the outcome could not be committed.
        """
        await self._put(delivery_id, outcome)

    async def write(
        self,
        function: Callable[Concatenate[Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run another write to this worker's rows in the writer's thread.

        It runs in its own transaction of `Database.write_marks`, and runs again if the connection
        is lost.
        """
        return await self._run(lambda connection, _is_repeat: function(connection, *args, **kwargs))

    async def _run(self, write: Callable[[Connection, bool], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, write_through_outage, self._database, write
        )

    async def _put(self, delivery_id: int, outcome: Outcome | None) -> bool:
        if self._failure is not None:
            raise self._failure
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(delivery_id, outcome, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_waiting())
        return await done

    async def _write_waiting(self) -> None:
        # Marks from the same iteration of the event loop go into one commit.
        await asyncio.sleep(0)
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                handing = await self._run(partial(self._write_group, group))
            except Exception as error:  # every error must reach the waiting callers
                self._fail(error, group + self._waiting)
                break
            self.commits += 1
            for mark in group:
                if not mark.done.done():
                    mark.done.set_result(mark.outcome is not None or mark.delivery_id in handing)
            await asyncio.sleep(0)
        self._writer = None

    def _write_group(
        self, group: list[_Waiting], connection: Connection, is_repeat: bool
    ) -> frozenset[int]:
        now = self._clock()
        ended = {mark.delivery_id: mark.outcome for mark in group if mark.outcome is not None}
        started = [mark.delivery_id for mark in group if mark.outcome is None]
        deliveries.record_outcomes(connection, ended, self._worker, now=now)
        if not started:
            return frozenset()
        done = own_handing(connection, started, self._worker) if is_repeat else frozenset()
        rest = [number for number in started if number not in done]
        new = deliveries.mark_handing(connection, rest, self._worker, now=now)
        if new and self._counted_for is not None:
            add_handed(connection, self._worker, self._counted_for, len(new), now=now)
        return done | new

    def _fail(self, error: Exception, marks: list[_Waiting]) -> None:
        self._failure = error
        self._waiting = []
        for mark in marks:
            if not mark.done.done():
                mark.done.set_exception(error)

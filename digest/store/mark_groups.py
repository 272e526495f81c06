"""The ledger marks of one commit, and how they are written into the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection

from digest.errors import ConnectionLostError
from digest.models import Outcome
from digest.store import attempts, deliveries
from digest.store.deliveries import Mark, Sent
from digest.store.figures import add_sent
from digest.store.handed import add_handed
from digest.store.outages import own_handing


@dataclass(slots=True)
class Group:
    """The marks of one commit."""

    sent: list[Sent] = field(default_factory=list)
    #: Other outcomes, by delivery.
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    taken_back: list[int] = field(default_factory=list)
    #: Deliveries that were not tried, and when they are due again.
    put_off: dict[int, datetime] = field(default_factory=dict)
    #: Deliveries to be handed over, and the futures of their callers.
    handing: dict[int, asyncio.Future[bool]] = field(default_factory=dict)
    #: Whether somebody waits for it, or it has waited long enough.
    is_due: bool = False
    #: Set when the group is durable; None if nobody waits for that.
    done: asyncio.Future[None] | None = None

    @property
    def is_usual(self) -> bool:
        """Whether it has only new marks, and mails that were accepted."""
        return bool(self.handing) and not (self.outcomes or self.taken_back or self.put_off)

    def __bool__(self) -> bool:
        return bool(self.sent or self.outcomes or self.taken_back or self.put_off or self.handing)

    def fail(self, error: BaseException) -> None:
        """Raise an error for all that wait for the group."""
        waiting: list[asyncio.Future[Any]] = [*self.handing.values()]
        if self.done is not None:
            waiting.append(self.done)
        for done in waiting:
            if not done.done():
                done.set_exception(error)


class Run(Protocol):
    """Runs a write in a transaction, and again if the connection is lost."""

    def __call__(
        self, write: Callable[[Connection, bool], frozenset[int]], *, is_repeat: bool = False
    ) -> frozenset[int]:
        """Return what the write returns; its second argument says whether it is a repeat."""


class GroupWriter:
    """Writes the groups of one worker; `DeliveryMarks` has the meaning of its arguments."""

    def __init__(
        self,
        run: Run,
        worker: str,
        clock: Callable[[], datetime],
        *,
        counted_for: int | None,
        sent_of: int | None,
    ) -> None:
        """Prepare; `run` runs the writes of `commit` and `write_rest`."""
        self._run = run
        self._worker = worker
        self._clock = clock
        self._counted_for = counted_for
        self._sent_of = sent_of

    def commit(self, group: Group) -> frozenset[int]:
        """Write a group; return the ids of the mails that may be sent."""
        try:
            return self._run(partial(self.write, group, deliveries.mark_all_handing))
        except deliveries.NotAllMarkedError:  # seldom, so the usual way is the fast one
            return self._run(partial(self.write, group, deliveries.mark_handing))

    def write_rest(
        self, group: Group, new: frozenset[int], error: Exception | None
    ) -> frozenset[int]:
        """Write what the server did not: some people left, the edition was paused, or worse."""
        if isinstance(error, ConnectionLostError):  # it may be committed or not
            mark = deliveries.mark_handing
            return self._run(partial(self.write, group, mark), is_repeat=True)
        if error is not None:
            raise error
        rest = Group(handing={key: done for key, done in group.handing.items() if key not in new})
        return new | self._run(partial(self.write, rest, deliveries.mark_handing))

    def write(
        self, group: Group, mark: Mark, connection: Connection, is_repeat: bool
    ) -> frozenset[int]:
        """Write a group in a transaction; return the ids of the mails that may be sent."""
        now = self._clock()
        sent = deliveries.record_sent(connection, group.sent, self._worker, now=now)
        if sent and self._sent_of is not None:
            add_sent(connection, self._worker, self._sent_of, sent, now=now)
        attempts.record_outcomes(connection, group.outcomes, self._worker, now=now)
        attempts.take_marks_back(connection, group.taken_back, self._worker)
        attempts.put_off(connection, group.put_off, self._worker)
        if not group.handing:
            return frozenset()
        done: frozenset[int] = frozenset()
        if is_repeat:
            done, mark = (
                own_handing(connection, group.handing, self._worker),
                deliveries.mark_handing,
            )
        rest = group.handing.keys() - done
        new = mark(connection, rest, self._worker, now=now)
        if new and self._counted_for is not None:
            add_handed(connection, self._worker, self._counted_for, len(new), now=now)
        return done | new

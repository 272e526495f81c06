"""Writes the ledger marks of all connections, grouped into few commits.

Marks that arrive during a commit wait and go into the next one, so that durability costs one
commit per group and not one per message. They are written in the order in which they came: a
connection's next `handing` is never durable before the outcome of its previous mail. A failed
commit ends the run: every waiting and every later call raises its error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from functools import partial
from time import monotonic
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection

from digest.models import DeliveryState, Outcome, Reply
from digest.store import deliveries
from digest.store.deliveries import Sent
from digest.store.engine import Database
from digest.store.kept import KeptConnection
from digest.store.mark_groups import Group, GroupWriter
from digest.store.outages import Hurry, write_through_outage
from digest.store.pipelined import marks_of
from digest.threads import CallThread

_BEFORE_EVERY_S = 0.1
#: How long the end of a mail waits for the mark of another one, in seconds: that needs a commit
#: anyway, and the end is only needed before the next mark of its connection.
_ENDS_WITHIN_S = 0.01
#: A disk that takes longer for a commit than this, in seconds, is left to the thread.
_QUICK_S = 0.002

_P = ParamSpec("_P")
_T = TypeVar("_T")


class DeliveryMarks:
    """Durable marks for one worker: `async with DeliveryMarks(database, name, clock) as marks:`."""

    def __init__(
        self,
        database: Database,
        worker: str,
        clock: Callable[[], datetime],
        *,
        counted_for: int | None = None,
        sent_of: int | None = None,
        before: Callable[[], object] = lambda: None,
        hurry: Hurry | None = None,
    ) -> None:
        """Prepare; the event loop must run. The writer starts at the first mark.

        Args:
            database: the database with the deliveries.
            worker: the worker's name.
            clock: a function that returns the time.
            counted_for: the edition whose mails are counted as handed over to relays; None if they
                do not leave this machine.
            sent_of: the edition whose accepted mails are counted; None if none are.
            before: called in a thread before each `write`, and before marks ten times a second;
                it takes what changes whom a mark may be given.
            hurry: shortens the time for which writes wait for a server that is away.
        """
        self._hurry = hurry or Hurry()
        self._before = before
        #: When it is called again.
        self._before_at = 0.0
        #: The edition that both count; None if they differ.
        self._edition_id = counted_for if counted_for == sent_of else None
        self._worker = worker
        self._clock = clock
        run = partial(self._write, self._transaction)
        groups = GroupWriter(run, worker, clock, counted_for=counted_for, sent_of=sent_of)
        self._write_group = groups.write
        self._write_rest, self._commit = groups.write_rest, groups.commit
        self._loop = asyncio.get_running_loop()
        self._database = database
        self._connection = database.keep_connection()
        self._writer = CallThread("ledger")
        #: On PostgreSQL, the thread and the connection of all other writes.
        self._others: tuple[CallThread, KeptConnection] | None = None
        self._waiting = Group()
        #: The marks that waited in the last iteration of the event loop.
        self._size = 0
        #: Whether a commit runs, or will in a moment.
        self._is_writing = False
        #: Whether ends that wait have a timer.
        self._is_timed = False
        #: Whether the last commit was quick.
        self._is_quick = False
        self._failure: BaseException | None = None
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
        try:
            await self._settle()
        finally:
            self._writer.close()
            self._connection.close()
            for each in self._others or ():
                each.close()

    def handing(self, delivery_id: int) -> asyncio.Future[bool]:
        """Return True once `handing` is durable; False if the message must not be sent.

        Raises:
            StoreError: the mark could not be committed; the message must not be sent.
        """
        done: asyncio.Future[bool] = self._loop.create_future()
        if self._due_group().handing.setdefault(delivery_id, done) is not done:
            done.set_result(False)  # asked twice: only the first may send it
        return done

    def sent(self, delivery_id: int, reply: Reply | None, relay: str) -> None:
        """Store soon that a mail was accepted; `flush` waits for it.

        Raises:
            StoreError: an earlier mark could not be committed.
        """
        code, text = (reply.code, reply.text) if reply else (None, "")
        self._next_group().sent.append(Sent(delivery_id, code, text, relay))

    def outcome(self, delivery_id: int, outcome: Outcome) -> None:
        """Store soon the outcome of an attempt; `flush` waits for it.

        Raises:
            StoreError: an earlier mark could not be committed.
        """
        if outcome.state is DeliveryState.SENT:
            self.sent(delivery_id, outcome.reply, outcome.relay)
        else:
            self._next_group().outcomes[delivery_id] = outcome

    def take_back(self, delivery_id: int) -> None:
        """Undo `handing` soon, because no byte of content was sent.

        Raises:
            StoreError: an earlier mark could not be committed.
        """
        self._next_group().taken_back.append(delivery_id)

    def put_off(self, delivery_id: int, next_at: datetime) -> None:
        """Return a claimed row soon, because its domain must wait; it is no attempt.

        Raises:
            StoreError: an earlier mark could not be committed.
        """
        self._next_group().put_off[delivery_id] = next_at

    async def flush(self) -> None:
        """Return once all marks are durable.

        Raises:
            StoreError: a mark could not be committed.
        """
        group = self._due_group()
        if group.done is None:
            group.done = self._loop.create_future()
        await group.done

    async def write(
        self,
        function: Callable[Concatenate[Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run another write to this worker's rows in a thread.

        It runs in its own transaction of `Database.write_marks`, after the marks so far, and again
        if the connection is lost.
        """

        def write(connection: Connection, _is_repeat: bool) -> _T:
            return function(connection, *args, **kwargs)

        await self._settle()
        return await self.write_beside(write)

    async def write_once(
        self,
        function: Callable[Concatenate[Connection, _P], object],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> None:
        """As `write`, for what must not be written twice.

        If the connection is lost, it is missing unless the commit was done.
        """

        def write(connection: Connection, is_repeat: bool) -> None:
            if not is_repeat:
                function(connection, *args, **kwargs)

        await self._settle()
        await self.write_beside(write)

    async def write_beside(self, function: Callable[[Connection, bool], _T]) -> _T:
        """Run a long write to this worker's rows, such as a claim, so that no mark waits for it.

        As `write`, but on PostgreSQL beside the marks. The second argument of the function says
        whether an earlier try may have been committed.
        """
        thread, connection = self._beside()

        @contextmanager
        def transaction() -> Iterator[Connection]:
            self._before()
            with connection.write_marks() as found:
                yield found

        return await thread.result(partial(self._write, transaction, function))

    # --- inside -----------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """Wait for the marks so far; who waits for one of them has its error."""
        if self._is_writing or self._waiting:
            with suppress(Exception):
                await self.flush()

    def _beside(self) -> tuple[CallThread, KeptConnection]:
        """Return the thread and the connection of writes that are no marks."""
        if not self._connection.has_pipeline:
            return self._writer, self._connection
        if self._others is None:
            self._others = (CallThread("claims"), self._database.keep_connection())
        return self._others

    def _next_group(self) -> Group:
        """Return the marks of the next commit, for one that need not be durable immediately."""
        if self._failure is not None:
            raise self._failure
        if not (self._is_writing or self._is_timed):
            self._is_timed = True
            self._loop.call_later(_ENDS_WITHIN_S, self._write_ends)
        return self._waiting

    def _write_ends(self) -> None:
        self._is_timed = False
        if self._failure is None and self._waiting:
            self._due_group()

    def _due_group(self) -> Group:
        """Return the marks of the next commit, which is to be soon."""
        if self._failure is not None:
            raise self._failure
        self._waiting.is_due = True
        if not self._is_writing:
            self._is_writing = True
            # Marks that come together go into one commit.
            self._loop.call_soon(self._write_waiting)
        return self._waiting

    def _write_waiting(self) -> None:
        """Write what waits, once an iteration of the event loop has brought no further mark."""
        size = len(self._waiting.handing)
        is_growing, self._size = size > self._size, size
        if is_growing:
            self._loop.call_soon(self._write_waiting)
            return
        if not self._waiting.is_due:
            self._is_writing = False
            if self._waiting:
                self._next_group()
            return
        group, self._waiting, self._size = self._waiting, Group(), 0
        try:
            is_begun = self._is_begun_here(group)
        except BaseException as error:  # whatever it is, somebody waits for it
            self._committed(group, frozenset(), error)
            return
        if not is_begun:
            self._writer.run(partial(self._commit, group), partial(self._committed, group))

    def _is_begun_here(self, group: Group) -> bool:
        """Begin a group in the event loop, or return False if the thread must write it.

        To take turns with a thread at each statement takes longer than the statements.
        """
        if monotonic() >= self._before_at or not self._writer.is_idle:
            return False
        if self._connection.has_pipeline:
            return self._is_sent_here(group)
        return self._is_written_here(group)

    def _is_written_here(self, group: Group) -> bool:
        """Write a group; its commit, which waits for the disk, only while the disk is quick.

        To wait for a quick disk takes less time than to wake a thread that waits for it.
        """
        try:
            with self._connection.begin_marks_at_once() as connection:
                if connection is None:
                    return False
                mark = deliveries.mark_all_handing
                handing = self._write_group(group, mark, connection, is_repeat=False)
        except deliveries.NotAllMarkedError:
            return False
        if self._is_quick:
            self._committed(group, self._finish(handing), None)
        else:
            self._writer.run(partial(self._finish, handing), partial(self._committed, group))
        return True

    def _is_sent_here(self, group: Group) -> bool:
        """Send a usual group to the server in one round trip."""
        edition_id = self._edition_id
        if edition_id is None or not (group.is_usual and self._connection.is_open):
            return False
        statement, values = marks_of(
            self._connection.dialect,
            group.sent,
            group.handing,
            self._worker,
            edition_id,
            self._clock(),
        )
        self._connection.send_marks(statement, values, partial(self._answered, group))
        return True

    def _answered(self, group: Group, new: Sequence[int], error: Exception | None) -> None:
        """End a group that was sent; seldom something is left for the thread."""
        if error is None and len(new) == len(group.handing):
            self._committed(group, frozenset(new), None)
        else:
            rest = partial(self._write_rest, group, frozenset(new), error)
            self._writer.run(rest, partial(self._committed, group))

    def _finish(self, handing: frozenset[int]) -> frozenset[int]:
        started_s = monotonic()
        self._connection.commit_marks()
        self._is_quick = monotonic() - started_s < _QUICK_S
        return handing

    def _committed(
        self, group: Group, handing: frozenset[int], error: BaseException | None
    ) -> None:
        if error is not None:
            self._failure = error
            for each in (group, self._waiting):
                each.fail(error)
            self._waiting = Group()
            return
        self.commits += 1
        for delivery_id, done in group.handing.items():
            if not done.done():
                done.set_result(delivery_id in handing)
        if group.done is not None and not group.done.done():
            group.done.set_result(None)
        # After the connections that go on now: what they store goes into the next commit.
        self._loop.call_soon(self._write_waiting)

    # --- in the writer's thread -------------------------------------------------------------------

    def _write(
        self,
        transaction: Callable[[], AbstractContextManager[Connection]],
        write: Callable[[Connection, bool], _T],
        *,
        is_repeat: bool = False,
    ) -> _T:
        hold = partial(self._database.hold_worker, self._worker)
        return write_through_outage(
            transaction, write, before_repeat=hold, is_repeat=is_repeat, hurry=self._hurry
        )

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        self._do_before()  # at each try, because it may lose its connection too
        with self._connection.write_marks() as connection:
            yield connection

    def _do_before(self) -> None:
        if (now_s := monotonic()) >= self._before_at:
            self._before_at = now_s + _BEFORE_EVERY_S
            try:
                self._before()
            except BaseException:
                self._before_at = 0.0
                raise

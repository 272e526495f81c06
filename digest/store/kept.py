"""Keeps one connection for the marks of a worker, from one transaction to the next.

To take a connection from the pool, and to begin and commit by SQLAlchemy, takes longer than the
marks of a group themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection, Dialect, Engine

from digest.errors import ReplacedStoreError

#: Takes the first column of a statement's rows, or the error.
Done = Callable[[Sequence[int], Exception | None], None]


class Pipeline(Protocol):
    """The way by which whole transactions travel to a server; the event loop goes on meanwhile."""

    def send(self, statement: str, values: Mapping[str, Any], done: Done) -> None:
        """Send a transaction of one statement; `done` is called when it is committed or failed."""

    def close(self) -> None:
        """Wait for no answer any more."""


class KeptConnection:
    """One connection; a transaction that fails ends it, and the next one opens another."""

    def __init__(
        self,
        engine: Engine,
        begin: Callable[[Any], None],
        begin_at_once: Callable[[Any], bool] | None,
        translated: Callable[[], AbstractContextManager[None]],
        for_marks: Callable[[Any], AbstractContextManager[None]],
        open_pipeline: Callable[[Any], Pipeline] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            engine: the pool.
            begin: begins a transaction of the driver's connection.
            begin_at_once: the same without a wait, or returns False; None if every statement waits
                for a server.
            translated: returns the context that translates the driver's errors.
            for_marks: returns the context in which the driver's connection is used for marks.
            open_pipeline: returns the way by which whole transactions of the driver's connection
                travel; None if the engine has no round trips to save.
        """
        self._engine = engine
        self._begin = begin
        self._begin_at_once = begin_at_once
        self._translated = translated
        self._for_marks = for_marks
        self._open_pipeline = open_pipeline
        self._pipeline: Pipeline | None = None
        self._open = ExitStack()
        self._connection: Connection | None = None

    @property
    def dialect(self) -> Dialect:
        """What tells the engines apart."""
        return self._engine.dialect

    @property
    def has_pipeline(self) -> bool:
        """Whether `send_marks` may be used."""
        return self._open_pipeline is not None

    @property
    def is_open(self) -> bool:
        """Whether the next transaction need not open a connection, which takes a while."""
        return self._connection is not None

    def send_marks(self, statement: str, values: Mapping[str, Any], done: Done) -> None:
        """Send a transaction of marks that is one statement; see `Pipeline.send`."""
        assert self._open_pipeline is not None  # noqa: S101 - the caller has asked
        ended = partial(self._end_sent, done)
        try:
            connection = self._connection or self._opened()
            if self._pipeline is None:
                driver = connection.connection.driver_connection
                self._pipeline = self._open_pipeline(driver)
            self._pipeline.send(statement, values, ended)
        except Exception as error:  # the driver's; somebody waits for it
            ended((), error)

    def _end_sent(self, done: Done, rows: Sequence[int], error: Exception | None) -> None:
        if error is not None:
            try:
                with self._checked():
                    raise error
            except Exception as translated:
                error = translated
        done(rows, error)

    @contextmanager
    def write_marks(self) -> Iterator[Connection]:
        """Run one transaction of marks; see `Database.write_marks`."""
        with self._checked() as connection:
            self._begin(connection.connection.driver_connection)
            yield connection
            _commit(connection)

    @contextmanager
    def begin_marks_at_once(self) -> Iterator[Connection | None]:
        """Run the statements of a transaction that `commit_marks` ends; another thread may do that.

        The block gets None if another process has the lock.
        """
        assert self._begin_at_once is not None  # noqa: S101 - the caller has asked
        with self._checked() as connection:
            is_begun = self._begin_at_once(connection.connection.driver_connection)
            yield connection if is_begun else None

    def commit_marks(self) -> None:
        """End the transaction of `begin_marks_at_once`."""
        with self._checked() as connection:
            _commit(connection)

    @contextmanager
    def _checked(self) -> Iterator[Connection]:
        """Give the connection to the block; end it if the block fails."""
        with self._translated():
            connection = self._connection or self._opened()
            try:
                yield connection
            except ReplacedStoreError:
                # It still reads the file that it has open: the last state of the send.
                driver: Any = connection.connection.driver_connection
                driver.rollback()
                raise
            except BaseException:
                self._close_pipeline()
                connection.invalidate()
                self._connection = None
                self._open.pop_all()
                connection.close()
                raise

    def _opened(self) -> Connection:
        self._connection = self._open.enter_context(self._engine.connect())
        self._open.enter_context(self._for_marks(self._connection.connection.driver_connection))
        return self._connection

    def close(self) -> None:
        """Return the connection to the pool."""
        if self._connection is not None and self._pipeline is not None:
            self._close_pipeline()
            self._connection.invalidate()  # it has statements of its own, or no answer yet
        self._connection = None
        self._open.close()

    def _close_pipeline(self) -> None:
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.close()


def _commit(connection: Connection) -> None:
    if connection.in_transaction():  # a statement was not given to the driver
        connection.commit()
    else:
        driver: Any = connection.connection.driver_connection
        driver.commit()

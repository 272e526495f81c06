"""Keeps one connection for the marks of a worker, from one transaction to the next.

To take a connection from the pool, and to begin and commit by SQLAlchemy, takes longer than the
marks of a group themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

from digest.errors import ReplacedStoreError


class KeptConnection:
    """One connection; a transaction that fails ends it, and the next one opens another."""

    def __init__(
        self,
        engine: Engine,
        begin: Callable[[Any], None],
        begin_at_once: Callable[[Any], bool] | None,
        translated: Callable[[], AbstractContextManager[None]],
        shrink: Callable[[Any], AbstractContextManager[None]],
        pipeline: Callable[[Any], AbstractContextManager[None]] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            engine: the pool.
            begin: begins a transaction of the driver's connection.
            begin_at_once: the same without a wait, or returns False; None if every statement waits
                for a server.
            translated: returns the context that translates the driver's errors.
            shrink: returns the context in which the driver's connection uses less memory.
            pipeline: returns the context of a transaction of the driver's connection whose
                statements travel together; None if the engine has no round trips to save.
        """
        self._engine = engine
        self._begin = begin
        self._begin_at_once = begin_at_once
        self._translated = translated
        self._shrink = shrink
        self._pipeline = pipeline
        self._open = ExitStack()
        self._connection: Connection | None = None

    @property
    def has_pipeline(self) -> bool:
        """Whether `pipelined_marks` may be used."""
        return self._pipeline is not None

    @contextmanager
    def pipelined_marks(self) -> Iterator[Connection]:
        """Run one transaction of marks in one round trip; results come after its end."""
        assert self._pipeline is not None  # noqa: S101 - the caller has asked
        with self._checked() as connection:
            driver: Any = connection.connection.driver_connection
            with self._pipeline(driver):
                yield connection

    @contextmanager
    def write_marks(self) -> Iterator[Connection]:
        """Run one transaction of marks; see `Database.write_marks`."""
        with self._checked() as connection:
            self._begin(connection.connection.driver_connection)
            yield connection
            _commit(connection)

    @property
    def can_begin_at_once(self) -> bool:
        """Whether `begin_marks_at_once` may be used."""
        return self._begin_at_once is not None

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
                connection.invalidate()
                self._connection = None
                self._open.pop_all()
                connection.close()
                raise

    def _opened(self) -> Connection:
        self._connection = self._open.enter_context(self._engine.connect())
        self._open.enter_context(self._shrink(self._connection.connection.driver_connection))
        return self._connection

    def close(self) -> None:
        """Return the connection to the pool."""
        self._connection = None
        self._open.close()


def _commit(connection: Connection) -> None:
    if connection.in_transaction():  # a statement was not given to the driver
        connection.commit()
    else:
        driver: Any = connection.connection.driver_connection
        driver.commit()

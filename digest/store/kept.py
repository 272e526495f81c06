"""Keeps one connection for the marks of a worker, from one transaction to the next.

To take a connection from the pool, and to begin and commit by SQLAlchemy, takes longer than the
marks of a group themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine


class KeptConnection:
    """One connection; a transaction that fails ends it, and the next one opens another."""

    def __init__(
        self,
        engine: Engine,
        begin: Callable[[Any], None],
        translated: Callable[[], AbstractContextManager[None]],
        shrink: Callable[[Any], AbstractContextManager[None]],
    ) -> None:
        """Open nothing yet.

        Args:
            engine: the pool.
            begin: begins a transaction of the driver's connection.
            translated: returns the context that translates the driver's errors.
            shrink: returns the context in which the driver's connection uses less memory.
        """
        self._engine = engine
        self._begin = begin
        self._translated = translated
        self._shrink = shrink
        self._open = ExitStack()
        self._connection: Connection | None = None

    @contextmanager
    def write_marks(self) -> Iterator[Connection]:
        """Run one transaction of marks; see `Database.write_marks`."""
        with self._translated():
            connection = self._connection or self._opened()
            driver: Any = connection.connection.driver_connection
            try:
                self._begin(driver)
                yield connection
                if connection.in_transaction():  # a statement was not given to the driver
                    connection.commit()
                else:
                    driver.commit()
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
        """Give the connection back to the pool."""
        self._connection = None
        self._open.close()

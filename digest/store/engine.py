"""Opening the database and speaking to it in transactions, whichever engine it has.

What is promised here holds on both: writers follow one another, so that what a write transaction
has read stays true until it ends; and a commit that returned survives a loss of power.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from digest.errors import ConfigError, StoreError
from digest.store.engines.backend import Backend

#: `Connection` is what rooms outside the store may name of SQLAlchemy.
__all__ = ["BUSY_TIMEOUT_S", "Connection", "Database"]

BUSY_TIMEOUT_S = 30


class Database:
    """One database; `read()` and `write()` return connections inside a transaction."""

    def __init__(
        self, url: str, *, state: Path | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            url: `sqlite:///path`, relative paths count from the working folder, or
                `postgresql://user@host/name`.
            state: the folder for what PostgreSQL cannot keep; None: the working folder.
            busy_timeout_s: how long a write waits for another writer.

        Raises:
            ConfigError: the URL is of neither engine, or its driver is not installed.
        """
        self.url = _checked_url(url)
        self._backend = _open(self.url, state or Path(), busy_timeout_s)

    # --- transactions -----------------------------------------------------------------------------

    def read(self) -> AbstractContextManager[Connection]:
        """Return a connection whose reads see one state of the database."""
        return self._transaction(self._backend.begin_read, is_read=True)

    def write(self) -> AbstractContextManager[Connection]:
        """Return a connection that alone writes; commits at the end, or rolls all back."""
        return self._transaction(self._backend.begin_write)

    def write_marks(self) -> AbstractContextManager[Connection]:
        """Return a connection for rows that one worker holds or claims.

        As `write()`, but on PostgreSQL several may run at the same time. So nothing may be decided
        in it by rows that another such transaction could change: each statement names the worker
        or the state it expects, and claims pass over locked rows.
        """
        return self._transaction(self._backend.begin_marks)

    # --- the database itself ----------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The database as messages name it, without a password."""
        return self._backend.name

    @property
    def leavings(self) -> Path:
        """The file that keeps who left while the database could not be written."""
        return self._backend.leavings

    def exists(self) -> bool:
        """Return whether there is a database with anything of ours in it.

        Raises:
            StoreError: the server cannot be asked.
        """
        with self._translated():
            return self._backend.exists()

    def prepare(self) -> None:
        """Make room for a database that is about to be created.

        Raises:
            StoreError: there is none to be had.
        """
        self._backend.prepare()

    def backup(self, target: Path) -> None:
        """Write a consistent copy into a file that does not exist yet, while others work on.

        Raises:
            UsageError: the program that this needs is not installed.
            StoreError: the copy failed; nothing is left of it.
        """
        try:
            with self._translated():
                self._backend.backup(target)
        except OSError as error:
            raise StoreError(f"{target}: {error.strerror}; the backup was not written") from error

    def refresh_statistics(self) -> None:
        """Let the engine look at the tables of a send, which a freeze has just filled."""
        with self._translated():
            self._backend.refresh_statistics()

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._backend.engine.dispose()

    # --- who works on it --------------------------------------------------------------------------

    def worker(self) -> AbstractContextManager[str]:
        """Return a context in which this process is a worker; gives the worker's random name.

        Raises:
            StoreError: the worker's lock cannot be taken.
        """
        return self._backend.worker()

    def dead_workers(self, connection: Connection, names: Iterable[str]) -> frozenset[str]:
        """Return those of `names` whose process has ended."""
        return self._backend.dead_workers(connection, names)

    def take_turn(self, name: str) -> AbstractContextManager[bool]:
        """Return a context that has the turn of that name; gives false if another process has it.

        A turn only saves work; the database itself makes sure that nothing happens twice.

        Raises:
            StoreError: the turn's lock cannot be tried.
        """
        return self._backend.take_turn(name)

    # --- inside -----------------------------------------------------------------------------------

    @contextmanager
    def _transaction(
        self, begin: Callable[[Connection], None], *, is_read: bool = False
    ) -> Iterator[Connection]:
        with self._translated(), self._backend.engine.connect() as connection:
            begin(connection)
            yield connection
            if is_read:
                connection.rollback()
            else:
                connection.commit()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
            raise self._backend.translate(error) from error


def _open(url: URL, state: Path, busy_timeout_s: float) -> Backend:
    # The engine that is not used is not imported.
    if url.get_backend_name() == "sqlite":
        from digest.store.engines.sqlite import SqliteBackend

        return SqliteBackend(url, busy_timeout_s=busy_timeout_s)
    from digest.store.engines.postgres import PostgresBackend

    return PostgresBackend(url, state=state, busy_timeout_s=busy_timeout_s)


def _checked_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # Not quoted: it may hold a password.
        raise ConfigError(("database.url: is not a database URL",)) from error
    is_file = parsed.drivername in ("sqlite", "sqlite+pysqlite")
    is_server = parsed.drivername in ("postgresql", "postgresql+psycopg")
    if not (is_file or is_server) or not parsed.database or parsed.database == ":memory:":
        raise ConfigError(("database.url: write sqlite:///FILE or postgresql://USER@HOST/NAME",))
    return parsed

"""Opens the database and runs transactions on it, with either engine.

Both engines guarantee: write transactions run one after another, so data that one has read does not
change until it ends; and a commit that has returned survives a power failure.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from digest.errors import ConfigError, CorruptStoreError, StoreError, disk_fault
from digest.store.engines.backend import Backend
from digest.store.engines.restoration import Restoration
from digest.store.kept import KeptConnection
from subscribers.columns import DamagedValueError

#: `Connection` is the only SQLAlchemy name that packages outside the store may use.
__all__ = ["BUSY_TIMEOUT_S", "SQLITE_VERSION", "Connection", "Database"]

BUSY_TIMEOUT_S = 30
#: Such as `3.45.1`.
SQLITE_VERSION = sqlite3.sqlite_version


class Database:
    """One database; `read()` and `write()` return connections inside a transaction."""

    def __init__(
        self, url: str, *, state: Path | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
    ) -> None:
        """Prepare the engine; open no connection yet.

        Args:
            url: `sqlite:///path`, relative to the working folder, or
                `postgresql://user@host/name`.
            state: the folder for the state file and, with PostgreSQL, the leavings file; None: the
                working folder.
            busy_timeout_s: the time in seconds that a write waits for another writer.

        Raises:
            ConfigError: the URL is for neither engine, or its driver is not installed.
        """
        self.url = _checked_url(url)
        file = Path((self.url.database or "").removeprefix("file:")).name
        #: The path of the state file: see `digest.store.statefile`.
        self.state_file = (state or Path()) / f"{file}.state"
        self._backend = _open(self.url, state or Path(), busy_timeout_s)

    # --- transactions -----------------------------------------------------------------------------

    def read(self) -> AbstractContextManager[Connection]:
        """Return a connection whose reads all see the same state of the database."""
        return self._transaction(self._backend.begin_read, is_read=True)

    def write(self) -> AbstractContextManager[Connection]:
        """Return the only connection that writes; commits at the end, or rolls back on an error.

        Raises:
            ReplacedStoreError: the file of the database was replaced or removed meanwhile.
        """
        return self._transaction(self._backend.begin_write)

    @contextmanager
    def write_marks(self) -> Iterator[Connection]:
        """Return a connection for rows that one worker holds or claims.

        Like `write()`, but on PostgreSQL several may run at the same time. So it must not decide by
        rows that another such transaction could change: each statement names the expected worker
        or state, and claims skip locked rows.
        """
        with closing(self.keep_connection()) as kept, kept.write_marks() as connection:
            yield connection

    def keep_connection(self) -> KeptConnection:
        """Return a connection for many transactions of `write_marks`; used by one thread."""
        backend = self._backend
        return KeptConnection(
            backend.engine,
            backend.begin_marks,
            backend.begin_marks_at_once,
            self._translated,
            backend.for_marks,
            backend.open_pipeline,
        )

    # --- the database itself ----------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The database's name in messages, without a password."""
        return self._backend.name

    @property
    def server_address(self) -> str:
        """The address as libpq reads it, with its password; empty for a file."""
        return self._backend.server_address

    @property
    def leavings(self) -> Path:
        """The file of unsubscribes received while the database could not be written."""
        return self._backend.leavings

    @property
    def files(self) -> tuple[Path, ...]:
        """The files on this machine that only its owner should read; each exists or not."""
        return (*self._backend.files, self._backend.leavings, self.state_file)

    def exists(self) -> bool:
        """Return whether the database exists and has tables of this program.

        Raises:
            StoreError: the server cannot be reached.
        """
        try:
            with self._translated():
                return self._backend.exists()
        except OSError as error:
            raise disk_fault(f"database {self.name}", error) from error

    def prepare(self) -> None:
        """Prepare the place for a database that is about to be created.

        Raises:
            StoreError: the folder cannot be created.
        """
        self._backend.prepare()

    def backup(self, target: Path, *, tables: Collection[str] = ()) -> dict[str, int]:
        """Write a consistent copy into a new file; other processes can go on working.

        Args:
            target: the file.
            tables: the names of this program's tables; a server's database may have others, which
                are left out. Empty: all are copied.

        Returns:
            The rows of the key tables in the copied state.

        Raises:
            UsageError: `pg_dump` is needed, but not installed.
            StoreError: the copy failed; no file is left.
        """
        try:
            with self._translated():
                return self._backend.backup(target, tables=tables)
        except OSError as error:
            fault = disk_fault(str(target), error)
            raise StoreError(f"{fault}; the backup was not written") from error

    @property
    def is_file(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.url.get_backend_name() == "sqlite"

    def restore(self, copy: Path, kept: Path, restoration: Restoration) -> None:
        """Put a copy in the place of the database; the old one is kept in a new file.

        Killed at any moment, the old database or the new one is there, never none.

        Args:
            copy: the copy, which was verified.
            kept: the file that keeps the old database; not written if there is none.
            restoration: reads the old database and finishes the new one.

        Raises:
            Refused: a process is using the database.
            StoreError: the database cannot be replaced; the old one is unchanged.
        """
        try:
            with self._translated():
                self._backend.restore(copy, kept, restoration)
        except OSError as error:
            fault = disk_fault(f"database {self.name}", error)
            raise StoreError(f"{fault}; the old database is unchanged") from error

    def other_users(self) -> str:
        """Return how many other connections use the database, in words; empty if none does."""
        self._backend.engine.dispose()
        with self._translated():
            return self._backend.other_users()

    def check_sound(self) -> None:
        """Check the structure of the database before a send.

        Raises:
            CorruptStoreError: it is damaged; nothing may be sent from it.
        """
        with self._translated():
            self._backend.check_sound()

    def refresh_statistics(self) -> None:
        """Update the statistics of the tables of a send, which a freeze has just filled."""
        with self._translated():
            self._backend.refresh_statistics()

    def close(self) -> None:
        """Close all unused connections."""
        self._backend.engine.dispose()

    # --- workers and turns ------------------------------------------------------------------------

    def worker(self) -> AbstractContextManager[str]:
        """Return a context in which this process is a worker; its value is the worker's name.

        Raises:
            StoreError: the worker's lock cannot be taken.
        """
        return self._backend.worker()

    def hold_worker(self, name: str) -> None:
        """Take the lock of this process' worker again, if a restart of the server released it.

        Raises:
            ConnectionLostError: the server cannot be reached.
        """
        self._backend.hold_worker(name)

    def dead_workers(self, connection: Connection, names: Iterable[str]) -> frozenset[str]:
        """Return those of `names` whose process has ended."""
        return self._backend.dead_workers(connection, names)

    def crashed_workers(self, connection: Connection, dead: Collection[str]) -> frozenset[str]:
        """Return those of dead workers whose process ended by itself.

        A restart of the server cuts workers off, too; that is no fault of what they sent.
        """
        return self._backend.crashed_workers(connection, dead)

    def take_turn(self, name: str) -> AbstractContextManager[bool]:
        """Return a context that takes the turn; its value is False if another process has it.

        A turn only saves work; the database itself ensures that nothing happens twice.

        Raises:
            StoreError: the turn's lock cannot be opened.
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

    @property
    def _driver_error(self) -> type[Exception]:
        """The errors of statements that are given to the driver."""
        driver: Any = self._backend.engine.dialect.loaded_dbapi
        error: type[Exception] = driver.Error
        return error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout, sqlite3.Error, self._driver_error) as error:
            raise self._backend.translate(error) from error
        except ValueError as error:
            if not (damage := _damage_of(error)):
                raise
            raise CorruptStoreError(
                f"database {self.name}: damaged ({damage}); restore a backup"
            ) from error
        except SQLAlchemyError as error:
            line = str(error).partition("\n")[0]
            raise StoreError(f"database {self.name}: {line}") from error


def _damage_of(error: ValueError) -> str:
    """Return what is damaged if a stored value could not be read; empty for any other error."""
    if isinstance(error, UnicodeDecodeError):  # of the driver
        return "a text is not UTF-8"
    # The latter is an enumeration's word for a stored word that it does not have.
    is_stored = isinstance(error, DamagedValueError) or "is not a valid" in str(error)
    return str(error) if is_stored else ""


def _open(url: URL, state: Path, busy_timeout_s: float) -> Backend:
    # Only the engine in use is imported.
    if url.get_backend_name() == "sqlite":
        from digest.store.engines.sqlite import SqliteBackend

        return SqliteBackend(url, busy_timeout_s=busy_timeout_s)
    from digest.store.engines.postgres import PostgresBackend

    return PostgresBackend(url, state=state, busy_timeout_s=busy_timeout_s)


def _checked_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The message does not quote the URL because it may contain a password.
        raise ConfigError(
            ("database.url: must be sqlite:///FILE or postgresql://USER@HOST/NAME",)
        ) from error
    is_file = parsed.drivername in ("sqlite", "sqlite+pysqlite")
    is_server = parsed.drivername in ("postgresql", "postgresql+psycopg")
    if not (is_file or is_server) or not parsed.database or parsed.database == ":memory:":
        raise ConfigError(("database.url: must be sqlite:///FILE or postgresql://USER@HOST/NAME",))
    return parsed

"""Opening the database and speaking to it in transactions.

Reads and writes are separate: a write takes SQLite's lock at its start (`BEGIN IMMEDIATE`), for a
read that turns into a write fails at once where another writer is at work, whatever
`busy_timeout` says. The ledger needs `synchronous=FULL`: a commit that is lost with the power
would turn a sent mail into a second one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from digest.errors import ConfigError, CorruptStoreError, StoreError

#: `Connection` is what rooms outside the store may name of SQLAlchemy.
__all__ = ["BUSY_TIMEOUT_S", "Connection", "Database", "translate"]

BUSY_TIMEOUT_S = 30


class Database:
    """One database; `read()` and `write()` give connections inside a transaction."""

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Prepare the engine; nothing is opened yet.

        Args:
            url: `sqlite:///path`; relative paths count from the working folder.
            busy_timeout_s: how long a write waits for another writer.

        Raises:
            ConfigError: the URL is not one of a SQLite file.
        """
        self.url = _checked_url(url)
        self.path = Path((self.url.database or "").removeprefix("file:"))
        self._busy_timeout_ms = int(busy_timeout_s * 1000)
        self._engine = self._create_engine()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection whose reads see one state of the database."""
        with self._translated(), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection that holds the write lock; commits at the end, or rolls all back."""
        with self._translated(), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def exists(self) -> bool:
        """Whether there is a database file with anything in it."""
        return self.path.is_file() and self.path.stat().st_size > 0

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _create_engine(self) -> Engine:
        engine = create_engine(self.url, connect_args={"isolation_level": None})
        event.listen(engine, "connect", self._prepare_sqlite)
        return engine

    def _prepare_sqlite(self, connection: sqlite3.Connection, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {self._busy_timeout_ms}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise translate(error, self.path) from error


def translate(error: Exception, path: Path) -> StoreError:
    """Say in one line what the database refused, and what to do."""
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig else error)
    reason = said.lower()
    if "malformed" in reason or "not a database" in reason:
        return CorruptStoreError(f"database {path}: damaged ({said}); restore a backup")
    if "readonly" in reason or "read-only" in reason:
        return StoreError(f"database {path}: read-only; make the file and its folder writable")
    if "locked" in reason or "busy" in reason:
        return StoreError(f"database {path}: locked by another process; try again later")
    if "full" in reason:
        return StoreError(f"database {path}: the disk is full; make room and run this again")
    if "unable to open" in reason:
        return StoreError(f"database {path}: cannot be opened; check the folder and its rights")
    return StoreError(f"database {path}: {said}")


def _checked_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError((f"database.url: {url!r} is not a database URL",)) from error
    if (
        parsed.get_backend_name() != "sqlite"
        or not parsed.database
        or parsed.database == ":memory:"
    ):
        raise ConfigError(("database.url: is no SQLite file; write sqlite:///FILE",))
    return parsed

"""SQLite in a file: one writer at a time, lock files next to it.

A write takes SQLite's lock at its start (`BEGIN IMMEDIATE`) because a read that turns into a write
fails at once while another writer is active, despite `busy_timeout`. The ledger needs
`synchronous=FULL`: if a power failure lost a commit, a sent mail would be sent a second time.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from digest.errors import (
    CorruptStoreError,
    ReplacedStoreError,
    SchemaError,
    StoreError,
    disk_fault,
)
from digest.store.engines import sqlite_copy, sqlite_limits, sqlite_types
from digest.store.engines.restoration import Restoration
from digest.store.locks import (
    WorkerLock,
    dead_workers,
    remove_dead_locks,
    take_turn,
    workers_folder,
)
from digest.store.private import make_private_file, make_private_folder

#: What SQLite or its driver says about a damaged file.
_DAMAGED = ("malformed", "not a database", "could not decode")
#: SQLite's cache of a connection for marks, as it is set: in KiB if negative.
_CACHE_OF_MARKS = -500
_NO_WAIT = "PRAGMA busy_timeout = 0"
#: Characters of what SQLite says in a message.
_MOST_WORDS = 200
#: What SQLite adds to the name of each of its files.
_FILES = ("", "-wal", "-shm")


class SqliteBackend:
    """One database file."""

    #: A file has no round trips to save.
    open_pipeline = None
    server_address = ""

    def __init__(self, url: URL, *, busy_timeout_s: float) -> None:
        """Prepare the engine; open no connection yet."""
        self._path = Path((url.database or "").removeprefix("file:"))
        self._is_read_only = url.query.get("mode") == "ro"
        self._busy_timeout_s = busy_timeout_s
        self._wait = f"PRAGMA busy_timeout = {int(busy_timeout_s * 1000)}"
        self.name = str(self._path)
        self.files = tuple(self._path.with_name(f"{self._path.name}{end}") for end in _FILES)
        self.leavings = self._path.with_name(f"{self._path.name}.leavings")
        self._workers = workers_folder(self._path)
        #: Device and inode of the file that the first connection opened.
        self._identity: tuple[int, int] | None = None
        # No log and no traceback may have an address.
        self.engine = create_engine(
            url,
            connect_args={"isolation_level": None},
            hide_parameters=True,
            # The connection that was used last: the pages that it keeps are the newest.
            pool_use_lifo=True,
        )
        self.engine.dialect.colspecs = {**self.engine.dialect.colspecs, **sqlite_types.TYPES}
        event.listen(self.engine, "connect", self._set_up)

    def begin_read(self, connection: Connection) -> None:
        """Begin a transaction whose reads all see the same state of the database."""
        connection.exec_driver_sql("BEGIN")

    def begin_write(self, connection: Connection) -> None:
        """Begin a transaction that holds SQLite's only write lock.

        Raises:
            ReplacedStoreError: the path now leads to another file, or to none.
        """
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        self._check_same()

    def begin_marks(self, driver: sqlite3.Connection) -> None:
        """Begin the same, because there is only one lock, on a connection that is `for_marks`.

        Raises:
            ReplacedStoreError: the path now leads to another file, or to none.
        """
        driver.execute(self._wait)
        try:
            driver.execute("BEGIN IMMEDIATE")
        finally:
            driver.execute(_NO_WAIT)
        self._check_same()

    def begin_marks_at_once(self, driver: sqlite3.Connection) -> bool:
        """Begin the same if the lock is free; else return False.

        Raises:
            ReplacedStoreError: the path now leads to another file, or to none.
        """
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        self._check_same()
        return True

    @contextmanager
    def for_marks(self, driver: sqlite3.Connection) -> Iterator[None]:
        """Wait for no lock during the block, and keep fewer pages: marks read none twice."""
        (size,) = driver.execute("PRAGMA cache_size").fetchone()
        driver.execute(f"PRAGMA cache_size = {_CACHE_OF_MARKS}")
        driver.execute(_NO_WAIT)
        yield
        with suppress(sqlite3.Error):  # a damaged file was reported before
            driver.execute(f"PRAGMA cache_size = {size}")
            driver.execute(self._wait)

    def exists(self) -> bool:
        """Return whether the file exists and is not empty."""
        return self._path.is_file() and self._path.stat().st_size > 0

    def prepare(self) -> None:
        """Create the folder and an empty file that only its owner can read.

        SQLite gives the files next to it the same rights.

        Raises:
            StoreError: the folder or the file cannot be created.
        """
        if self._is_read_only:
            return
        try:
            make_private_folder(self._path.parent)
            make_private_file(self._path)
        except OSError as error:
            raise disk_fault(f"database {self.name}", error) from error

    def other_users(self) -> str:
        """Return whether another process has the file open, in words.

        Only then SQLite refuses to leave the mode in which several processes share its log.
        """
        with closing(sqlite3.connect(self._path, timeout=0)) as connection:
            try:
                (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                mode = "wal"
        return "" if mode == "delete" else "the file is open elsewhere"

    def check_sound(self) -> None:
        """Check the structure of the file.

        Raises:
            CorruptStoreError: it is damaged.
        """
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            # The check reads every page; the ones it keeps are of no use to what follows.
            connection.exec_driver_sql("PRAGMA shrink_memory")
        if found != "ok":
            line = " ".join(str(found).split())[:_MOST_WORDS]
            raise CorruptStoreError(f"database {self.name}: damaged ({line}); restore a backup")

    def refresh_statistics(self) -> None:
        """Do nothing: SQLite needs no statistics here."""

    @contextmanager
    def worker(self) -> Iterator[str]:
        """Hold a lock file with a random name; remove the lock files of dead workers."""
        with WorkerLock(self._workers) as lock:
            remove_dead_locks(self._workers)
            yield lock.name

    def hold_worker(self, name: str) -> None:
        """Do nothing: the kernel holds a lock as long as its process lives."""

    def dead_workers(self, connection: Connection, names: Iterable[str]) -> frozenset[str]:  # noqa: ARG002 - PostgreSQL asks the server
        """Return the names whose lock file no process holds."""
        return dead_workers(self._workers, names)

    def crashed_workers(self, connection: Connection, dead: Collection[str]) -> frozenset[str]:  # noqa: ARG002 - PostgreSQL asks the server
        """Return them: a file cuts nobody off."""
        return frozenset(dead)

    def take_turn(self, name: str) -> AbstractContextManager[bool]:
        """Take the turn's lock file for the block; yield False if another process has it."""
        return take_turn(self._workers, name)

    def backup(self, target: Path, *, tables: Collection[str]) -> dict[str, int]:  # noqa: ARG002 - a file has no others
        """Copy the file by SQLite's online backup; `target` appears only when it is complete."""
        return sqlite_copy.back_up(self._path, target, busy_timeout_s=self._busy_timeout_s)

    def restore(self, copy: Path, kept: Path, restoration: Restoration) -> None:
        """Put a copy in the place of the file.

        Raises:
            Refused: a process has the database open.
        """
        self.engine.dispose()
        sqlite_copy.restore(self, copy, kept, restoration)
        self._identity = None

    def translate(self, error: Exception) -> StoreError:
        """Return the `StoreError` for an error of SQLite."""
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        # A damaged schema is quoted with its lines.
        said = " ".join(str(cause).split())[:_MOST_WORDS]
        reason = said.lower()
        name = self.name
        if any(words in reason for words in _DAMAGED):
            return CorruptStoreError(f"database {name}: damaged ({said}); restore a backup")
        if getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
            return self._replaced()
        if "unable to open" in reason and sqlite_limits.is_out_of_files():
            return disk_fault(f"database {name}", OSError(errno.EMFILE, ""))
        # A folder in which SQLite cannot create its own files is read-only for it too.
        is_shut = "unable to open" in reason and self.exists() and not self._is_folder_writable()
        if is_shut or "readonly" in reason or "read-only" in reason:
            return StoreError(f"database {name}: read-only; make the file and its folder writable")
        if "locked" in reason or "busy" in reason:
            return StoreError(f"database {name}: locked by another process; try again later")
        if "full" in reason:
            if folder := sqlite_limits.full_temporary_folder(self._path.absolute()):
                return StoreError(
                    f"database {name}: the disk of the temporary folder {folder} is full; make room"
                    " there, or set TMPDIR to a folder on another disk, and run this again"
                )
            return StoreError(f"database {name}: the disk is full; make room and run this again")
        if "disk i/o" in reason:  # also a full disk, which has no room for SQLite's own files
            advice = "make room, or check the disk, then run this again"
            return StoreError(f"database {name}: the disk is full or has an error; {advice}")
        if "unable to open" in reason:
            return StoreError(f"database {name}: cannot be opened; check its folder's permissions")
        if "no such table" in reason or "no such column" in reason:
            return SchemaError(
                f"database {name}: its tables are not this program's ({said}); run `digest db"
                " upgrade`, or correct database.url"
            )
        return StoreError(f"database {name}: {said}")

    def _replaced(self) -> ReplacedStoreError:
        return ReplacedStoreError(
            f"database {self.name}: its file was replaced or removed while this process was"
            " using it; nothing more was written or sent. Put the file back, or see `digest"
            " restore --help`"
        )

    def _is_folder_writable(self) -> bool:
        return os.access(self._path.absolute().parent, os.W_OK)

    def _set_up(self, connection: sqlite3.Connection, _record: Any) -> None:
        cursor = connection.cursor()
        # Before a wait for a lock too, in which a restore may put another file in its place.
        self._check_same()
        cursor.execute(self._wait)
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()
        self._check_same()

    def _check_same(self) -> None:
        """Check that the path still leads to the file that the connections have open.

        Writes to a file that was moved away or deleted are lost, and the file in its place does
        not know of them.
        """
        try:
            status = os.stat(self.name)  # noqa: PTH116 - at each commit; a path's takes thrice as long
            found = (status.st_dev, status.st_ino)
        except FileNotFoundError:
            found = None
        except OSError as error:
            raise disk_fault(f"database {self.name}", error) from error
        self._identity = self._identity or found
        if found != self._identity:
            raise self._replaced()

"""Copies of an SQLite file: made while others write, read, and put in the file's place."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from digest.errors import CorruptStoreError, Refused
from digest.store.engines.restoration import Restoration, count_rows, in_use
from digest.store.parts import write_part
from digest.store.private import make_private_file, sync_folder

if TYPE_CHECKING:
    from digest.store.engines.sqlite import SqliteBackend

#: The first bytes of a file of SQLite.
MAGIC = b"SQLite format 3\0"
#: Milliseconds that a restore waits for a process that has the database open.
_PATIENCE_MS = 2000


def back_up(source: Path, target: Path, *, busy_timeout_s: float) -> dict[str, int]:
    """Copy a file by SQLite's online backup, in one read transaction.

    Writers go on meanwhile. In steps, the copy would start again after each commit of another
    process, so that it would never end during a send.

    Returns:
        The rows of the key tables in the copied state.
    """
    with write_part(target) as (part, _):
        engine = create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(source, timeout=busy_timeout_s, isolation_level=None),
            poolclass=NullPool,
        )
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            counts = count_rows(connection)
            _copy(cast("sqlite3.Connection", connection.connection.driver_connection), part)
    return counts


def read(path: Path) -> tuple[str, dict[str, int]]:
    """Check a copy as a whole; return its schema version and the rows of its key tables.

    Raises:
        CorruptStoreError: it is damaged, or not of this program.
    """
    # Without a journal beside it, nothing is written there either.
    is_alone = not path.with_name(f"{path.name}-wal").exists()
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_alone else ''}"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            if said != "ok":
                raise CorruptStoreError(f"{path}: damaged ({' '.join(str(said).split())[:200]})")
            if not connection.dialect.has_table(connection, "alembic_version"):
                return "", {}
            query = "SELECT version_num FROM alembic_version"
            return str(connection.exec_driver_sql(query).scalar() or ""), count_rows(connection)
    except (DBAPIError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        raise CorruptStoreError(f"{path}: damaged ({cause})") from error


def restore(backend: SqliteBackend, copy: Path, kept: Path, restoration: Restoration) -> None:
    """Put a copy in the place of a backend's file; see `Backend.restore`."""
    path = Path(backend.name)
    new = path.with_name(f"{path.name}.restoring")
    try:
        _remove(new)
        make_private_file(new)
        with _alone(backend, path, restoration) as is_readable:
            _fill(copy, new, restoration)
            _swap(path, new, kept, is_readable=is_readable)
    finally:
        _remove(new)


@contextmanager
def _alone(backend: SqliteBackend, path: Path, restoration: Restoration) -> Iterator[bool]:
    """Keep all other processes from a database during the block, and read it.

    The value is whether the file could be read.

    Raises:
        Refused: another process has it open.
    """
    if not backend.exists():
        yield False
        return
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(path, isolation_level=None),
        poolclass=NullPool,
        hide_parameters=True,
    )
    with engine.connect() as connection:
        is_readable = _read(backend, connection, restoration)
        yield is_readable
        if is_readable:
            connection.exec_driver_sql("ROLLBACK")


def _read(backend: SqliteBackend, connection: Connection, restoration: Restoration) -> bool:
    try:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        connection.exec_driver_sql("PRAGMA locking_mode = EXCLUSIVE")
        # Fails as long as another connection is open, also one that does nothing.
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
    except DBAPIError as error:
        if "locked" in str(error.orig):
            raise Refused(
                f"database {backend.name}: {in_use('another process has it open')}"
            ) from error
        restoration.fail(str(backend.translate(error)))
        return False
    try:
        restoration.read(connection)
    except (DBAPIError, UnicodeDecodeError) as error:
        restoration.fail(str(backend.translate(error)))
    return True


def _fill(copy: Path, new: Path, restoration: Restoration) -> None:
    """Copy into the new file, finish it, and leave it whole on the disk."""
    is_alone = not copy.with_name(f"{copy.name}-wal").exists()
    address = f"{copy.absolute().as_uri()}?mode=ro{'&immutable=1' if is_alone else ''}"
    with closing(sqlite3.connect(address, uri=True)) as source:
        _copy(source, new)
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(new, isolation_level=None),
        poolclass=NullPool,
        hide_parameters=True,
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        restoration.finish(connection)
        connection.exec_driver_sql("COMMIT")
    _sync(new)


def _swap(path: Path, new: Path, kept: Path, *, is_readable: bool) -> None:
    """Put the new file in the place of the old one, which stays under another name."""
    if path.exists():
        if not is_readable:
            # The journal of a damaged file must not be applied to the new one.
            for end in ("-wal", "-shm", "-journal"):
                _move(path.with_name(f"{path.name}{end}"), kept.with_name(f"{kept.name}{end}"))
        try:
            os.link(path, kept)
        except OSError:  # a file system without links
            shutil.copy2(path, kept)
            _sync(kept)
        sync_folder(kept.parent)  # before its other name goes
    new.replace(path)
    sync_folder(path.parent)


def _copy(source: sqlite3.Connection, target: Path) -> None:
    try:
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            # Of the copy, not of the database.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise


def _move(old: Path, new: Path) -> None:
    if old.exists():
        old.rename(new)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())

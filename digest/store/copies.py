"""Copies of a database: their names, what is in them, and how many are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from digest.errors import CorruptStoreError, NothingToDo, SchemaError, StoreError, disk_fault
from digest.store.dialect import insert_for
from digest.store.engine import Database
from digest.store.parts import remove_abandoned
from digest.store.private import make_private_folder
from digest.store.revision import REVISION
from digest.store.tables import meta, metadata
from subscribers.tables import metadata as people_metadata

_LAST = "backed_up_at"
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy that was read as a whole and is sound."""

    path: Path
    is_sqlite: bool
    #: Its schema version.
    revision: str
    #: The rows of its key tables.
    counts: dict[str, int]


def read_copy(path: Path) -> Copy:
    """Read a whole copy and check that it is sound and that this program can use it.

    Raises:
        NothingToDo: the file does not exist.
        CorruptStoreError: it is damaged, or no copy of a database of this program.
        SchemaError: it is of a newer program.
        StoreError: it cannot be read.
        UsageError: PostgreSQL's client programs are needed, but not installed.
    """
    # Each engine's code is imported only if it is needed.
    from digest.store.engines import postgres_load, sqlite_copy

    try:
        with path.open("rb") as file:
            head = file.read(16)
        is_sqlite = head == sqlite_copy.MAGIC
        if not (is_sqlite or head.startswith(postgres_load.MAGIC)):
            raise CorruptStoreError(f"{path}: is neither an SQLite database nor a dump of pg_dump")
        revision, counts = (sqlite_copy if is_sqlite else postgres_load).read(path)
    except FileNotFoundError as error:
        raise NothingToDo(f"{path}: does not exist") from error
    except OSError as error:
        raise disk_fault(str(path), error) from error
    if not revision:
        raise CorruptStoreError(f"{path}: has no tables of this program")
    if revision > REVISION:
        raise SchemaError(
            f"{path}: schema {revision} is newer than this program, which needs {REVISION};"
            " update the program"
        )
    return Copy(path=path, is_sqlite=is_sqlite, revision=revision, counts=counts)


def make_copy(database: Database, target: Path) -> Copy:
    """Write a copy of a database, read it again, and compare both; nothing is left on an error.

    Raises:
        StoreError: the copy cannot be written, or is not equal to the database.
        UsageError: PostgreSQL's client programs are needed, but not installed.
    """
    _make_folder(target.parent)
    _remove_abandoned(target.parent)
    counts = database.backup(target, tables=table_names())
    try:
        copy = read_copy(target)
        if copy.counts != counts:
            raise CorruptStoreError(f"{target}: has other rows than the database; it was deleted")
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return copy


def copy_path(folder: Path, database: Database, now: datetime) -> Path:
    """Return a new name for a copy; the names sort by time."""
    while (path := folder / f"{_stem(database)}-{now:{_TIME}}{_ending(database)}").exists():
        now += timedelta(seconds=1)
    return path


def prepare_folders(folder: Path, database: Database) -> None:
    """Create the folders for a restored database and for the one that it replaces.

    Raises:
        StoreError: one cannot be created.
    """
    _make_folder(Path(database.name).parent if database.is_file else folder)


def kept_path(folder: Path, database: Database, now: datetime) -> Path:
    """Return the file for the database that a restore replaces."""
    if not database.is_file:
        return folder / f"{_stem(database)}-before-restore-{now:{_TIME}}.dump"
    path = Path(database.name)
    return path.with_name(f"{path.name}.before-restore-{now:{_TIME}}")


def list_copies(folder: Path, database: Database) -> tuple[Path, ...]:
    """Return the copies of a database that have a name of `copy_path`, oldest first."""
    ours = re.compile(
        rf"{re.escape(_stem(database))}-\d{{8}}T\d{{6}}Z{re.escape(_ending(database))}"
    )
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if ours.fullmatch(path.name)))


def thin_out(folder: Path, database: Database, *, keep: int) -> tuple[Path, ...]:
    """Delete all but the newest copies of a database; return the deleted ones.

    Raises:
        StoreError: one cannot be deleted.
    """
    old = list_copies(folder, database)[:-keep]
    for path in old:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_fault(str(path), error) from error
    return old


def table_names() -> tuple[str, ...]:
    """Return the names of this program's tables."""
    return (*metadata.tables, *people_metadata.tables)


def last_backup(connection: Connection) -> datetime | None:
    """Return the time of the last copy; None if there was none."""
    found = connection.execute(select(meta.c.value).where(meta.c.name == _LAST)).scalar()
    return datetime.fromisoformat(found) if found else None


def save_backup(connection: Connection, now: datetime) -> None:
    """Store the time of a copy."""
    new = insert_for(connection, meta).values(name=_LAST, value=now.isoformat())
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": now.isoformat()})
    )


def _make_folder(folder: Path) -> None:
    try:
        make_private_folder(folder)
    except OSError as error:
        raise StoreError(f"{disk_fault(str(folder), error)}; choose another folder") from error


def _remove_abandoned(folder: Path) -> None:
    try:
        remove_abandoned(folder)
    except OSError as error:
        raise disk_fault(str(folder), error) from error


def _stem(database: Database) -> str:
    name = Path(database.url.database or "").name
    return Path(name).stem if database.is_file else name.replace("/", "_")


def _ending(database: Database) -> str:
    return ".db" if database.is_file else ".dump"

"""Backs up the database: an online copy, verified, and only the newest are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from digest.errors import StoreError, UsageError
from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.store import copies
from digest.store.copies import Copy

#: The turn of the process that makes a copy.
TURN = "backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A verified copy."""

    path: Path
    #: In bytes.
    size: int
    #: Its schema version.
    schema: str
    #: The rows of its key tables.
    counts: dict[str, int]
    #: Older copies that were deleted.
    deleted: tuple[Path, ...] = ()


def back_up(context: RunContext, target: Path | None = None, *, by: Actor) -> Backup:
    """Write a copy of the database, and verify it.

    Args:
        context: the installation's context.
        target: the new file; None: a file in the configured folder, where old ones are deleted.
        by: the actor.

    Raises:
        UsageError: the file exists, or PostgreSQL's client programs are not installed.
        StoreError: the copy cannot be written; no file is left.
    """
    database, rule = context.database, context.backups
    with database.take_turn(TURN) as is_ours:
        if not is_ours:
            raise StoreError(f"database {database.name}: another backup is being written")
        now = context.clock()
        if target is not None and target.exists():
            raise UsageError(f"{target}: exists; a backup overwrites no file")
        copy = copies.make_copy(database, target or copies.copy_path(rule.folder, database, now))
        with database.write() as connection:
            copies.save_backup(connection, now)
            record(context, connection, by, "back up database", detail=copy.path.name)
        deleted = () if target else copies.thin_out(rule.folder, database, keep=rule.keep)
    return _backup_of(copy, deleted)


def verify(path: Path) -> Backup:
    """Read a copy as a whole and check it.

    Raises:
        NothingToDo: the file does not exist.
        StoreError: it is damaged, of a newer program, or cannot be read.
    """
    return _backup_of(copies.read_copy(path), ())


def is_due(context: RunContext, every: timedelta) -> bool:
    """Return whether the last copy is older than `every`."""
    now = context.clock()
    with context.database.read() as connection:
        last = copies.last_backup(connection)
    # A copy in the future means that the clock was set back.
    return last is None or not last <= now < last + every


def _backup_of(copy: Copy, deleted: tuple[Path, ...]) -> Backup:
    return Backup(
        path=copy.path,
        size=copy.path.stat().st_size,
        schema=copy.revision,
        counts=copy.counts,
        deleted=deleted,
    )

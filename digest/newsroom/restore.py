"""Puts a backup in the place of the database; it sends nothing until it is adopted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from digest.errors import UsageError
from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.leaving import Leavings
from digest.store import copies, persons
from digest.store.engine import Connection
from digest.store.epoch import Origin, renew_epoch
from digest.store.migrate import upgrade_tables
from digest.store.revision import REVISION
from subscribers.carrying import Carried, Endings, carry_over, read_endings

_NOTHING = Carried(left=0, complained=0, suppressed=0, erased=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The result of a restore."""

    database: str
    #: The backup.
    source: Path
    #: The file with the replaced database; None if there was none.
    kept: Path | None
    #: Schema version of the backup.
    before: str
    #: Schema version now.
    now: str
    #: The rows of the backup's key tables.
    counts: dict[str, int]
    #: What was taken over from the replaced database.
    carried: Carried
    #: Why nothing could be taken over; empty if it could, or if there was no database.
    unreadable: str
    #: Number of unsubscribes of the journal that were applied.
    from_journal: int


def restore(context: RunContext, source: Path, *, by: Actor) -> Restored:
    """Put a backup in the place of the database.

    The replaced database is kept. Who left, complained, was suppressed or erased there stays so.

    Args:
        context: the installation's context.
        source: the backup.
        by: the actor.

    Raises:
        Refused: a process is using the database.
        UsageError: the backup is of the other engine.
        StoreError: the backup is damaged or of a newer program, or the database cannot be
            replaced; the old database is unchanged.
    """
    database = context.unopened_database()
    copy = copies.read_copy(source)
    if copy.is_sqlite != database.is_file:
        kind = "SQLite" if copy.is_sqlite else "PostgreSQL"
        raise UsageError(f"{source}: is a backup of {kind}, database.url is of the other engine")
    if database.is_file and source.resolve() == Path(database.name).resolve():
        raise UsageError(f"{source}: is the database itself")
    copies.prepare_folders(context.backups.folder, database)
    kept = copies.kept_path(context.backups.folder, database, context.clock())
    work = _Work(context, by, database.name)
    had_database = database.exists()
    try:
        database.restore(source, kept, work)
    finally:
        database.close()
    return Restored(
        database=database.name,
        source=source,
        kept=kept if had_database else None,
        before=copy.revision,
        now=REVISION,
        counts=copy.counts,
        carried=work.carried,
        unreadable=work.unreadable,
        # Also into this database, which may not send yet.
        from_journal=Leavings(lambda: context.database, context.journal).take(),
    )


class _Work:
    """Reads the replaced database and finishes the restored one."""

    def __init__(self, context: RunContext, by: Actor, name: str) -> None:
        self._context = context
        self._by = by
        self._name = name
        self._endings: Endings | None = None
        self.carried = _NOTHING
        self.unreadable = ""

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of this program's tables."""
        return copies.table_names()

    def read(self, replaced: Connection) -> None:
        """Read who left and who is suppressed."""
        self._endings = read_endings(replaced)

    def fail(self, reason: str) -> None:
        """Store why the replaced database cannot be read."""
        self.unreadable = reason

    def finish(self, restored: Connection) -> None:
        """Upgrade the copy, mark it as restored, and apply what was read."""
        context = self._context
        upgrade_tables(restored, self._name)
        renew_epoch(restored, Origin.RESTORED)
        if self._endings is not None:
            erase = partial(persons.erase, restored, context.keys, now=context.clock())
            self.carried = carry_over(restored, self._endings, context.keys, erase)
        record(context, restored, self._by, "restore database", detail=_counts(self.carried))


def _counts(carried: Carried) -> str:
    return (
        f"carried over: {carried.left} left, {carried.complained} complained,"
        f" {carried.suppressed} suppressed, {carried.erased} erased"
    )

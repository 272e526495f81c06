"""Moves the installation to another database: from a SQLite file to PostgreSQL, or back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from digest.errors import Refused, UsageError
from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.changes import mark_told
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.leaving import Leavings
from digest.newsroom.state import check_state, read_database
from digest.store import copying
from digest.store.copying import CopiedTable
from digest.store.engine import Database
from digest.store.migrate import upgrade as upgrade_schema
from digest.store.statefile import write_state

__all__ = ["CopiedTable", "DatabaseCopy", "copy_database"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseCopy:
    """A finished copy."""

    source: str
    target: str
    state_file: str
    tables: tuple[CopiedTable, ...]

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(each.rows for each in self.tables)


def copy_database(
    context: RunContext,
    url: str,
    *,
    by: Actor,
    progress: Callable[[CopiedTable], object] = lambda _: None,
) -> DatabaseCopy:
    """Copy every row into an empty database; from then on the copy sends, and this one does not.

    The command is the conscious adoption of the copy: it gets a new epoch and its state file. If
    it is interrupted, nothing has changed here, and it can be run again.

    Args:
        context: the installation's context.
        url: the empty database; its tables are created.
        by: the actor.
        progress: is called after each table.

    Raises:
        UsageError: it is the same database.
        Refused: the target is not empty, other processes use this database, or it may not send.
        StoreError: one of the databases cannot be used, or the copy differs.
    """
    source = context.database
    with closing(context.other_database(url)) as target:
        _check(context, source, target)
        upgrade_schema(target)
        copying.begin_copy(target, source.name)
        with source.write() as connection:  # nobody else writes meanwhile
            tables = []
            for table in copying.copied_tables():
                tables.append(copying.copy_table(connection, target, table))
                progress(tables[-1])
            copying.end_copy(target)
            mark_told(target)
            record(context, connection, by, "copy database", detail=f"to {target.name}"[:200])
            copying.mark_moved(connection, target.name)
        # Not before: two databases of the same name, on two servers, have the same state file.
        write_state(target.state_file, read_database(target)[1], now=context.clock())
        with target.write() as connection:
            record(context, connection, by, "copy database", detail=f"of {source.name}"[:200])
            copying.accept_copy(connection)
        return DatabaseCopy(
            source=source.name,
            target=target.name,
            state_file=str(target.state_file),
            tables=tuple(tables),
        )


def _check(context: RunContext, source: Database, target: Database) -> None:
    """Check that both databases may be used for a copy."""
    if source.name == target.name:
        raise UsageError(f"database {source.name}: is the configured one; name another")
    if not _is_ours_unfinished(source, target):
        check_state(context)
    Leavings.of(context).take_all()
    if others := source.other_users():
        raise Refused(
            f"database {source.name}: other processes use it ({others}); stop `digest run`,"
            " `digest serve`, `digest worker` and open tools first"
        )


def _is_ours_unfinished(source: Database, target: Database) -> bool:
    """Return whether a copy to this target was interrupted just before its end."""
    with source.read() as connection:
        if copying.read_mark(connection, copying.MOVED) != target.name:
            return False
    if not target.exists():
        return False
    with target.read() as connection:
        return copying.read_mark(connection, copying.COPYING) == source.name

"""What both engines need to copy a database and to put a copy back."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection, text

#: The tables whose rows are counted in a database and in its copy.
KEY_TABLES = ("people", "subscriptions", "suppressions", "posts", "editions", "deliveries")


class Restoration(Protocol):
    """Reads the database that is replaced, and finishes the one that takes its place."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of this program's tables."""

    def read(self, replaced: Connection) -> None:
        """Read what must not be lost with the replaced database."""

    def fail(self, reason: str) -> None:
        """Store why the replaced database cannot be read."""

    def finish(self, restored: Connection) -> None:
        """Upgrade and change the restored database, in the transaction that puts it in place."""


def count_rows(connection: Connection) -> dict[str, int]:
    """Return the rows of the key tables; tables that do not exist are left out."""
    known = connection.dialect.has_table
    return {
        table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - names of this module
        for table in KEY_TABLES
        if known(connection, table)
    }


def in_use(reason: str) -> str:
    """Return the message for a database that must not be replaced because it is in use."""
    return (
        f"in use ({reason}); stop `digest run`, `digest serve` and all workers, on every machine,"
        " then restore"
    )

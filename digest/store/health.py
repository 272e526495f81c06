"""Facts about the database itself, for a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.store.engine import Database
from digest.store.retention import last_purge
from digest.store.revision import revision_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The size and age of a database."""

    #: `SQLite` or `PostgreSQL`.
    engine: str
    schema: str
    #: None if it cannot be measured.
    bytes: int | None
    #: When old data was last deleted; None if never.
    purged_at: datetime | None


def read_health(connection: Connection, database: Database) -> Health:
    """Return the facts about a database."""
    is_postgres = connection.dialect.name == "postgresql"
    return Health(
        engine="PostgreSQL" if is_postgres else "SQLite",
        schema=revision_of(connection),
        bytes=_server_bytes(connection) if is_postgres else _file_bytes(database),
        purged_at=last_purge(connection),
    )


def _server_bytes(connection: Connection) -> int | None:
    return connection.scalar(select(func.pg_database_size(func.current_database())))


def _file_bytes(database: Database) -> int | None:
    try:
        return sum(file.stat().st_size for file in database.files if file.is_file())
    except OSError:
        return None

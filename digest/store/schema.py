"""The schema's version: created where the database is new, checked where it is not."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, false

from digest.errors import SchemaError
from digest.store.engine import BUSY_TIMEOUT_S, Database
from digest.store.revision import REVISION, revision_of
from digest.store.tables import meta


def open_checked(
    url: str, *, state: Path | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> Database:
    """Open a database that has this program's schema; a new, empty one gets it.

    Raises:
        SchemaError: the schema is older or newer than this program's.
        StoreError: the database is damaged, or cannot be had.
    """
    database = Database(url, state=state, busy_timeout_s=busy_timeout_s)
    if not database.exists():
        # Alembic takes a second to import; only a new database pays for it.
        from digest.store.migrate import upgrade

        upgrade(database)
        return database
    with database.read() as connection:
        found = revision_of(connection)
    if found != REVISION:
        database.close()
        raise SchemaError(
            f"database {database.name}: schema {found or 'unknown'}, this program needs {REVISION};"
            " run `digest db upgrade`, or a newer program"
        )
    return database


def check_writable(database: Database) -> None:
    """Try a write that changes nothing.

    Raises:
        StoreError: the database is locked, read-only or on a full disk.
    """
    with database.write() as connection:
        connection.execute(delete(meta).where(false()))

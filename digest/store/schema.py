"""Opens a database with a checked schema; creates the schema of a new one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, false

from digest.errors import DatabaseRefused, SchemaError
from digest.store.engine import BUSY_TIMEOUT_S, Database
from digest.store.revision import REVISION, check_revision, revision_of, wrong_schema
from digest.store.tables import meta


def open_existing(
    url: str, *, state: Path | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> Database:
    """Open a database with this program's schema.

    Raises:
        DatabaseRefused: the database does not exist, or has no tables yet.
        SchemaError: the schema is older or newer than this program's.
        StoreError: the database is damaged, or cannot be opened.
    """
    database = Database(url, state=state, busy_timeout_s=busy_timeout_s)
    if not database.exists():
        database.close()
        raise DatabaseRefused(
            f"database {database.name}: does not exist; run `digest db upgrade` to create it"
        )
    with database.read() as connection:
        found = revision_of(connection)
    if found != REVISION:
        database.close()
        raise SchemaError(wrong_schema(database.name, found))
    return database


def open_checked(
    url: str, *, state: Path | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> Database:
    """Open a database like `open_existing`; create the schema in a new, empty one."""
    database = Database(url, state=state, busy_timeout_s=busy_timeout_s)
    if not database.exists():
        # Imported here because Alembic takes a second to import.
        from digest.store.migrate import upgrade

        upgrade(database)
        return database
    database.close()
    return open_existing(url, state=state, busy_timeout_s=busy_timeout_s)


def check_schema(database: Database) -> None:
    """Check that an open database still has this program's schema.

    Raises:
        SchemaError: another process upgraded it.
        StoreError: it cannot be read.
    """
    with database.read() as connection:
        check_revision(connection, database.name)


def check_writable(database: Database) -> None:
    """Try a write that changes nothing.

    Raises:
        StoreError: the database is locked, read-only or on a full disk.
    """
    with database.write() as connection:
        connection.execute(delete(meta).where(false()))

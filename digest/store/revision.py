"""The schema version of a database, and the version that this program needs."""

from __future__ import annotations

from sqlalchemy import Connection, text

from digest.errors import SchemaError

#: The newest migration this program knows.
REVISION = "0034"
_VERSION = text("SELECT version_num FROM alembic_version")


def revision_of(connection: Connection) -> str:
    """Return the schema version of a database; empty if it has none."""
    # Checked first because on PostgreSQL a failed statement ends the transaction.
    if not connection.dialect.has_table(connection, "alembic_version"):
        return ""
    found = connection.execute(_VERSION).scalar()
    return str(found or "")


def check_revision(connection: Connection, database: str) -> None:
    """Check, with one small statement, that the schema is still this program's.

    Args:
        connection: a transaction, whose statements then see this schema.
        database: the database's name in messages.

    Raises:
        SchemaError: another process upgraded it; this one must be restarted with its new program.
    """
    found = connection.execute(_VERSION).scalar()
    if found != REVISION:
        raise SchemaError(wrong_schema(database, str(found or "")))


def wrong_schema(database: str, found: str) -> str:
    """Return the message for a database whose schema is not this program's.

    Args:
        database: the database's name in messages.
        found: its schema version; empty if it has none.
    """
    if found > REVISION:
        return (
            f"database {database}: schema {found} is newer than this program, which needs"
            f" {REVISION}; update the program"
        )
    return (
        f"database {database}: schema {found or 'unknown'}, this program needs {REVISION};"
        " run `digest db upgrade`"
    )

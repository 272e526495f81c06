"""The schema version of a database, and the version that this program needs."""

from __future__ import annotations

from sqlalchemy import Connection, text

#: The newest migration this program knows.
REVISION = "0007"


def revision_of(connection: Connection) -> str:
    """Return the schema version of a database; empty if it has none."""
    # Checked first because on PostgreSQL a failed statement ends the transaction.
    if not connection.dialect.has_table(connection, "alembic_version"):
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found or "")

"""Which schema a database has, and which this program needs."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

#: The newest migration this program knows.
REVISION = "0004"


def revision_of(connection: Connection) -> str:
    """Give the schema version of a database; empty where it has none."""
    try:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except OperationalError as error:
        if "no such table" not in str(error):
            raise
        return ""
    return str(found or "")

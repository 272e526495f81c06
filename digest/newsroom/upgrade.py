"""Bringing the database to this program's schema."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.store.migrate import upgrade as upgrade_schema
from digest.store.revision import REVISION


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaUpgrade:
    """What became of the schema."""

    #: The database, for messages.
    database: str
    #: The version it had; empty: none.
    before: str
    now: str


def upgrade(context: RunContext, *, by: Actor) -> SchemaUpgrade:
    """Bring the database to this program's schema, forward only.

    Raises:
        StoreError: the database cannot be written.
    """
    database = context.unopened_database()
    before = upgrade_schema(database)
    if before != REVISION:
        # The migrations are a transaction of their own, and make the table of the audit.
        with database.write() as connection:
            detail = f"schema {before or 'none'} to {REVISION}"
            record(context, connection, by, "upgrade database", detail=detail)
    return SchemaUpgrade(database=database.name, before=before, now=REVISION)

"""Upgrades the database to this program's schema."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.changes import mark_told
from digest.newsroom.context import RunContext
from digest.store.migrate import upgrade as upgrade_schema
from digest.store.revision import REVISION


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaUpgrade:
    """The result of a schema upgrade."""

    #: Name of the database, for messages.
    database: str
    #: Schema version before; empty if the database had none.
    before: str
    #: Schema version now.
    now: str


def upgrade(context: RunContext, *, by: Actor) -> SchemaUpgrade:
    """Upgrade the database to this program's schema; there are no downgrades.

    Raises:
        StoreError: the database cannot be written.
    """
    database = context.unopened_database()
    before = upgrade_schema(database)
    if not before:
        mark_told(database)
    if before != REVISION:
        # After the migrations, which have their own transaction and create the audit table.
        with database.write() as connection:
            detail = f"schema {before or 'none'} to {REVISION}"
            record(context, connection, by, "upgrade database", detail=detail)
    return SchemaUpgrade(database=database.name, before=before, now=REVISION)

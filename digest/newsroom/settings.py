"""The settings in force and the health of the database, for the desk."""

from __future__ import annotations

from digest.models import DatabaseHealth, Settings
from digest.newsroom.context import RunContext
from digest.store.health import read_health


def read_settings(context: RunContext) -> Settings:
    """Return the settings in force, each with its origin and without secrets."""
    return context.describe_settings()


def read_database(context: RunContext) -> DatabaseHealth:
    """Return the state of the database.

    Raises:
        StoreError: the database cannot be used.
    """
    kept = context.retention
    with context.database.read() as connection:
        health = read_health(connection, context.database)
    return DatabaseHealth(
        name=context.database.name,
        engine=health.engine,
        schema=health.schema,
        bytes=health.bytes,
        purged_at=health.purged_at,
        retention=(
            ("mails of an edition, after its end", kept.pieces),
            ("comments", kept.comments),
            ("sign-ups that were not confirmed", kept.unconfirmed),
            ("marks of networks", kept.networks),
        ),
    )

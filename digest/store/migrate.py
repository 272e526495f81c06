"""Upgrades a database to the newest schema; never downgrades."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from digest.errors import SchemaError
from digest.store.engine import Database
from digest.store.epoch import Origin, start_epoch
from digest.store.queue_tables import upgrade_queue
from digest.store.revision import revision_of, wrong_schema


def upgrade(database: Database) -> str:
    """Upgrade a database to this program's schema; return its earlier version, empty if new.

    Raises:
        SchemaError: the schema is newer than this program.
        StoreError: the database or its folder cannot be written.
    """
    database.prepare()
    with database.write() as connection:
        before = upgrade_tables(connection, database.name)
        start_epoch(connection, Origin.UPGRADED if before else Origin.CREATED)
    return before


def upgrade_tables(connection: Connection, name: str) -> str:
    """Upgrade the tables in a write transaction; return the earlier version, empty if new.

    Args:
        connection: the transaction.
        name: the database's name in messages.

    Raises:
        SchemaError: the schema is newer than this program.
    """
    before = revision_of(connection)
    config = alembic_config(connection)
    try:
        if before:
            ScriptDirectory.from_config(config).get_revision(before)
        command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaError(wrong_schema(name, before)) from error
    upgrade_queue(connection)
    return before


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for the built-in migrations and one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config

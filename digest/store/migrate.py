"""Upgrades a database to the newest schema; never downgrades."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from digest.store.engine import Database
from digest.store.revision import revision_of


def upgrade(database: Database) -> str:
    """Upgrade a database to this program's schema; return its earlier version, empty if new.

    Raises:
        StoreError: the database or its folder cannot be written.
    """
    database.prepare()
    with database.write() as connection:
        before = revision_of(connection)
        command.upgrade(alembic_config(connection), "head")
    return before


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for the built-in migrations and one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config

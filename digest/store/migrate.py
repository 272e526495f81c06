"""Bringing a database to the newest schema, forward only."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from digest.store.engine import Database
from digest.store.revision import revision_of


def upgrade(database: Database) -> str:
    """Bring a database to this program's schema; return the version it had, empty for none.

    Raises:
        StoreError: the folder or the file cannot be written.
    """
    database.prepare()
    with database.write() as connection:
        before = revision_of(connection)
        command.upgrade(alembic_config(connection), "head")
    return before


def alembic_config(connection: Connection) -> Config:
    """Point Alembic at the shipped migrations and at one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config

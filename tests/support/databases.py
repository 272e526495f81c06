"""The databases of tests: a file in a folder, or this process' own one on PostgreSQL."""

from __future__ import annotations

import atexit
import os
import secrets
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from digest.store import tables
from digest.store.engine import Database
from digest.store.migrate import upgrade
from digest.store.schema import open_checked
from subscribers.tables import metadata as people_metadata
from tests.support.postgres import DSN, require_server

ENGINES = ("sqlite", "postgresql")
_TABLES = [
    table.name
    for metadata in (tables.metadata, people_metadata)
    for table in metadata.tables.values()
]


def new_database(engine: str, folder: Path) -> Database:
    """Return a database with this program's schema and no rows; skips without PostgreSQL."""
    return open_checked(database_url(engine, folder), state=folder)


def database_url(engine: str, folder: Path) -> str:
    """Return the address of a database with no rows; on PostgreSQL it is the same each time."""
    if engine == "sqlite":
        return f"sqlite:///{folder / 'digest.db'}"
    url = _shared_database()
    _run(url, f"TRUNCATE {', '.join(_TABLES)} RESTART IDENTITY CASCADE")
    return as_text(url)


def empty_url(engine: str, folder: Path) -> str:
    """Return the address of a database without any table."""
    if engine == "sqlite":
        return f"sqlite:///{folder / 'digest.db'}"
    url = _create_database("empty")
    _run(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return as_text(url)


def as_text(url: URL) -> str:
    """Return a database address as the configuration has it."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=False)


def reset_numbers(database: Database) -> None:
    """Set PostgreSQL's sequences after the numbers that a test assigned itself."""
    if database.url.get_backend_name() == "sqlite":
        return
    with database.write() as connection:
        for table in (*tables.metadata.tables.values(), *people_metadata.tables.values()):
            if "id" in table.c:
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"  # noqa: S608
                        f" (SELECT coalesce(max(id), 0) + 1 FROM {table.name}), false)"
                    )
                )


@cache
def _shared_database() -> URL:
    """Create the database of this process, with its schema."""
    url = _create_database("shared")
    database = Database(as_text(url))
    upgrade(database)
    database.close()
    return url


@cache
def _create_database(purpose: str) -> URL:
    server = require_server()
    name = f"digest_test_{os.getpid()}_{secrets.token_hex(4)}_{purpose}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    if os.environ.get(DSN):  # our own server is removed as a whole
        atexit.register(_run, server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    return server.set(database=name)


def _run(url: URL, *statements: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)

"""The databases of tests: a file in a folder, or this process' own one on PostgreSQL."""

from __future__ import annotations

import atexit
import os
import secrets
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from digest.app.database import create_database, unopened_database
from digest.config import Config
from digest.newsroom.changes import mark_told
from digest.store import tables
from digest.store.engine import Database
from digest.store.migrate import upgrade
from digest.store.schema import open_checked, open_existing
from subscribers.tables import metadata as people_metadata
from tests.support.postgres import DSN, require_server

ENGINES = ("sqlite", "postgresql")
#: From the last to the first of those that refer to one another.
_TABLES = [
    table
    for metadata in (tables.metadata, people_metadata)
    for table in reversed(metadata.sorted_tables)
]


def new_database(engine: str, folder: Path) -> Database:
    """Return a database with this program's schema and no rows; skips without PostgreSQL."""
    if engine == "sqlite":
        return new_file(folder / "digest.db")
    return open_existing(database_url(engine, folder), state=folder)


def new_file(path: Path) -> Database:
    """Return a new SQLite database, as `open_checked` creates it.

    It is a copy, because the migrations of a thousand tests would take minutes.
    """
    database = Database(f"sqlite:///{path}", state=path.parent)
    database.prepare()
    path.write_bytes(_empty_file())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        epoch = secrets.token_hex(16)
        connection.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", (epoch,))
        connection.commit()
    return database


def create_configured(config: Config) -> None:
    """Create the configured database, if it does not exist, as `create_database` does."""
    url = make_url(config.database.url)
    path = Path(url.database or "")
    if url.get_backend_name() == "sqlite" and not path.exists():
        new_file(path).close()
        mark_told(unopened_database(config))
    else:
        create_database(config)


def database_url(engine: str, folder: Path) -> str:
    """Return the address of a database with no rows; on PostgreSQL it is the same each time."""
    if engine == "sqlite":
        return f"sqlite:///{folder / 'digest.db'}"
    url = _shared_database()
    _empty_tables(_kept_connection(url))
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
def _empty_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digest.db"
        open_checked(f"sqlite:///{path}").close()
        return path.read_bytes()


@cache
def _kept_connection(url: URL) -> Connection:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    connection = engine.connect()
    atexit.register(connection.close)
    return connection


def _empty_tables(connection: Connection) -> None:
    """Remove every row, and count from one again; on small tables ten times as fast as TRUNCATE."""
    restarts = (
        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), 1, false)"
        for table in _TABLES
        if "id" in table.c
    )
    deletes = (f"DELETE FROM {table.name}" for table in _TABLES)  # noqa: S608
    connection.exec_driver_sql("; ".join((*deletes, *restarts)))


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

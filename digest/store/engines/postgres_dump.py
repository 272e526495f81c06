"""Backs up a PostgreSQL database with `pg_dump`."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from digest.errors import StoreError, UsageError
from digest.store.parts import write_part

#: The environment variable of libpq for each part of the URL.
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "username": "PGUSER", "password": "PGPASSWORD"}
#: What Procrastinate creates has this prefix.
QUEUE = "procrastinate\\_%"
#: Never of this program.
_NEVER_OURS = ("--no-blobs", "--no-publications", "--no-subscriptions")
_OTHER_SCHEMAS = text(
    "SELECT nspname FROM pg_namespace WHERE nspname <> current_schema()"
    " AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"
)
#: Tables, views and sequences of other programs that share this program's schema.
_OTHER_TABLES = text(
    "SELECT relname FROM pg_class c WHERE relnamespace = current_schema()::regnamespace"
    " AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
    " AND NOT (relname = ANY(:tables) OR relname LIKE :queue) AND NOT EXISTS (SELECT FROM pg_depend"
    " JOIN pg_class owner ON owner.oid = refobjid WHERE objid = c.oid AND deptype IN ('a', 'i')"
    " AND owner.relname = ANY(:tables))"
)


def without_others(connection: Connection, tables: Collection[str]) -> tuple[str, ...]:
    """Return the options by which a dump has nothing of other programs in the database.

    Their tables may be closed to this role, and a restore must not put them back.

    Args:
        connection: a connection to the database.
        tables: the names of this program's tables.
    """
    schema = str(connection.exec_driver_sql("SELECT current_schema()").scalar())
    ours = {"tables": [*tables, "alembic_version"], "queue": QUEUE}
    return (
        *_NEVER_OURS,
        *(f"--exclude-schema={_quoted(s)}" for s in connection.execute(_OTHER_SCHEMAS).scalars()),
        *(
            f"--exclude-table={_quoted(schema)}.{_quoted(table)}"
            for table in connection.execute(_OTHER_TABLES, ours).scalars()
        ),
    )


def _quoted(name: str) -> str:
    """Return a name as a pattern that matches only this name."""
    return '"{}"'.format(name.replace('"', '""'))


def dump(
    url: URL, name: str, target: Path, *, snapshot: str = "", options: Collection[str] = ()
) -> None:
    """Write a dump; `target` appears only when it is complete.

    Args:
        url: the database's URL.
        name: the database's name in messages.
        target: the file to write, for `pg_restore`.
        snapshot: an exported snapshot whose state is dumped; empty: the present state.
        options: further options of `pg_dump`.

    Raises:
        UsageError: `pg_dump` is not installed.
        StoreError: `pg_dump` failed.
    """
    program = shutil.which("pg_dump")
    if program is None:
        raise UsageError(
            f"database {name}: a backup needs pg_dump; install PostgreSQL's client programs"
        )
    with write_part(target) as (part, lock), _key_password(url) as service:
        done = subprocess.run(  # noqa: S603 - found on PATH, no shell
            [
                program,
                "--format=custom",
                *options,
                f"--file={part}",
                *([f"--snapshot={snapshot}"] if snapshot else []),
                "--dbname",
                _conninfo(url),
            ],
            env=_environment(url) | service,
            # It may outlive this process.
            pass_fds=(lock,),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            raise StoreError(f"database {name}: pg_dump failed ({lines[0]})")


def _conninfo(url: URL) -> str:
    """Return what is no secret and no part of `_environment`, such as `sslmode`, for libpq."""
    from psycopg.conninfo import make_conninfo  # an extra

    hidden = {*_VARIABLES, "password", "sslpassword"}
    query = {name: str(value) for name, value in url.query.items() if name not in hidden}
    # A name alone could be taken for a connection string.
    return make_conninfo(**query, dbname=url.database or "")


def _environment(url: URL) -> dict[str, str]:
    """Return the URL as variables because other users can read a command line."""
    parts = {**url.translate_connect_args(), **url.query}
    return os.environ | {
        variable: str(parts[part]) for part, variable in _VARIABLES.items() if parts.get(part)
    }


@contextmanager
def _key_password(url: URL) -> Iterator[dict[str, str]]:
    """Keep the password of an encrypted client key in a private file that libpq reads.

    It has no variable of its own, but a connection service may hold it. If the operator names a
    service, the password belongs in that one.
    """
    password = url.query.get("sslpassword")
    if not password or "service" in url.query or "PGSERVICE" in os.environ:
        yield {}
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".conf") as file:
        file.write(f"[digest]\nsslpassword={password}\n")
        file.flush()
        yield {"PGSERVICEFILE": file.name, "PGSERVICE": "digest"}

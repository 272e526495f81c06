"""Reads dumps of PostgreSQL, and loads one in the transaction of a restore."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from sqlalchemy import Connection, text

from digest.errors import CorruptStoreError, UsageError
from digest.store.engines.postgres_dump import QUEUE
from digest.store.engines.restoration import KEY_TABLES

#: The first bytes of a dump.
MAGIC = b"PGDMP"
#: The line before the rows of a table.
_COPY = re.compile(rb'COPY (?:\w+\.)?"?(?P<table>\w+)"? \((?P<columns>.*)\) FROM stdin;\n')
_END = b"\\.\n"
_TABLES = text(
    "SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class"
    " WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
    " AND (relname = ANY(:tables) OR relname LIKE :queue)"
)
_ROUTINES = text(
    "SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc"
    " WHERE pronamespace = current_schema()::regnamespace AND proname LIKE :queue"
)
_TYPES = text(
    "SELECT format('DROP TYPE IF EXISTS %s CASCADE', t.oid::regtype) FROM pg_type t"
    " LEFT JOIN pg_class c ON c.oid = t.typrelid"
    " WHERE typnamespace = current_schema()::regnamespace AND typname LIKE :queue AND typelem = 0"
    " AND (typtype = 'e' OR c.relkind = 'c')"
)
#: Commands of psql that protect its input, which are no SQL; and what the server's administrator
#: made, which may be shared with other programs.
_NOT_OURS = (
    b"\\restrict ",
    b"\\unrestrict ",
    *(
        b"%b %b " % (verb, kind)
        for verb in (b"DROP", b"CREATE", b"COMMENT ON")
        for kind in (b"SCHEMA", b"EXTENSION")
    ),
)


def read(path: Path) -> tuple[str, dict[str, int]]:
    """Read a dump as a whole; return its schema version and the rows of its key tables.

    Raises:
        CorruptStoreError: it is damaged.
        UsageError: `pg_restore` is not installed.
    """
    revision, table = "", ""
    counts: dict[str, int] = {}
    with _script(path) as lines:
        for line in lines:
            if found := _COPY.fullmatch(line):
                table = found["table"].decode()
                counts |= {table: 0} if table in KEY_TABLES else {}
            elif line == _END:
                table = ""
            elif table in counts:
                counts[table] += 1
            elif table == "alembic_version":
                revision = line.decode().strip()
    return revision, counts


def drop_tables(connection: Connection, tables: Iterable[str]) -> None:
    """Drop what this program has in the present schema: it may be newer than the dump.

    Tables of other programs stay.

    Args:
        connection: a write transaction.
        tables: the names of this program's tables; those of its queue are known by their prefix.
    """
    of_queue = {"queue": QUEUE}
    ours = {"tables": [*tables, "alembic_version"]}
    for query, names in ((_TABLES, ours | of_queue), (_ROUTINES, of_queue), (_TYPES, of_queue)):
        for command in connection.execute(query, names).scalars().all():
            connection.exec_driver_sql(command)


def load(connection: Connection, path: Path) -> None:
    """Run a dump's statements in a transaction that has begun.

    Raises:
        CorruptStoreError: it is damaged.
        UsageError: `pg_restore` is not installed.
    """
    cursor: Any = connection.connection.cursor()
    statements: list[bytes] = []
    with _script(path, "--clean", "--if-exists") as lines:
        for line in lines:
            if line.startswith(_NOT_OURS):
                continue
            if not _COPY.fullmatch(line):
                statements.append(line)
                continue
            _run(cursor, statements)
            with cursor.copy(line.rstrip(b";\n")) as rows:
                for row in iter(lines.__next__, _END):
                    rows.write(row)
    _run(cursor, statements)
    # The script sets an empty search path for the session.
    cursor.execute("RESET search_path; RESET row_security; RESET check_function_bodies")
    cursor.close()


def _run(cursor: Any, statements: list[bytes]) -> None:
    if statements:
        cursor.execute(b"".join(statements))
        statements.clear()


@contextmanager
def _script(path: Path, *options: str) -> Iterator[Iterator[bytes]]:
    """Return the lines of a dump as a script.

    Raises:
        CorruptStoreError: it is damaged.
        UsageError: `pg_restore` is not installed.
    """
    program = shutil.which("pg_restore")
    if program is None:
        raise UsageError(f"{path}: needs pg_restore; install PostgreSQL's client programs")
    command = [program, "--no-owner", "--no-privileges", *options, "--file=-", str(path)]
    with subprocess.Popen(  # noqa: S603 - found on PATH, no shell
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        yield iter(cast("IO[bytes]", process.stdout))
        said = cast("IO[bytes]", process.stderr).read().decode(errors="replace").splitlines()
    if process.returncode != 0:
        raise CorruptStoreError(
            f"{path}: pg_restore cannot read it ({said[0] if said else 'no reason given'})"
        )

"""A database of PostgreSQL that this program shares with others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from digest.store.copies import make_copy
from digest.store.engine import Database
from digest.store.engines import postgres_load
from tests.support.databases import new_database
from tests.support.postgres import DSN, programs_folder

#: What other programs have: in the same schema, and in one of their own.
_MADE = (
    'CREATE TABLE "shop ""orders"""(a int)',
    "CREATE VIEW shop_totals AS SELECT 1 AS a",
    "CREATE SEQUENCE shop_numbers",
    "CREATE SCHEMA shop CREATE TABLE shop_goods(a int)",
)
_REMOVED = (
    'DROP TABLE "shop ""orders"""',
    "DROP VIEW shop_totals",
    "DROP SEQUENCE shop_numbers",
    "DROP SCHEMA shop CASCADE",
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database("postgresql", tmp_path)) as found:
        run(found, _MADE)
        yield found
        run(found, _REMOVED)


def run(database: Database, statements: tuple[str, ...]) -> None:
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_backup_has_nothing_of_other_programs(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.environ.get(DSN):
        pytest.skip("the server of the DSN may be newer than the pg_dump here")
    monkeypatch.setenv("PATH", str(programs_folder()))
    copy = tmp_path / "copy.dump"
    assert make_copy(database, copy).counts["people"] == 0
    names = copy.read_bytes()
    assert b"shop" not in names
    assert b"subscriptions_" in names  # an index: the whole table is there


def test_a_restore_leaves_schemas_and_extensions_to_the_administrator(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_restore"
    program.write_text(
        "#!/bin/sh\ncat <<'END'\nDROP SCHEMA IF EXISTS shop;\nDROP EXTENSION IF EXISTS plpgsql;\n"
        "CREATE SCHEMA shop;\nCOMMENT ON SCHEMA shop IS 'x';\nCREATE TABLE loaded (a int);\nEND\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with database.write() as connection:
        postgres_load.load(connection, tmp_path / "copy.dump")
        assert connection.scalar(text("SELECT to_regclass('loaded') IS NOT NULL"))
        connection.execute(text("DROP TABLE loaded"))

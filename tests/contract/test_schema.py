from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from digest.errors import CorruptStoreError, ExitCode, SchemaError, StoreError, disk_fault
from digest.store import tables
from digest.store.engine import Database
from digest.store.migrate import upgrade
from digest.store.partial_indexes import metadata
from digest.store.queue_tables import is_ours
from digest.store.revision import REVISION, revision_of
from digest.store.schema import open_checked
from digest.store.statefile import State, write_state
from subscribers.tables import metadata as people_metadata
from tests.support.databases import as_text

#: Indexes with `ddl_if("postgresql")`, which the comparison does not know.
ONLY_POSTGRESQL = {"people_address_start"}
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_the_migrations_build_exactly_the_tables_of_the_code(empty: str) -> None:
    with closing(open_checked(empty)) as database, database.read() as connection:
        engine = connection.dialect.name

        def is_of_engine(item: Any, _name: object, kind: str, *_: object) -> bool:
            """Leave out an index of the other engine, as `create_all` does."""
            return kind != "index" or item.name not in ONLY_POSTGRESQL or engine == "postgresql"

        options = {"include_object": is_of_engine, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, [metadata, people_metadata]) == []  # type: ignore[arg-type]  # a list is documented, the stub forgot it
        assert revision_of(connection) == REVISION


def test_upgrading_twice_changes_nothing(empty: str) -> None:
    with closing(open_checked(empty)) as database:
        assert upgrade(database) == REVISION


def test_a_database_of_another_version_is_refused_with_the_command_that_helps(empty: str) -> None:
    with closing(open_checked(empty)) as database, database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaError, match="digest db upgrade"):
        open_checked(empty)


@pytest.mark.parametrize("found", ["9999", "an unknown one"])
def test_a_newer_schema_is_refused_in_one_line_also_by_an_upgrade(empty: str, found: str) -> None:
    with closing(open_checked(empty)) as database, database.write() as connection:
        change = text("UPDATE alembic_version SET version_num = :found")
        connection.execute(change, {"found": found})
    with pytest.raises(SchemaError, match="newer than this program"):
        open_checked(empty)
    with (
        closing(Database(empty)) as database,
        pytest.raises(SchemaError, match="newer than this program") as refused,
    ):
        upgrade(database)
    assert "\n" not in str(refused.value)


def test_tables_of_another_program_are_refused_in_one_line(empty: str) -> None:
    with closing(open_checked(empty)) as database:
        with database.write() as connection:
            connection.execute(text("ALTER TABLE meta RENAME TO something_else"))
        with (
            pytest.raises(SchemaError, match="not this program's") as refused,
            database.read() as connection,
        ):
            connection.execute(tables.meta.select())
    assert "\n" not in str(refused.value)


def test_an_error_of_the_database_library_is_one_line(database: Database) -> None:
    with pytest.raises(StoreError, match=r"database .*: ") as failed, database.read() as connection:
        connection.execute(tables.meta.select(), {"no": object()}).scalar_one()
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full; make room"),
        (errno.EROFS, "the disk is read-only; mount it"),
        (errno.EACCES, "permission denied; give this user the right"),
    ],
)
def test_a_fault_of_the_disk_says_what_to_do(number: int, words: str) -> None:
    fault = disk_fault("database a.db", OSError(number, "as the system says it"))
    assert f"database a.db: {words}" in str(fault)
    assert fault.exit_code == ExitCode.TRY_LATER


def test_an_error_while_sqlite_writes_its_own_files_says_what_to_do(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with closing(database), pytest.raises(StoreError) as failed, database.read():
        raise sqlite3.OperationalError("disk I/O error")
    assert "the disk is full or has an error; make room, or check the disk" in str(failed.value)


def test_a_folder_in_the_place_of_a_database_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"database .*: Is a directory"):
        open_checked(f"sqlite:///{tmp_path}")


def test_a_database_and_all_files_beside_it_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "deep"
    database = open_checked(f"sqlite:///{folder}/digest.db", state=folder)
    with database.worker(), database.write() as connection:
        connection.execute(tables.meta.insert().values(name="a", value="b"))
        database.backup(folder / "copy.db")
        write_state(database.state_file, State(epoch="e", handed_over=1), now=NOW)
        files = [path for path in folder.rglob("*") if path.is_file()]
        rights = {path.name: oct(path.stat().st_mode & 0o777) for path in files}
    assert set(rights) >= {"digest.db", "digest.db-wal", "digest.db-shm", "copy.db"}
    assert set(rights.values()) == {"0o600"}
    folders = [tmp_path / "new", *(path for path in (tmp_path / "new").rglob("*") if path.is_dir())]
    assert {oct(path.stat().st_mode & 0o777) for path in folders} == {"0o700"}
    database.close()


def test_a_file_that_is_not_a_database_is_reported_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database, not a database, not a database" * 40)
    with pytest.raises(CorruptStoreError, match="restore a backup"):
        open_checked(f"sqlite:///{tmp_path / 'x.db'}")


def test_a_lock_held_by_another_writer_is_reported_after_the_wait(database: Database) -> None:
    with (
        closing(Database(as_text(database.url), busy_timeout_s=0.05)) as waiter,
        database.write(),
        pytest.raises(StoreError, match="locked by another process"),
        waiter.write(),
    ):
        pass


def _write_and_fail(database: Database) -> None:
    with database.write() as connection:
        connection.execute(tables.meta.insert().values(name="a", value="b"))
        raise ZeroDivisionError


def test_a_failed_write_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(database)
    with database.read() as connection:
        assert connection.execute(tables.meta.select().where(tables.meta.c.name == "a")).all() == []

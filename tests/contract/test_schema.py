from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from digest.errors import CorruptStoreError, SchemaError, StoreError
from digest.store import tables
from digest.store.engine import Database
from digest.store.migrate import upgrade
from digest.store.revision import REVISION, revision_of
from digest.store.schema import open_checked
from subscribers.tables import metadata as people_metadata
from tests.support.databases import as_text


def test_the_migrations_build_exactly_the_tables_of_the_code(empty: str) -> None:
    with closing(open_checked(empty)) as database, database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, [tables.metadata, people_metadata]) == []  # type: ignore[arg-type]  # a list is documented, the stub forgot it
        assert revision_of(connection) == REVISION


def test_upgrading_twice_changes_nothing(empty: str) -> None:
    with closing(open_checked(empty)) as database:
        assert upgrade(database) == REVISION


def test_a_database_of_another_version_is_refused_with_the_command_that_helps(empty: str) -> None:
    with closing(open_checked(empty)) as database, database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaError, match="digest db upgrade"):
        open_checked(empty)


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
        assert connection.execute(tables.meta.select()).all() == []

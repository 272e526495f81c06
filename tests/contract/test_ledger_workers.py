"""Living and dead workers of a database, on each engine."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from digest.errors import StoreError
from digest.store.engine import Database
from digest.store.locks import WorkerLock, remove_dead_locks
from digest.store.tables import workers
from digest.store.workers import beat
from tests.support.databases import as_text
from tests.support.ledger_rows import NOW, fill_ledger

HOLDS_A_LOCK = """
import sys
from digest.store.engine import Database
with Database(sys.argv[1]).worker() as name:
    print(name, flush=True)
    sys.stdin.read()
"""


def dead(database: Database, names: Collection[str]) -> frozenset[str]:
    with database.read() as connection:
        return database.dead_workers(connection, names)


def test_a_worker_lives_as_long_as_it_holds_its_lock(database: Database) -> None:
    with database.worker() as name:
        assert dead(database, [name]) == frozenset()
    assert dead(database, [name]) == {name}


def test_two_workers_have_different_names(database: Database) -> None:
    with database.worker() as first, database.worker() as second:
        assert first != second
        assert dead(database, [first, second]) == frozenset()


def test_a_worker_that_never_existed_is_dead(database: Database) -> None:
    assert dead(database, ["gone"]) == {"gone"}


def test_a_killed_process_is_dead_at_once(database: Database) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_LOCK, as_text(database.url)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process, database.worker() as other:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert dead(database, [name]) == frozenset()
        process.kill()
        process.wait()
        started = time.monotonic()
        while not dead(database, [name, other]):
            assert time.monotonic() < started + 30
        assert dead(database, [name, other]) == {name}


# --- lock files -----------------------------------------------------------------------------------


def test_lock_files_are_next_to_the_database_and_removed_with_their_worker(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    folder = tmp_path / "digest.db.workers"
    with database.worker() as name:
        assert [path.stem for path in folder.iterdir()] == [name]
    assert list(folder.iterdir()) == []


def test_lock_files_of_the_dead_are_removed(tmp_path: Path) -> None:
    (tmp_path / "dead.lock").touch()
    with WorkerLock(tmp_path) as worker:
        remove_dead_locks(tmp_path)
        assert [path.stem for path in tmp_path.iterdir()] == [worker.name]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="make the folder writable"), WorkerLock(tmp_path / "file"):
        pass


def test_who_was_cut_off_by_a_restart_of_the_server_has_not_crashed(database: Database) -> None:
    fill_ledger(database, 1)
    with database.write() as connection:
        beat(connection, "older than the server", 1)
        connection.execute(update(workers).values(started_at=NOW - timedelta(days=9999)))
        beat(connection, "newer", 1)
        names = ("older than the server", "newer")
        crashed = database.crashed_workers(connection, names)
        assert crashed == frozenset(names if database.is_file else ("newer",))
        assert database.crashed_workers(connection, ()) == frozenset()

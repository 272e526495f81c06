from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.store.locks import WorkerLock, dead_workers, remove_dead_locks, workers_folder

HOLDS_A_LOCK = """
import sys, pathlib
from digest.store.locks import WorkerLock
with WorkerLock(pathlib.Path(sys.argv[1])) as lock:
    print(lock.name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workers_folder(tmp_path / "digest.db")


def test_the_locks_lie_beside_the_database(tmp_path: Path) -> None:
    assert workers_folder(tmp_path / "digest.db") == tmp_path / "digest.db.workers"


def test_a_worker_lives_as_long_as_it_holds_its_lock(folder: Path) -> None:
    with WorkerLock(folder) as worker:
        assert dead_workers(folder, [worker.name]) == frozenset()
    assert dead_workers(folder, [worker.name]) == {worker.name}
    assert list(folder.iterdir()) == []


def test_two_workers_have_two_names(folder: Path) -> None:
    with WorkerLock(folder) as first, WorkerLock(folder) as second:
        assert first.name != second.name
        assert dead_workers(folder, [first.name, second.name]) == frozenset()


def test_a_worker_without_a_file_is_dead(folder: Path) -> None:
    assert dead_workers(folder, ["gone"]) == {"gone"}


def test_a_killed_process_is_dead_at_once_and_its_file_is_removed(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_LOCK, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process, WorkerLock(folder) as other:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert dead_workers(folder, [name]) == frozenset()
        remove_dead_locks(folder)
        assert dead_workers(folder, [name]) == frozenset()
        process.kill()
        process.wait()
        assert dead_workers(folder, [name, other.name]) == {name}
        remove_dead_locks(folder)
        assert [path.stem for path in folder.iterdir()] == [other.name]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="make the folder writable"), WorkerLock(tmp_path / "file"):
        pass

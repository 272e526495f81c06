"""File locks for workers and turns.

The kernel releases a lock when its process ends, also by a crash. So the rows of a dead worker can
be released at once, without waiting for a lease. A turn only saves work if several processes use
one database; the database itself ensures that nothing happens twice.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from digest.errors import StoreError
from digest.store.private import make_private_folder


def workers_folder(database: Path) -> Path:
    """Return the folder of the lock files of a database file."""
    return database.with_name(f"{database.name}.workers")


class WorkerLock:
    """A worker's name and its lock: `with WorkerLock(folder) as worker:`."""

    def __init__(self, folder: Path) -> None:
        """Store the folder; `with` takes the lock."""
        self._folder = folder
        self._path = folder
        self._file = -1

    @property
    def name(self) -> str:
        """The worker's name; random, so that no other worker ever has it."""
        return self._path.stem

    def __enter__(self) -> Self:
        try:
            make_private_folder(self._folder)
            while self._file < 0:
                self._path = self._folder / f"{secrets.token_hex(16)}.lock"
                self._file = lock_file(self._path, create=True)
        except OSError as error:
            raise StoreError(
                f"{self._folder}: {error.strerror}; make the folder writable"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1


def dead_workers(folder: Path, names: Iterable[str]) -> frozenset[str]:
    """Return the names whose lock no process holds."""
    return frozenset(name for name in names if not _is_held(folder / f"{name}.lock"))


def remove_dead_locks(folder: Path) -> None:
    """Delete the lock files of dead workers."""
    for path in folder.glob("*.lock"):
        file = lock_file(path)
        if file >= 0:
            path.unlink(missing_ok=True)
            os.close(file)


def _is_held(path: Path) -> bool:
    file = lock_file(path)
    if file >= 0:
        os.close(file)
        return False
    return path.exists()


def lock_file(path: Path, *, create: bool = False) -> int:
    """Return an open file with the lock of `path`; -1 if it is locked or does not exist."""
    try:
        file = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    except FileNotFoundError:
        return -1
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another process may have removed the file between opening and locking it.
        if os.fstat(file).st_ino == path.stat().st_ino:
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(file)
    return -1


# --- turns ----------------------------------------------------------------------------------------


@contextmanager
def take_turn(folder: Path, name: str) -> Iterator[bool]:
    """Take the turn for the block; yield False if another process has it.

    The kernel releases the turn when the process ends, also by a crash.

    Raises:
        StoreError: the folder cannot be written.
    """
    try:
        make_private_folder(folder)
        # The file is never removed because a process could still lock a removed one.
        file = os.open(folder / f"{name}.turn", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; make the folder writable") from error
    try:
        yield _is_taken(file)
    finally:
        os.close(file)


def _is_taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

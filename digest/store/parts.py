"""The unfinished file of a backup: nobody removes it while it is written, and a crash leaves none.

A lock file beside it is held while it is written, also by a child process that writes it. The next
backup into the folder removes what has a free lock.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import StoreError
from digest.store.locks import lock_file
from digest.store.private import make_private_file, sync_folder

_PART, _LOCK = ".part", ".digest-lock"
#: Files that SQLite creates beside one that it writes.
_SIDES = ("", "-wal", "-shm", "-journal")
#: Parts of earlier versions have no lock file. They are removed after this time, in seconds.
_OLD_S = 24 * 3600
_NAMED = re.compile(r".+-\d{8}T\d{6}Z\.(db|dump)\.part")


@contextmanager
def write_part(target: Path) -> Iterator[tuple[Path, int]]:
    """Put a new private file in the place of `target` once the block has written it.

    Yields:
        The file to write, and the descriptor of its lock, for a child process that writes it.

    Raises:
        StoreError: another process writes this file.
    """
    part = target.with_name(f"{target.name}{_PART}")
    lock = lock_file(_lock_of(part), create=True)
    if lock < 0:
        raise StoreError(f"{target}: another process is writing it")
    try:
        _remove(part)
        make_private_file(part)
        yield part, lock
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(target)
        sync_folder(target.parent)
    finally:
        _remove(part)
        _lock_of(part).unlink(missing_ok=True)
        os.close(lock)


def remove_abandoned(folder: Path) -> None:
    """Remove the parts in a folder whose process has ended.

    Raises:
        OSError: one cannot be removed.
    """
    for path in folder.glob(f".*{_PART}{_LOCK}"):
        if (lock := lock_file(path)) >= 0:
            _remove(path.with_name(path.name.removeprefix(".").removesuffix(_LOCK)))
            path.unlink(missing_ok=True)
            os.close(lock)
    for path in folder.glob(f"*{_PART}"):
        if _NAMED.fullmatch(path.name) and not _lock_of(path).exists() and _is_old(path):
            _remove(path)


def _lock_of(part: Path) -> Path:
    return part.with_name(f".{part.name}{_LOCK}")


def _is_old(path: Path) -> bool:
    try:
        return path.stat().st_mtime < time.time() - _OLD_S
    except FileNotFoundError:
        return False


def _remove(part: Path) -> None:
    for end in _SIDES:
        part.with_name(f"{part.name}{end}").unlink(missing_ok=True)

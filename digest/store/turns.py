"""Whose turn it is: an operating-system lock, so that several processes do not do the same work.

It only saves work. That nothing happens twice is the database's affair.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import StoreError


@contextmanager
def take_turn(folder: Path, name: str) -> Iterator[bool]:
    """Take the turn of that name for the block, if nobody has it; gives whether it is ours.

    The kernel ends the turn with the process, however that ends.

    Raises:
        StoreError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Kept when it is free: a file that is removed could be locked under its old name.
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

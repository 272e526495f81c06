"""Stores unsubscribes in a file while the database cannot be written.

A subscriber whose leaving was confirmed must not get another mail, so each line is on the disk
before the confirmation is sent. Lines are replayed at start and from time to time; leaving twice
is harmless.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from subscribers.tokens import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """One unsubscribe."""

    link: Link
    #: `one-click` or `page`.
    how: str
    at: datetime
    #: Whether the person leaves every newsletter.
    is_all: bool = False


class LeaveJournal:
    """A file of unsubscribes; several processes may share it."""

    def __init__(self, path: Path) -> None:
        """Set the path; the file is created at the first `append`."""
        self._path = path
        #: What is being replayed; after a crash or an error, it is replayed again.
        self._part = path.with_name(f"{path.name}.part")

    @property
    def is_empty(self) -> bool:
        """Whether no unsubscribe waits; costs one look at the sizes of two files."""
        return _is_empty(self._path) and _is_empty(self._part)

    def append(self, leaving: Leaving) -> None:
        """Append one unsubscribe; it is on the disk when this returns.

        It never waits for a replay, because a subscriber waits for it.

        Raises:
            OSError: the file cannot be written.
        """
        with _locked(self._path) as file:
            # Starts with a line end because a crash may have cut off the line before.
            os.write(file, b"\n" + _dump(leaving) + b"\n")
            os.fsync(file)

    def replay(self, apply: Callable[[Leaving], object]) -> int:
        """Call `apply` with every unsubscribe, oldest first, forget them, and return their number.

        If `apply` raises, none is forgotten and the next replay starts from the beginning. Only one
        process replays at a time; the others wait.
        """
        if self.is_empty:
            return 0
        count = 0
        with _locked(self._path.with_name(f"{self._path.name}.lock")):
            while self._part.exists() or self._set_aside():
                leavings = _load(self._part.read_bytes())
                for leaving in leavings:
                    apply(leaving)
                self._part.unlink()
                _sync_folder(self._path.parent)
                count += len(leavings)
        return count

    def _set_aside(self) -> bool:
        """Move the file to where it is replayed from; return False if there is nothing in it."""
        if _is_empty(self._path):
            return False
        with _locked(self._path):
            self._path.rename(self._part)
            _sync_folder(self._path.parent)
        return True


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return True


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open a file for appending, create it if needed, and keep other processes from it."""
    while True:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Another process may have moved the file away between opening and locking it.
            if not _is_at(path, file):
                continue
            _sync_folder(path.parent)
            yield file
            return
        finally:
            os.close(file)


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.fstat(file).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Write the file's name to the disk too because the file may be new."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _dump(leaving: Leaving) -> bytes:
    return json.dumps(
        {
            "public_id": leaving.link.public_id,
            "newsletter": leaving.link.newsletter,
            "how": leaving.how,
            "at": leaving.at.isoformat(),
            "is_all": leaving.is_all,
        }
    ).encode()


def _load(content: bytes) -> tuple[Leaving, ...]:
    """Read the lines; skip one that a crash cut off because it was never confirmed."""
    return tuple(leaving for line in content.splitlines() if (leaving := _parse(line)))


def _parse(line: bytes) -> Leaving | None:
    try:
        read = json.loads(line)
        return Leaving(
            link=Link(public_id=read["public_id"], newsletter=read["newsletter"]),
            how=read["how"],
            at=datetime.fromisoformat(read["at"]),
            # Not in the lines of earlier versions.
            is_all=read.get("is_all", False),
        )
    except (ValueError, KeyError, TypeError):
        return None

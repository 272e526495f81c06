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

    @property
    def is_empty(self) -> bool:
        """Whether no unsubscribe waits; costs one look at the file's size."""
        try:
            return self._path.stat().st_size == 0
        except FileNotFoundError:
            return True

    def append(self, leaving: Leaving) -> None:
        """Append one unsubscribe; it is on the disk when this returns.

        Raises:
            OSError: the file cannot be written.
        """
        with self._locked() as file:
            # Starts with a line end because a crash may have cut off the line before.
            os.write(file, b"\n" + _dump(leaving) + b"\n")
            os.fsync(file)

    def replay(self, apply: Callable[[Leaving], object]) -> int:
        """Call `apply` with every unsubscribe, oldest first, empty the file, return their number.

        If `apply` raises, the file is not changed and the next replay starts from its beginning.
        """
        if self.is_empty:
            return 0
        with self._locked() as file:
            leavings = _load(self._path.read_bytes())
            for leaving in leavings:
                apply(leaving)
            os.ftruncate(file, 0)
            os.fsync(file)
        return len(leavings)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            _sync_folder(self._path.parent)
            yield file
        finally:
            os.close(file)


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
    except ValueError:
        return None
    return Leaving(
        link=Link(public_id=read["public_id"], newsletter=read["newsletter"]),
        how=read["how"],
        at=datetime.fromisoformat(read["at"]),
        # Not in the lines of earlier versions.
        is_all=read.get("is_all", False),
    )

"""Leaving that the database could not take: kept in a file until it can.

Nobody who was told that they left may get another mail, so each line is on the disk before the
answer is given. Lines are replayed at start and from time to time; leaving twice does no harm.
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
    """One subscriber's word that they leave."""

    link: Link
    #: `one-click` or `page`.
    how: str
    at: datetime


class LeaveJournal:
    """A file of leavings; several processes may share it."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when it is first needed."""
        self._path = path

    def append(self, leaving: Leaving) -> None:
        """Write one leaving; it is on the disk when this returns.

        Raises:
            OSError: the disk does not take it.
        """
        with self._locked() as file:
            # Led by a line end, for a crash may have cut the line before.
            os.write(file, b"\n" + _dump(leaving) + b"\n")
            os.fsync(file)

    def replay(self, apply: Callable[[Leaving], object]) -> int:
        """Hand every leaving to `apply`, oldest first, and empty the file; gives their number.

        Where `apply` raises, the file stays as it is and is replayed whole another time.
        """
        if not self._path.exists():
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
    """Put the file's name on the disk too, for it may be new."""
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
        }
    ).encode()


def _load(content: bytes) -> tuple[Leaving, ...]:
    """Read the lines; one cut off by a crash was never answered and is passed over."""
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
    )

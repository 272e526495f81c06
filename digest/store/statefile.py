"""The state file: what this machine last knew of its database.

It is written after the commits that it reports, so it may lag behind the database, but never lead.
A database that is behind it, or has another epoch, was put back or copied.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from digest.errors import Refused, StoreError, disk_fault
from digest.models import LastSlot
from digest.store.private import make_private_folder, replace_durably

_NOTE = "Written by digest. It shows whether the database is still the one that sent the last mail."


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The content of a state file."""

    epoch: str
    #: The number of mails handed over, of all newsletters together.
    handed_over: int
    #: For each cadence, the last slot of which content was handed over.
    last_slots: tuple[LastSlot, ...] = ()


def read_state(path: Path) -> State | None:
    """Read a state file; None if there is none.

    Raises:
        Refused: its content is damaged.
        StoreError: it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_fault(f"state file {path}", error) from error
    try:
        return _parse(json.loads(content))
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(
            f"state file {path}: damaged; if this database is the right one, run `digest"
            " restore --adopt`"
        ) from error


def write_state(path: Path, state: State, *, now: datetime) -> None:
    """Replace a state file as a whole.

    Raises:
        StoreError: it cannot be written.
    """
    content = {"note": _NOTE, "written_at": now, **asdict(state)}
    text = json.dumps(content, default=datetime.isoformat, ensure_ascii=False, indent=2)
    with _faults_named(path):
        replace_durably(path, f"{text}\n".encode())


def check_state_folder(path: Path) -> None:
    """Check that a state file can be written.

    Raises:
        StoreError: its folder cannot be written.
    """
    with locked(path):
        pass


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from writing a state file; they wait.

    Raises:
        StoreError: its folder cannot be written.
    """
    with _faults_named(path):
        make_private_folder(path.parent)
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fault = disk_fault(f"state file {path}", error)
        raise StoreError(f"{fault} ([state] folder)") from error


def _parse(read: Any) -> State:
    return State(
        epoch=str(read["epoch"]),
        handed_over=int(read["handed_over"]),
        last_slots=tuple(
            LastSlot(
                newsletter=str(each["newsletter"]),
                cadence=str(each["cadence"]),
                local_at=str(each["local_at"]),
                due_at=datetime.fromisoformat(each["due_at"]),
                handed_at=datetime.fromisoformat(each["handed_at"]),
            )
            for each in read["last_slots"]
        ),
    )

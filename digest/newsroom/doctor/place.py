"""Examines the database, its disk and the state folder."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from digest.errors import DigestError
from digest.models.checkups import Checkup, fault, note, ok, warning
from digest.newsroom.context import RunContext
from digest.newsroom.state import read_database, why_not_ours
from digest.store.copying import why_not_to_send
from digest.store.revision import REVISION, revision_of
from digest.store.statefile import read_state

AREA = "database"
#: Below this, a send may fill the disk.
_ROOM_BYTES = 500 * 1024 * 1024
#: Each mark of a mail waits for one; slower disks slow a send.
_SLOW_FSYNC_S = 0.05
#: An impossible speed for a disk that really writes.
_FALSE_FSYNC_S = 0.000_005
_TRIES = 20


def examine_database(context: RunContext) -> Iterator[Checkup]:
    """Yield the findings about the database; nothing is changed."""
    try:
        database = context.unopened_database()
    except DigestError as error:
        yield fault(AREA, str(error), "mend this first; nothing is sent without the database")
        return
    try:
        if not database.exists():
            yield fault(AREA, f"{database.name}: does not exist", "run `digest db upgrade`")
            return
        database.check_sound()
        with database.read() as connection:
            found = revision_of(connection)
            copied = why_not_to_send(connection) if found == REVISION else ""
        reason = (
            why_not_ours(*read_database(database), read_state(database.state_file))
            if found == REVISION and not copied
            else ""
        )
    except DigestError as error:
        yield fault(AREA, str(error), "mend this first; nothing is sent without the database")
        return
    finally:
        database.close()
    if found != REVISION:
        yield fault(
            AREA,
            f"{database.name}: has schema {found or 'none'}, this version needs {REVISION}",
            "make a backup, then run `digest db upgrade`"
            if found < REVISION
            else "install the newer version of digest that wrote it",
        )
        return
    yield ok(AREA, f"{database.name}: sound, schema {found}")
    if copied:
        why, _, advice = copied.partition("; ")
        yield fault(AREA, f"{database.name}: {why}; nothing can be sent", advice)
    if reason:
        yield fault(
            AREA,
            f"{database.name}: {reason}; nothing can be sent",
            "if it should send from now on, run `digest restore --adopt --seen now|keep`",
        )


def examine_disk(files: tuple[Path, ...], state: Path) -> Iterator[Checkup]:
    """Yield the findings about the folders of the database's files and of the state file.

    Args:
        files: the files of a database on this machine; empty for a server's.
        state: the state file.
    """
    folders = dict.fromkeys(file.absolute().parent for file in (*files[:1], state))
    for folder in folders:
        if folder.is_dir():
            yield from _folder(folder)
        else:
            yield fault(
                AREA, f"{folder}: does not exist", "create it, or correct the configuration"
            )
    if files and _is_same_disk(files[0].absolute().parent, state.absolute().parent):
        yield note(
            AREA,
            "the state file is on the database's disk: if an image of the whole disk is put back,"
            " nothing shows that mails were sent since",
            "set [state] folder to another disk, or run `digest restore --adopt` after such a"
            " restore",
        )


def _folder(folder: Path) -> Iterator[Checkup]:
    try:
        free, seconds = shutil.disk_usage(folder).free, fsync_seconds(folder)
    except OSError as error:
        yield fault(
            AREA,
            f"{folder}: cannot be written ({error.strerror})",
            "make it writable for this user",
        )
        return
    if free < _ROOM_BYTES:
        yield warning(
            AREA, f"{folder}: only {free // 2**20} MB are free", "make room before the next send"
        )
    if seconds > _SLOW_FSYNC_S:
        yield warning(
            AREA,
            f"{folder}: a durable write takes {seconds * 1000:.0f} ms, so a send is slow",
            "use a local disk; network disks are slow and may lose locks",
        )
    elif seconds < _FALSE_FSYNC_S:
        yield warning(
            AREA,
            f"{folder}: a durable write takes no time, so it probably is not durable",
            "use a disk that survives a power cut (no tmpfs)",
        )
    else:
        yield ok(AREA, f"{folder}: {free // 2**30} GB free, durable write {seconds * 1000:.1f} ms")


def fsync_seconds(folder: Path) -> float:
    """Return the shortest time of a durable write in a folder, in seconds.

    Raises:
        OSError: the folder cannot be written.
    """
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_TRIES):
            file.write(b"x" * 4096)
            file.flush()
            started = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - started)
    return min(times)


def _is_same_disk(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return False

"""What SQLite does not say about a failure: which disk is full, or that files are too many."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import ExitStack
from pathlib import Path

#: SQLite opens the file of the database, its log, their index and a journal.
_FILES_AT_ONCE = 4
#: With less, in bytes, the database's own disk counts as full: its log stays after a failure.
_FULL = 16 * 2**20


def is_out_of_files() -> bool:
    """Return whether this process, or the machine, may open too few files for a database."""
    with ExitStack() as opened:
        try:
            for _ in range(_FILES_AT_ONCE):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        except OSError as error:
            return error.errno in (errno.EMFILE, errno.ENFILE)
    return False


def full_temporary_folder(database: Path) -> Path | None:
    """Return the folder of temporary files if its disk was full, and not the database's."""
    folder = temporary_folder()
    try:
        is_shared = folder.stat().st_dev == database.parent.stat().st_dev
        free = shutil.disk_usage(database.parent).free
        is_fuller = shutil.disk_usage(folder).free < free
    except OSError:
        return None
    return folder if is_fuller and free >= _FULL and not is_shared else None


def temporary_folder() -> Path:
    """Return the folder in which SQLite sorts what does not fit into memory.

    As https://www.sqlite.org/tempfiles.html says in section 5.
    """
    named = (os.environ.get(name, "") for name in ("SQLITE_TMPDIR", "TMPDIR"))
    for place in (*named, "/var/tmp", "/usr/tmp", "/tmp"):  # noqa: S108 - where SQLite writes
        if place and Path(place).is_dir() and os.access(place, os.W_OK | os.X_OK):
            return Path(place)
    return Path()

"""Keeps the files of tests in memory, where the system has room there.

Each commit of a database waits for the disk, a hundred thousand times in a run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - only if it is large, and nobody chose another folder
_ROOM = 2 << 30


def use_memory() -> None:
    """Let this process and its children create temporary files in memory.

    A folder that is chosen by `TMPDIR` is used instead.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(_MEMORY).free >= _ROOM:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # asks again

"""Opens the files that commands write: `-` is standard output, and addresses stay private."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TextIO

from digest.errors import UsageError


def is_output(file: Path | None) -> bool:
    """Return whether a file named by an argument is standard output: none, or `-`."""
    return file is None or str(file) == "-"


def open_private(file: Path | None) -> AbstractContextManager[TextIO]:
    """Open a text file for writing that only its owner can read; an existing one keeps its rights.

    Lines end as they are written. Standard output stays open.

    Raises:
        OSError: it cannot be created.
    """
    if file is None or is_output(file):
        return nullcontext(sys.stdout)
    return open(file, "w", encoding="utf-8", newline="", opener=_create_private)


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read; an existing one keeps its rights.

    Raises:
        OSError: it cannot be written.
    """
    with open(file, "wb", opener=_create_private) as stream:
        stream.write(content)


def refuse_output(file: Path | None, reason: str) -> None:
    """Raise `UsageError` if a file is `-`, where standard output cannot be one."""
    if file is not None and is_output(file):
        raise UsageError(f"`-`: {reason}; name a file")


def _create_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

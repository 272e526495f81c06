"""Opens the files of commands: `-` is standard input or output, and addresses stay private."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, TextIO

from digest.errors import UsageError

#: Bytes that are copied at a time.
_PART = 1 << 20


@contextmanager
def open_input(file: Path, *, most: int) -> Iterator[BinaryIO]:
    """Open a file for reading, in binary mode and seekable; `-` is standard input.

    What comes through a pipe or from a device is copied first, because it can be read only once.

    Args:
        file: the file.
        most: the most bytes that it may have.

    Raises:
        OSError: it cannot be read.
        UsageError: it is larger.
    """
    with nullcontext(sys.stdin.buffer) if is_standard(file) else file.open("rb") as stream:
        if _is_regular(stream):
            _check_size(file, stream.seek(0, os.SEEK_END), most)
            stream.seek(0)
            yield stream
            return
        with TemporaryFile() as copy:
            while part := stream.read(_PART):
                copy.write(part)
                _check_size(file, copy.tell(), most)
            copy.seek(0)
            yield copy


def name_of_input(file: Path) -> str:
    """Return how a message names a file that was read."""
    return "standard input" if is_standard(file) else str(file)


def is_standard(file: Path) -> bool:
    """Return whether a file named by an argument is `-`: standard input or output."""
    return str(file) == "-"


def is_output(file: Path | None) -> bool:
    """Return whether a file named by an argument is standard output: none, or `-`."""
    return file is None or is_standard(file)


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


def _is_regular(stream: BinaryIO) -> bool:
    """Whether a stream is a file on a disk."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:  # it has no number
        return False


def _check_size(file: Path, size: int, most: int) -> None:
    if size > most:
        raise UsageError(f"{name_of_input(file)}: larger than {most >> 20} MB; split the file")

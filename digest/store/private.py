"""Creates files and folders that only their owner can read: they contain subscribers' addresses."""

from __future__ import annotations

import os
from pathlib import Path


def make_private_folder(folder: Path) -> None:
    """Create a folder and its missing parents with mode 0700; an existing one is not changed.

    Raises:
        OSError: it cannot be created.
    """
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Create an empty file with mode 0600; an existing one is not changed.

    Raises:
        OSError: it cannot be created.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def write_durably(path: Path, content: bytes) -> None:
    """Write a private file whose content is on the disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, content: bytes) -> None:
    """Replace a file as a whole: after a crash it has the old content or the new one.

    Two processes must not replace the same file at the same time.

    Raises:
        OSError: it cannot be written; the old file is unchanged.
    """
    part = path.with_name(f".{path.name}.part")
    write_durably(part, content)
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Write the names of a folder's files to the disk.

    Raises:
        OSError: the folder cannot be opened.
    """
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

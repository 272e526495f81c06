"""Putting an edited configuration in the place of the old one: whole and right, or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from digest.config.load import load_config
from digest.errors import ConfigError


def read_text(path: Path) -> str:
    """Give a configuration's text, its line ends as they are.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: cannot be read ({error})",)) from error


def why_not_writable(path: Path) -> str:
    """Say why a configuration cannot be replaced; empty where it can.

    A file that nobody may write was protected on purpose, though its folder would let it go.
    """
    target = path.resolve()
    if not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        return "it is read-only"
    if not os.access(target, os.W_OK) or not os.access(target.parent, os.W_OK):
        return "no permission to write it"
    return ""


def save_config(path: Path, old: str, new: str) -> None:
    """Replace a configuration by an edited one, after the edited one was read and found right.

    Args:
        path: a link stays one; what it leads to is replaced.
        old: what was edited; another text there now is not overwritten.
        new: what to write.

    Raises:
        ConfigError: the edited one is not right, or the file has changed; nothing was written.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new.encode())
            file.flush()
            os.fsync(file.fileno())
        _check(draft, path)
        if read_text(target) != old:
            raise ConfigError((f"{path}: was changed by somebody else meanwhile; do it again",))
        _take_after(target, draft)
        draft.replace(target)
        _sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def _check(draft: Path, path: Path) -> None:
    try:
        load_config(draft)
    except ConfigError as error:
        problems = (each.replace(str(draft), str(path)) for each in error.problems)
        raise ConfigError((*problems, f"{path}: was left as it was")) from error


def _take_after(target: Path, draft: Path) -> None:
    """Give a new file the mode and, where that is allowed, the owner of the one it replaces."""
    found = target.stat()
    with contextlib.suppress(OSError):
        os.chown(draft, found.st_uid, found.st_gid)
    draft.chmod(stat.S_IMODE(found.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut; not every file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

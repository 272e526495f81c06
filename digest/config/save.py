"""Replaces the configuration file by an edited one: complete and valid, or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from digest.config.load import load_config
from digest.errors import ConfigError


def read_text(path: Path) -> str:
    """Return the text of a configuration with its line ends unchanged.

    Raises:
        ConfigError: the file cannot be read.
    """
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"{path}: cannot be read ({error})",)) from error


def why_not_writable(path: Path) -> str:
    """Return why a configuration cannot be replaced; empty if it can.

    A read-only file was protected on purpose, even if its folder allows the replacement.
    """
    target = path.resolve()
    if not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        return "it is read-only"
    if not os.access(target, os.W_OK) or not os.access(target.parent, os.W_OK):
        return "no permission to write it"
    return ""


def create_config(path: Path, text: str, *, password: tuple[str, str] | None = None) -> None:
    """Write a new configuration that only its owner can read, after a check of it.

    Replaces an existing file. It is complete and valid, or not written.

    Args:
        path: the file; its folder is created.
        text: the configuration.
        password: the name of a file next to it and the password to write there; None for none.

    Raises:
        ConfigError: the text is not valid; nothing was written.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as undoing:
        if password:
            secret = target.parent / password[0]
            if not secret.exists():
                undoing.callback(secret.unlink, missing_ok=True)
            _write_draft(secret, f"{password[1]}\n").replace(secret)
        draft = _write_draft(target, text)
        undoing.callback(draft.unlink, missing_ok=True)
        _check(draft, path, "was not written")
        draft.replace(target)
        _sync_folder(target.parent)
        undoing.pop_all()


def save_config(path: Path, old: str, new: str) -> None:
    """Replace a configuration by an edited one, after a check of the edited one.

    Args:
        path: the file; a symbolic link stays, and its target is replaced.
        old: the text before the edit; a file with other text now is not overwritten.
        new: the text to write.

    Raises:
        ConfigError: the edited text is not valid, or the file has changed; nothing was written.
    """
    target = path.resolve()
    draft = _write_draft(target, new)
    try:
        _check(draft, path)
        if read_text(target) != old:
            raise ConfigError((f"{path}: changed during the edit; run the command again",))
        _copy_owner(target, draft)
        draft.replace(target)
        _sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def _write_draft(target: Path, text: str) -> Path:
    """Write a file next to its later place, readable by this user only; return its path."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _check(draft: Path, path: Path, end: str = "was not changed") -> None:
    try:
        load_config(draft)
    except ConfigError as error:
        problems = (each.replace(str(draft), str(path)) for each in error.problems)
        raise ConfigError((*problems, f"{path}: {end}")) from error


def _copy_owner(target: Path, draft: Path) -> None:
    """Copy the mode and, if permitted, the owner of the old file to the new one."""
    found = target.stat()
    with contextlib.suppress(OSError):
        os.chown(draft, found.st_uid, found.st_gid)
    draft.chmod(stat.S_IMODE(found.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power failure; some file systems do not support it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

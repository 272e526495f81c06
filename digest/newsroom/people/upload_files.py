"""The files of uploads in the state folder; each is deleted after its import, or after a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from digest.store import uploads
from digest.store.engine import Database

#: How long a file is kept without an import.
KEPT = timedelta(days=1)


def path_of(database: Database, token: str) -> Path:
    """Return the path of an upload's file, in a folder that only this user can read."""
    folder = database.state_file.parent / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{token}.csv"


def forget_old(database: Database, *, now: datetime) -> int:
    """Delete the uploads that are older than `KEPT`, with their files; return their number.

    Raises:
        StoreError: the database cannot be written.
    """
    with database.read() as connection:
        old = uploads.old_tokens(connection, unseen_since=now - KEPT)
    if old:
        with database.write() as connection:
            for token in old:
                uploads.delete_upload(connection, token)
    for token in old:
        path_of(database, token).unlink(missing_ok=True)
    return len(old)

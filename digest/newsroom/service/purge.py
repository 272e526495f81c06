"""Deletes stored mails and comments after their retention, once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import SCHEDULE, AuditEntry
from digest.newsroom.context import Retention
from digest.store import retention
from digest.store.audit import add_entry
from digest.store.engine import Database

_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """The result of a purge."""

    #: Number of stored mails that were deleted.
    pieces: int
    #: Number of comments that were deleted.
    comments: int


def purge(database: Database, keep: Retention, *, now: datetime) -> Purged | None:
    """Delete mails and comments older than their retention; None if done within the last day."""
    with database.read() as connection:
        if not _is_due(retention.last_purge(connection), now):
            return None
    with database.write() as connection:
        if not _is_due(retention.last_purge(connection), now):
            return None  # another process was faster
        retention.save_purge(connection, now)
        purged = Purged(
            pieces=retention.forget_pieces(connection, finished_before=now - keep.pieces),
            comments=retention.forget_comments(connection, seen_before=now - keep.comments),
        )
        if purged.pieces or purged.comments:
            detail = f"{purged.pieces} stored mails, {purged.comments} comments"
            add_entry(
                connection,
                AuditEntry(at=now, actor=SCHEDULE.name, action="purge", detail=detail),
            )
    return purged


def _is_due(last: datetime | None, now: datetime) -> bool:
    # A last purge in the future means that the clock was set back.
    return last is None or not last <= now < last + _EVERY

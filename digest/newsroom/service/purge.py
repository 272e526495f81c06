"""Deletes stored mails, comments and sign-ups after their retention, once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import SCHEDULE, AuditEntry
from digest.newsroom.context import Retention
from digest.store import retention, sign_ups
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
    #: Number of sign-ups that nobody confirmed and that were deleted.
    sign_ups: int = 0

    @property
    def has_any(self) -> bool:
        """Whether anything was deleted."""
        return bool(self.pieces or self.comments or self.sign_ups)


def purge(database: Database, keep: Retention, *, now: datetime) -> Purged | None:
    """Delete what is older than its retention; None if that was done within the last day."""
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
            sign_ups=sign_ups.forget_sign_ups(connection, before=now - keep.unconfirmed),
        )
        sign_ups.forget_marks(connection, before=now - keep.networks)
        if purged.has_any:
            detail = f"{purged.pieces} stored mails, {purged.comments} comments"
            if purged.sign_ups:
                detail += f", {purged.sign_ups} sign-ups"
            add_entry(
                connection,
                AuditEntry(at=now, actor=SCHEDULE.name, action="purge", detail=detail),
            )
    return purged


def _is_due(last: datetime | None, now: datetime) -> bool:
    # A last purge in the future means that the clock was set back.
    return last is None or not last <= now < last + _EVERY

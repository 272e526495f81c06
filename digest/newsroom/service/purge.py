"""Deletes stored mails and comments after their retention, once a day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from digest.models import SCHEDULE, AuditEntry
from digest.newsroom.context import Retention
from digest.store import persons, retention
from digest.store.audit import add_entry
from digest.store.engine import Database
from subscribers.moving import forget_changes

_EVERY = timedelta(days=1)
#: For the notes that it was sent, after a mail to a subscriber outside an edition.
_KEEP_NOTICES = timedelta(days=30)
_NAMES = {
    "pieces": "stored mails",
    "comments": "comments",
    "notices": "notes to subscribers",
    "changes": "changes of address",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """The result of a purge."""

    #: Number of stored mails that were deleted.
    pieces: int
    #: Number of comments that were deleted.
    comments: int
    #: Number of mails to subscribers outside an edition that were deleted: only that they were sent
    #: was still stored.
    notices: int = 0
    #: Number of changes of address that were not confirmed in time, or ended lately.
    changes: int = 0


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
            notices=persons.forget_notices(connection, before=now - _KEEP_NOTICES),
            changes=forget_changes(connection, now=now),
        )
        counts = asdict(purged)
        if any(counts.values()):
            detail = ", ".join(f"{count} {_NAMES[name]}" for name, count in counts.items() if count)
            add_entry(
                connection,
                AuditEntry(at=now, actor=SCHEDULE.name, action="purge", detail=detail),
            )
    return purged


def _is_due(last: datetime | None, now: datetime) -> bool:
    # A last purge in the future means that the clock was set back.
    return last is None or not last <= now < last + _EVERY

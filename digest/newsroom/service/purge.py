"""Deletes stored mails, comments and sign-ups after their retention, once a day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from digest.models import SCHEDULE, AuditEntry
from digest.newsroom.context import Retention
from digest.newsroom.people.upload_files import forget_old
from digest.store import edits, moderation, persons, retention, sign_ups
from digest.store.audit import add_entry
from digest.store.engine import Database
from digest.store.events import forget_calls
from subscribers.moving import forget_changes

_EVERY = timedelta(days=1)
#: For the notes that it was sent, after a mail to a subscriber outside an edition.
_KEEP_NOTICES = timedelta(days=30)
_NAMES = {
    "pieces": "stored mails",
    "comments": "comments",
    "notices": "notes to subscribers",
    "changes": "changes of address",
    "sign_ups": "sign-ups",
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
    #: Number of sign-ups that nobody confirmed and that were deleted.
    sign_ups: int = 0

    def __str__(self) -> str:
        """Return the counts that are not zero: `3 comments, 1 sign-ups`; empty without one."""
        counts = asdict(self).items()
        return ", ".join(f"{count} {_NAMES[name]}" for name, count in counts if count)


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
            notices=persons.forget_notices(connection, before=now - _KEEP_NOTICES),
            changes=forget_changes(connection, now=now),
            sign_ups=sign_ups.forget_sign_ups(connection, before=now - keep.unconfirmed),
        )
        moderation.forget_decisions(connection, decided_before=now - keep.comments)
        edits.forget_edits(connection)
        sign_ups.forget_marks(connection, before=now - keep.networks)
        forget_calls(connection, before=now - _KEEP_NOTICES)
        if detail := str(purged):
            add_entry(
                connection,
                AuditEntry(at=now, actor=SCHEDULE.name, action="purge", detail=detail),
            )
    forget_old(database, now=now)
    return purged


def _is_due(last: datetime | None, now: datetime) -> bool:
    # A last purge in the future means that the clock was set back.
    return last is None or not last <= now < last + _EVERY

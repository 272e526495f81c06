"""Forgetting what the configuration says, once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.store import retention
from digest.store.engine import Database

_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept."""

    #: The encoded mails of an edition, after it is finished.
    pieces: timedelta
    comments: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What was forgotten."""

    pieces: int
    comments: int


def purge(database: Database, keep: Retention, *, now: datetime) -> Purged | None:
    """Forget what is older than it is to be kept; None where that was done within a day."""
    with database.read() as connection:
        if not _is_due(retention.last_purge(connection), now):
            return None
    with database.write() as connection:
        if not _is_due(retention.last_purge(connection), now):
            return None  # another process was faster
        retention.save_purge(connection, now)
        return Purged(
            pieces=retention.forget_pieces(connection, finished_before=now - keep.pieces),
            comments=retention.forget_comments(connection, seen_before=now - keep.comments),
        )


def _is_due(last: datetime | None, now: datetime) -> bool:
    # A last time after now: the clock was set back.
    return last is None or not last <= now < last + _EVERY

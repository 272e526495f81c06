"""Stored notices: each is sent once, and tried again until it succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from digest.store.dialect import insert_for
from digest.store.tables import notices

_LONGEST_WAIT = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice to one recipient."""

    id: int
    #: `approval` or `alert`.
    kind: str
    #: A mail address, or `webhook`.
    recipient: str
    #: The subject of the notice, such as `weekly/2026-11-23T07:00/late`.
    key: str
    #: The first line is the message; further lines are details.
    text: str
    #: The number of attempts, including the current one.
    attempts: int
    created_at: datetime


def add_notices(
    connection: Connection,
    kind: str,
    key: str,
    text: str,
    recipients: Sequence[str],
    *,
    now: datetime,
) -> int:
    """Store one notice per recipient without one for this key; return the number stored."""
    rows = [
        {
            "kind": kind,
            "recipient": recipient,
            "key": key[:255],
            "text": text,
            "state": "pending",
            "created_at": now,
            "next_at": now,
        }
        for recipient in dict.fromkeys(recipients)
    ]
    # Counts the returned rows because not every engine reports the row count of an INSERT.
    new = insert_for(connection, notices).on_conflict_do_nothing().returning(notices.c.id)
    return sum(len(connection.execute(new.values(row)).all()) for row in rows)


def claim_notices(
    connection: Connection, *, now: datetime, until: datetime, most: int = 50
) -> tuple[Notice, ...]:
    """Claim the due notices, oldest first; no other process can claim them before `until`.

    A next try further ahead than any wait was planned before the clock was set back.
    """
    is_due = or_(notices.c.next_at <= now, notices.c.next_at > now + _LONGEST_WAIT)
    due = (
        select(notices.c.id)
        .where(notices.c.state == "pending", is_due)
        .order_by(notices.c.id)
        .limit(most)
    )
    taken = connection.execute(
        update(notices)
        .where(notices.c.id.in_(due.scalar_subquery()))
        .values(next_at=until, attempts=notices.c.attempts + 1)
        .returning(*(notices.c[name] for name in Notice.__slots__))
    ).mappings()
    return tuple(sorted((Notice(**row) for row in taken), key=lambda notice: notice.id))


def end_notice(connection: Connection, notice_id: int, *, is_sent: bool, now: datetime) -> None:
    """Store that a notice was sent, or that it is not tried any more."""
    values = {"state": "sent", "sent_at": now} if is_sent else {"state": "failed"}
    connection.execute(
        update(notices).where(notices.c.id == notice_id).values(next_at=None, **values)
    )


def retry_notice(connection: Connection, notice_id: int, *, next_at: datetime) -> None:
    """Defer a notice."""
    connection.execute(update(notices).where(notices.c.id == notice_id).values(next_at=next_at))

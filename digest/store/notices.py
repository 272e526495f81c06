"""Stored notices: each is sent once, and tried again until it succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, or_, select, update

from digest.store.dialect import insert_for
from digest.store.tables import notices

_LONGEST_WAIT = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice to one recipient."""

    id: int
    #: `approval` or `alert`; other kinds are mails to a subscriber.
    kind: str
    #: A mail address, `webhook`, or a subscriber's public id.
    recipient: str
    #: The subject of the notice, such as `weekly/2026-11-23T07:00/late`.
    key: str
    #: The first line is the message; further lines are details. What a mail to a subscriber needs.
    text: str
    #: The number of attempts, including the current one.
    attempts: int
    created_at: datetime
    #: The subscriber, and the newsletter in whose name they are written to; None for operators.
    person_id: int | None = None
    newsletter: str = ""


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


def add_person_notice(
    connection: Connection,
    kind: str,
    key: str,
    *,
    person_id: int,
    public_id: str,
    newsletter: str,
    text: str = "",
    now: datetime,
) -> bool:
    """Store a notice to a subscriber; return False if there is one of this kind and key already.

    It is deleted with the person.
    """
    row = {
        "kind": kind,
        "recipient": public_id,
        "key": key,
        "text": text,
        "state": "pending",
        "created_at": now,
        "next_at": now,
        "person_id": person_id,
        "newsletter": newsletter,
    }
    new = insert_for(connection, notices).on_conflict_do_nothing().returning(notices.c.id)
    return connection.execute(new.values(row)).first() is not None


def has_due_notices(connection: Connection, *, now: datetime, to_people: bool) -> bool:
    """Return whether a notice to subscribers, or to operators, is due."""
    return connection.execute(_due(now, to_people).limit(1)).first() is not None


def claim_notices(
    connection: Connection,
    *,
    now: datetime,
    until: datetime,
    to_people: bool = False,
    most: int = 50,
) -> tuple[Notice, ...]:
    """Claim the due notices, oldest first; no other process can claim them before `until`.

    A next try further ahead than any wait was planned before the clock was set back.

    Args:
        connection: a connection inside a transaction.
        now: the current time.
        until: when another process may claim them.
        to_people: whether to claim those to subscribers; else those to operators.
        most: the most to claim.
    """
    due = _due(now, to_people).order_by(notices.c.id).limit(most)
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


def drop_waiting(connection: Connection) -> int:
    """End all notices that were not sent yet; return their number."""
    waiting = update(notices).where(notices.c.state == "pending")
    return connection.execute(waiting.values(state="failed", next_at=None)).rowcount


def retry_notice(connection: Connection, notice_id: int, *, next_at: datetime) -> None:
    """Defer a notice."""
    connection.execute(update(notices).where(notices.c.id == notice_id).values(next_at=next_at))


def _due(now: datetime, to_people: bool) -> Select[tuple[int]]:
    return select(notices.c.id).where(
        notices.c.state == "pending",
        or_(notices.c.next_at <= now, notices.c.next_at > now + _LONGEST_WAIT),
        notices.c.person_id.is_not(None) if to_people else notices.c.person_id.is_(None),
    )

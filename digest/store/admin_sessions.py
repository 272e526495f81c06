"""The sessions of admins who signed in with their password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from digest.models.admins import Account
from digest.store.admins import account_of
from digest.store.tables import admin_sessions, admins


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminSession:
    """A session and its account."""

    account: Account
    created_at: datetime
    seen_at: datetime


def find_session(connection: Connection, token_hash: str) -> AdminSession | None:
    """Return a session, also one that is too old; None if there is none."""
    row = connection.execute(
        select(
            admins,
            admin_sessions.c.created_at.label("began_at"),
            admin_sessions.c.seen_at,
        )
        .join(admins, admins.c.id == admin_sessions.c.admin_id)
        .where(admin_sessions.c.token_hash == token_hash)
    ).first()
    if row is None:
        return None
    return AdminSession(account=account_of(row), created_at=row.began_at, seen_at=row.seen_at)


def add_session(connection: Connection, account_id: int, token_hash: str, *, now: datetime) -> None:
    """Store a new session."""
    connection.execute(
        insert(admin_sessions).values(
            token_hash=token_hash, admin_id=account_id, created_at=now, seen_at=now
        )
    )


def note_use(connection: Connection, token_hash: str, *, now: datetime) -> None:
    """Store that a session is in use."""
    connection.execute(
        update(admin_sessions).where(admin_sessions.c.token_hash == token_hash).values(seen_at=now)
    )


def end_session(connection: Connection, token_hash: str) -> None:
    """Delete a session."""
    connection.execute(delete(admin_sessions).where(admin_sessions.c.token_hash == token_hash))


def end_sessions_of(connection: Connection, account_id: int) -> int:
    """Delete every session of an account and return their number."""
    ended = connection.execute(
        delete(admin_sessions).where(admin_sessions.c.admin_id == account_id)
    )
    return ended.rowcount


def end_old_sessions(
    connection: Connection, *, created_before: datetime, seen_before: datetime
) -> None:
    """Delete the sessions that are too old or were not used for too long."""
    connection.execute(
        delete(admin_sessions).where(
            or_(
                admin_sessions.c.created_at < created_before,
                admin_sessions.c.seen_at < seen_before,
            )
        )
    )


def count_sessions(connection: Connection) -> dict[int, int]:
    """Return the number of sessions by account."""
    query = select(admin_sessions.c.admin_id, func.count()).group_by(admin_sessions.c.admin_id)
    return {row[0]: row[1] for row in connection.execute(query)}

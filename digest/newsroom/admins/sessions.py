"""Recognises who asks, and ends sessions."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from digest.errors import StoreError
from digest.models import Actor
from digest.models.admins import Account, Recognised
from digest.newsroom.admins.limits import MAX_AGE, MAX_IDLE
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.store import admin_sessions, admins
from digest.store.admin_sessions import AdminSession
from digest.store.engine import Connection

#: Uses are stored this often, because each is a write.
_NOTED_EVERY = timedelta(minutes=10)


def hash_token(token: str) -> str:
    """Return what is stored of a session's token; it is random, so that no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def recognise(context: RunContext, token: str, *, proxied_name: str | None) -> Recognised:
    """Return who asks.

    Args:
        context: the installation's context.
        token: the token of a session; empty if there is none.
        proxied_name: the name that a trusted proxy vouches for; None if it names no account.

    Raises:
        StoreError: the database cannot be used.
    """
    now = context.clock()
    with context.database.read() as connection:
        if proxied_name is not None:
            account = admins.find_account(connection, proxied_name.strip().lower())
            is_any = account is not None or admins.has_accounts(connection)
            return Recognised(has_accounts=is_any, account=account)
        session = admin_sessions.find_session(connection, hash_token(token)) if token else None
        if session is None or not _is_open(session, now):
            return Recognised(has_accounts=admins.has_accounts(connection))
    if now - session.seen_at > _NOTED_EVERY:
        _note_use(context, token, now)
    return Recognised(has_accounts=True, account=session.account)


def begin_session(connection: Connection, account: Account, token: str, *, now: datetime) -> None:
    """Store a session, and delete those that are too old."""
    admin_sessions.end_old_sessions(
        connection, created_before=now - MAX_AGE, seen_before=now - MAX_IDLE
    )
    admin_sessions.add_session(connection, account.id, hash_token(token), now=now)
    admins.note_sign_in(connection, account.id, now=now)


def sign_out(context: RunContext, token: str, *, by: Actor) -> None:
    """End a session; nothing happens if it has ended already."""
    with context.database.write() as connection:
        session = admin_sessions.find_session(connection, hash_token(token))
        if session is not None:
            admin_sessions.end_session(connection, hash_token(token))
            record(context, connection, by, "sign out")


def _note_use(context: RunContext, token: str, now: datetime) -> None:
    try:
        with context.database.write() as connection:
            admin_sessions.note_use(connection, hash_token(token), now=now)
    except StoreError:
        # Only the time of the last use: a page must be shown during a long write too.
        return


def _is_open(session: AdminSession, now: datetime) -> bool:
    return now - session.seen_at <= MAX_IDLE and now - session.created_at <= MAX_AGE

"""Makes, lists, recognises and revokes the tokens of the API."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from digest.errors import NothingToDo, Refused, StoreError, UsageError
from digest.models import Actor
from digest.models.admins import RIGHTS, Account, ApiToken, Right, Role
from digest.newsroom.admins.sessions import hash_token
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.store import admins, api_tokens
from digest.store.engine import Connection

#: The start of every token, by which programs that search for leaked secrets know it.
PREFIX = "digest_"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
#: Uses are stored this often, because each is a write.
_NOTED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that was just made."""

    token: ApiToken
    #: What the program sends; it cannot be shown again, because only its hash is stored.
    secret: str


def make(
    context: RunContext,
    name: str,
    role: Role,
    *,
    last_day: date | None = None,
    owner: str = "",
    rights: frozenset[Right] = frozenset(Right),
    by: Actor,
) -> NewToken:
    """Make a token.

    Args:
        context: the installation's context.
        name: the token's name, by which the history names it.
        role: what it may do.
        last_day: the last day in UTC on which it works; None: it has no end.
        owner: the account that makes it; empty at the terminal. The name does not count while
            there is no account.
        rights: the rights of who makes it.
        by: the actor.

    Raises:
        UsageError: the name is not allowed or is taken, or the day is over.
        Refused: the role may do more than who makes it, or the account is gone.
        StoreError: the database cannot be written.
    """
    wanted, now = " ".join(name.split()), context.clock()
    ends_at = _end_of(last_day, now)
    if not RIGHTS[role] <= rights:
        raise Refused(f"a token of the role {role} may do more than you; choose another role")
    secret = PREFIX + secrets.token_urlsafe(32)
    with context.database.write() as connection:
        _check_free(connection, wanted)
        account = _owner(connection, owner)
        api_tokens.add_token(
            connection,
            wanted,
            role,
            hash_token(secret),
            account_id=account.id if account else None,
            maker=by.name,
            ends_at=ends_at,
            now=now,
        )
        until = f", until {last_day}" if last_day else ""
        record(context, connection, by, "add token", detail=f"{wanted}: {role}{until}")
        return NewToken(token=_named(connection, wanted), secret=secret)


def list_tokens(context: RunContext, owner: str = "") -> tuple[ApiToken, ...]:
    """Return the tokens that an account made, by name; all without an owner or any account."""
    with context.database.read() as connection:
        account = _owner(connection, owner)
        return api_tokens.list_tokens(connection, account.id if account else None)


def recognise(context: RunContext, secret: str) -> ApiToken | None:
    """Return the token of a secret; None if it is unknown, revoked or has ended.

    Raises:
        StoreError: the database cannot be read.
    """
    now = context.clock()
    with context.database.read() as connection:
        token = api_tokens.find_by_hash(connection, hash_token(secret))
    if token is None or token.has_ended(now):
        return None
    if token.used_at is None or now - token.used_at > _NOTED_EVERY:
        _note_use(context, token, now)
    return token


def revoke(context: RunContext, token_id: int, *, owner: str, by: Actor) -> str:
    """Revoke a token that an account made, or any while there is no account; return its name.

    Raises:
        NothingToDo: the owner has no such token.
        StoreError: the database cannot be written.
    """
    with context.database.write() as connection:
        account = _owner(connection, owner)
        token = api_tokens.find_id(connection, token_id)
        if token is None or (account is not None and token.account != account):
            raise NothingToDo("this token does not exist any more")
        return _revoke(context, connection, token, by)


def revoke_named(context: RunContext, name: str, *, by: Actor) -> str:
    """Revoke a token by its name; return the name.

    Raises:
        UsageError: the token does not exist.
        StoreError: the database cannot be written.
    """
    with context.database.write() as connection:
        return _revoke(context, connection, _named(connection, " ".join(name.split())), by)


def _revoke(context: RunContext, connection: Connection, token: ApiToken, by: Actor) -> str:
    api_tokens.remove_token(connection, token.id)
    record(context, connection, by, "revoke token", detail=token.name)
    return token.name


def _note_use(context: RunContext, token: ApiToken, now: datetime) -> None:
    try:
        with context.database.write() as connection:
            api_tokens.note_use(connection, token.id, now=now)
    except StoreError:
        # Only the time of the last use: a request that reads must not fail during a long write.
        return


def _owner(connection: Connection, owner: str) -> Account | None:
    """Return the account of an owner; None at the terminal, and while there is no account."""
    account = admins.find_account(connection, owner) if owner else None
    if owner and account is None and admins.has_accounts(connection):
        raise Refused("your account does not exist any more; sign in again")
    return account


def _end_of(last_day: date | None, now: datetime) -> datetime | None:
    if last_day is None:
        return None
    if last_day < now.date():
        raise UsageError(f"end {last_day}: this day is over; choose a later one, or none")
    if last_day.year > now.year + 100:
        raise UsageError(f"end {last_day}: is too far ahead; leave it out for a token without end")
    return datetime.combine(last_day + timedelta(days=1), time(), UTC)


def _check_free(connection: Connection, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"token {name[:64]!r}: use 1 to 64 letters, digits, spaces and `. _ -`,"
            " such as `nightly report`"
        )
    if api_tokens.find_named(connection, name) is not None:
        raise UsageError(f"token {name}: exists already; choose another name")


def _named(connection: Connection, name: str) -> ApiToken:
    found = api_tokens.find_named(connection, name)
    if found is None:
        raise UsageError(f"token {name}: does not exist; see `digest admin token list`")
    return found

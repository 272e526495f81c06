"""Makes, lists, changes and removes the accounts of the desk; only the terminal does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.errors import UsageError
from digest.models import SCHEDULE, SENDER, SUBSCRIBER, Actor
from digest.models.admins import Account, Role
from digest.newsroom.admins.passwords import check_password, hash_password
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.store import admin_sessions, admins, api_tokens
from digest.store.engine import Connection

#: Also the address that a proxy may name.
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
#: Actors that are no persons.
_RESERVED = frozenset({SCHEDULE.name, SENDER.name, SUBSCRIBER.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAccount:
    """An account of the list."""

    account: Account
    #: Number of sessions that were not ended.
    sessions: int


def list_accounts(context: RunContext) -> tuple[ListedAccount, ...]:
    """Return all accounts, by name."""
    with context.database.read() as connection:
        sessions = admin_sessions.count_sessions(connection)
        found = admins.list_accounts(connection)
    return tuple(ListedAccount(account=each, sessions=sessions.get(each.id, 0)) for each in found)


def check_name(context: RunContext, name: str, *, is_new: bool) -> str:
    """Return an account's name in lower case.

    Raises:
        UsageError: a new name is not allowed or is taken; a known one does not exist.
    """
    wanted = name.strip().lower()
    with context.database.read() as connection:
        if is_new:
            _check_free(connection, wanted)
        else:
            _named(connection, wanted)
    return wanted


def add(context: RunContext, name: str, role: Role, password: str | None, *, by: Actor) -> Account:
    """Make an account.

    Args:
        context: the installation's context.
        name: the account's name; stored in lower case.
        role: what it may do.
        password: its password; None if it signs in through a proxy only.
        by: the actor.

    Raises:
        UsageError: the name is not allowed or is taken, or the password is too easy to guess.
    """
    wanted = name.strip().lower()
    hashed = _hash(wanted, password)
    with context.database.write() as connection:
        _check_free(connection, wanted)
        admins.add_account(connection, wanted, role, hashed, now=context.clock())
        record(context, connection, by, "add admin", detail=f"{wanted}: {role}")
        return _named(connection, wanted)


def set_role(context: RunContext, name: str, role: Role, *, by: Actor) -> Account:
    """Change the role of an account; it counts from its next request.

    Raises:
        UsageError: the account does not exist.
    """
    with context.database.write() as connection:
        account = _named(connection, name)
        admins.set_role(connection, account.id, role)
        detail = f"{account.name}: {role}, before {account.role}"
        record(context, connection, by, "change admin", detail=detail)
        return _named(connection, name)


def set_password(context: RunContext, name: str, password: str | None, *, by: Actor) -> int:
    """Change the password of an account, end its sessions, and return their number.

    Raises:
        UsageError: the account does not exist, or the password is too easy to guess.
    """
    hashed = _hash(name, password)
    with context.database.write() as connection:
        account = _named(connection, name)
        admins.set_password_hash(connection, account.id, hashed)
        ended = admin_sessions.end_sessions_of(connection, account.id)
        detail = f"{account.name}: {'new' if hashed else 'no'} password"
        record(context, connection, by, "change admin", detail=detail)
    return ended


def remove(context: RunContext, name: str, *, by: Actor) -> int:
    """Delete an account with its tokens, end its sessions, and return the number of those left.

    Raises:
        UsageError: the account does not exist.
    """
    with context.database.write() as connection:
        account = _named(connection, name)
        admin_sessions.end_sessions_of(connection, account.id)
        api_tokens.remove_tokens_of(connection, account.id)
        admins.remove_account(connection, account.id)
        record(context, connection, by, "remove admin", detail=account.name)
        return len(admins.list_accounts(connection))


def _hash(name: str, password: str | None) -> str:
    if password is None:
        return ""
    check_password(name, password)
    return hash_password(password)


def _check_free(connection: Connection, name: str) -> None:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise UsageError(
            f"account {name!r}: use 1 to 64 letters, digits and `. _ @ + -`, such as `anna`"
        )
    if admins.find_account(connection, name) is not None:
        raise UsageError(f"account {name}: exists already; see `digest admin list`")


def _named(connection: Connection, name: str) -> Account:
    found = admins.find_account(connection, name.strip().lower())
    if found is None:
        raise UsageError(f"account {name}: does not exist; see `digest admin list`")
    return found

"""Signs in with name and password; failures make the next attempts wait."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from digest.models import Actor
from digest.models.admins import Account
from digest.newsroom.admins.lockout import MEMORY, OF_NAME, OF_NETWORK, wait_left
from digest.newsroom.admins.passwords import hash_password, is_right, needs_rehash
from digest.newsroom.admins.sessions import begin_session
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.store import admins
from digest.store import sign_in_failures as failures


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The result of an attempt."""

    #: The token of the new session; empty if it was refused.
    token: str = ""
    account: Account | None = None
    #: How long the next attempt must wait; zero if it need not.
    wait: timedelta = timedelta()


def sign_in(context: RunContext, name: str, password: str, *, network: str) -> SignIn:
    """Begin a session if name and password are right.

    The answer and its time are the same for a name that does not exist.

    Args:
        context: the installation's context.
        name: the name as typed.
        password: the password as typed.
        network: the client's network, or its address if it is not public.

    Raises:
        StoreError: the database cannot be written.
    """
    wanted = name.strip().lower()[:64]
    keys = (_hash(context, "name", wanted), _hash(context, "network", network))
    if wait := _begin_attempt(context, wanted, keys):
        return SignIn(wait=wait)
    with context.database.read() as connection:
        stored = admins.password_hash_of(connection, wanted)
    if not is_right(stored, password):
        return SignIn()
    return _begin(context, wanted, stored, password, keys)


def _begin_attempt(context: RunContext, name: str, keys: tuple[str, str]) -> timedelta:
    """Count an attempt as failed before it is checked, so that guesses at once count too.

    Return how long it must wait instead; it is not counted then.
    """
    now = context.clock()
    with context.database.write() as connection:
        known = failures.read_failures(connection, keys)
        of_name, of_network = (
            wait_left(ladder, known.get(key), now=now)
            for ladder, key in zip((OF_NAME, OF_NETWORK), keys, strict=True)
        )
        if wait := max(of_name, of_network):
            return wait
        failures.forget_old_failures(connection, before=now - MEMORY)
        for key in keys:
            failures.count_failure(connection, key, now=now)
        before = known.get(keys[0])
        is_locked = before is not None and before.count + 1 == OF_NAME.free
        if is_locked and admins.find_account(connection, name):
            detail = f"{OF_NAME.free} failed attempts; the next ones must wait"
            record(context, connection, Actor(name=name), "sign-in locked", detail=detail)
    return timedelta()


def _begin(
    context: RunContext, name: str, stored: str, password: str, keys: tuple[str, str]
) -> SignIn:
    """Store the session, unless the password was changed while it was checked."""
    now, token = context.clock(), secrets.token_urlsafe(32)
    with context.database.write() as connection:
        account = admins.find_account(connection, name)
        if account is None or admins.password_hash_of(connection, name) != stored:
            return SignIn()
        failures.forget_failures(connection, keys[0])
        failures.take_back_failure(connection, keys[1])
        if needs_rehash(stored):
            admins.set_password_hash(connection, account.id, hash_password(password))
        begin_session(connection, account, token, now=now)
        record(context, connection, Actor(name=account.name), "sign in")
    return SignIn(token=token, account=account)


def _hash(context: RunContext, kind: str, value: str) -> str:
    key = context.keys[0].encode()
    return hmac.new(key, f"sign-in {kind} {value}".encode(), hashlib.sha256).hexdigest()

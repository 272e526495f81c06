"""Hashes and checks the passwords of accounts, with Argon2id (RFC 9106)."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from digest.errors import StoreError, UsageError

#: The fewest characters of a password; the most, because hashing reads all of them.
MIN_CHARACTERS = 12
MAX_CHARACTERS = 1024

#: The first set of OWASP's Password Storage Cheat Sheet: 46 MiB, one pass.
_HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1, type=Type.ID)
#: Each check takes 46 MiB, so that a crowd of them may not run at once.
_AT_ONCE = BoundedSemaphore(2)
_PATIENCE_S = 10.0

#: Checked for a name that does not exist, so that its answer takes as long. No password has it.
_NOBODY = _HASHER.hash("no password of an account")


def check_password(name: str, password: str) -> None:
    """Check that a password is not too easy to guess.

    Raises:
        UsageError: it is too short, too long, has too few different characters, or is made of the
            account's name.
    """
    if len(password) < MIN_CHARACTERS:
        raise UsageError(f"password: at least {MIN_CHARACTERS} characters, please; use a sentence")
    if len(password) > MAX_CHARACTERS:
        raise UsageError(f"password: at most {MAX_CHARACTERS} characters")
    if len(set(password)) < 5 or not password.casefold().replace(name.casefold(), "").strip():
        raise UsageError("password: too easy to guess; use a sentence of several words")


def hash_password(password: str) -> str:
    """Return the hash to store, with a salt of its own."""
    return _HASHER.hash(password)


def is_right(password_hash: str, password: str) -> bool:
    """Return whether a password is the one of a hash; takes as long for an empty hash.

    Raises:
        StoreError: too many passwords are being checked at this moment.
    """
    if not _AT_ONCE.acquire(timeout=_PATIENCE_S):
        raise StoreError("too many sign-ins at this moment; try again in a minute")
    try:
        is_match = _HASHER.verify(password_hash or _NOBODY, password[: MAX_CHARACTERS + 1])
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _AT_ONCE.release()
    return is_match and bool(password_hash)


def needs_rehash(password_hash: str) -> bool:
    """Return whether a hash was made with other parameters than the present ones."""
    return _HASHER.check_needs_rehash(password_hash)

"""Translates PostgreSQL's errors into errors of this program, one line each.

A running server gives a code (SQLSTATE). A server that refuses a connection gives only a text, by
default in English; of an unknown text only the first line is shown. Details are never shown because
they contain values, such as an address that already exists.
"""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from digest.errors import (
    ConnectionLostError,
    CorruptStoreError,
    DatabaseRefused,
    SchemaError,
    StoreError,
)

_BUSY = "locked by another process; try again later"
_FULL = "the server's disk is full; make room and run this again"
_DAMAGED = "damaged ({}); restore a backup"
_READ_ONLY = "read-only (a standby?); connect to the primary server"
_CROWDED = "the server has no connection left; close some or raise its max_connections"
_GONE = "unreachable ({}); check that the server runs, then try again"
_CANCELLED = "the server ended a statement ({}); try again later, or raise its limit of time"
_CUT_OFF = "the server ended the session ({}); try again later, or raise its limit of time"
_NOT_LET_IN = (
    "its pg_hba.conf refuses this role, database or machine ({}); correct it, or database.url"
)
_NOT_TRUSTED = "its TLS is not trusted ({}); correct sslmode or sslrootcert in database.url"
_OTHER_TABLES = (
    "its tables are not this program's ({}); run `digest db upgrade`, or correct database.url"
)
_RIGHTS = "{}; give the role of database.url the right to create and write tables"

#: By code, or by the first characters of a code: the error's class and message.
_CODES: dict[str, tuple[type[StoreError], str]] = {
    "08": (ConnectionLostError, _GONE),
    "25006": (StoreError, _READ_ONLY),
    # The limits of time of an open transaction end the session.
    "25P03": (ConnectionLostError, _CUT_OFF),
    "25P04": (ConnectionLostError, _CUT_OFF),
    "3F": (DatabaseRefused, _RIGHTS),
    "40": (StoreError, _BUSY),
    "42501": (DatabaseRefused, _RIGHTS),
    "42703": (SchemaError, _OTHER_TABLES),
    "42P01": (SchemaError, _OTHER_TABLES),
    "53100": (StoreError, _FULL),
    "53300": (StoreError, _CROWDED),
    "55P03": (StoreError, _BUSY),
    "57014": (StoreError, _CANCELLED),
    "57P": (ConnectionLostError, _GONE),
    "58P01": (CorruptStoreError, _DAMAGED),
    "XX001": (CorruptStoreError, _DAMAGED),
    "XX002": (CorruptStoreError, _DAMAGED),
}

#: Patterns for the text of a refused connection, tried in this order.
_WORDS: tuple[tuple[str, type[StoreError], str], ...] = (
    (r"database .* does not exist", DatabaseRefused, "does not exist; create it: `createdb`"),
    (
        r"password authentication failed|no password supplied|role .* does not exist"
        r"|authentication failed|permission denied for database",
        DatabaseRefused,
        "the role or its password is refused; correct database.url, PGPASSWORD or ~/.pgpass",
    ),
    (r"pg_hba\.conf", DatabaseRefused, _NOT_LET_IN),
    (r"certificate|does not support SSL", DatabaseRefused, _NOT_TRUSTED),
    (
        r"too many (clients|connections)|connection slots|no more connections",
        StoreError,
        _CROWDED,
    ),
)


def translate(error: Exception, name: str) -> StoreError:
    """Return the `StoreError` for an error of psycopg or the pool.

    Args:
        error: the error, wrapped by SQLAlchemy or not.
        name: the database's name in messages, without a password.
    """
    if isinstance(error, PoolTimeout):
        return StoreError(f"database {name}: {_BUSY}")
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    kind, words = _find(str(getattr(cause, "sqlstate", None) or ""), cause)
    return kind(f"database {name}: {words.format(_first_line(cause))}")


def _find(code: str, cause: BaseException) -> tuple[type[StoreError], str]:
    for length in (5, 3, 2):
        if code and code[:length] in _CODES:
            return _CODES[code[:length]]
    if code:
        return StoreError, "{}"
    for pattern, kind, words in _WORDS:
        if re.search(pattern, str(cause)):
            return kind, words
    # By its name because psycopg is an extra; a connection that times out has a class below it.
    if any(kind.__name__ == "OperationalError" for kind in type(cause).__mro__):
        return ConnectionLostError, _GONE
    return StoreError, "{}"


def _first_line(cause: BaseException) -> str:
    """Return the first line of the message, without details."""
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)
    return str(primary or cause).partition("\n")[0].strip().rstrip(".")

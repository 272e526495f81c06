"""The tables of accounts, how they sign in, and the changes that they request."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime

#: The accounts of the desk.
admins = Table(
    "admins",
    metadata,
    Column("id", Integer, primary_key=True),
    #: In lower case.
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    #: Argon2id, with its parameters; empty if the account signs in through a proxy only.
    Column("password_hash", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("signed_in_at", UtcDateTime),
)

#: Who is signed in. A row is deleted when its session ends.
admin_sessions = Table(
    "admin_sessions",
    metadata,
    #: SHA-256 of the token in the cookie.
    Column("token_hash", String(64), primary_key=True),
    Column("admin_id", ForeignKey("admins.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    #: The last use, to a few minutes.
    Column("seen_at", UtcDateTime, nullable=False),
    Index("admin_sessions_admin", "admin_id"),
)

#: The tokens of the API. A row is deleted when its token is revoked.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    #: SHA-256 of the token.
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    #: The account that made it; null if it was made on this machine without an account.
    Column("admin_id", ForeignKey("admins.id", ondelete="CASCADE")),
    #: `Actor.name` of who made it.
    Column("maker", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    #: Null: it has no end.
    Column("ends_at", UtcDateTime),
    #: The last use, to a few minutes.
    Column("used_at", UtcDateTime),
    Index("api_tokens_admin", "admin_id"),
)

#: Failed sign-ins that still count.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    #: Keyed hash of a name or of a network.
    Column("hash", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    #: The last one.
    Column("at", UtcDateTime, nullable=False),
    Index("sign_in_failures_at", "at"),
)

#: Requested changes. Rows are only added.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    #: The name of an operating system's user, `schedule` or `subscriber`.
    Column("actor", String(64), nullable=False),
    #: The use case, such as `approve`.
    Column("action", String(32), nullable=False),
    #: Empty if the change concerns the whole installation.
    Column("newsletter", String(64), nullable=False, server_default=""),
    Column("edition_id", ForeignKey("editions.id")),
    #: What changed, in a few words; never an address.
    Column("detail", Text, nullable=False, server_default=""),
    #: The name of the API token that the actor used; empty: none.
    Column("token", String(64), nullable=False, server_default=""),
    Index("audit_edition", "edition_id"),
)

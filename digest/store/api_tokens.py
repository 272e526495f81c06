"""The tokens of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select, update

from digest.models.admins import ApiToken, Role
from digest.store.admins import account_of
from digest.store.tables import admins, api_tokens


def find_by_hash(connection: Connection, token_hash: str) -> ApiToken | None:
    """Return the token of a hash, also one that has ended; None if there is none."""
    return _find(connection, api_tokens.c.token_hash == token_hash)


def find_named(connection: Connection, name: str) -> ApiToken | None:
    """Return the token of that name; None if there is none."""
    return _find(connection, api_tokens.c.name == name)


def find_id(connection: Connection, token_id: int) -> ApiToken | None:
    """Return a token; None if there is none."""
    return _find(connection, api_tokens.c.id == token_id)


def list_tokens(connection: Connection, account_id: int | None = None) -> tuple[ApiToken, ...]:
    """Return the tokens that an account made, or all of them, by name."""
    query = _query().order_by(api_tokens.c.name)
    if account_id is not None:
        query = query.where(api_tokens.c.admin_id == account_id)
    return tuple(map(_token_of, connection.execute(query)))


def add_token(
    connection: Connection,
    name: str,
    role: Role,
    token_hash: str,
    *,
    account_id: int | None,
    maker: str,
    ends_at: datetime | None,
    now: datetime,
) -> None:
    """Store a new token."""
    connection.execute(
        insert(api_tokens).values(
            name=name,
            role=role,
            token_hash=token_hash,
            admin_id=account_id,
            maker=maker,
            created_at=now,
            ends_at=ends_at,
        )
    )


def note_use(connection: Connection, token_id: int, *, now: datetime) -> None:
    """Store that a token is in use."""
    connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(used_at=now))


def remove_token(connection: Connection, token_id: int) -> None:
    """Delete a token."""
    connection.execute(delete(api_tokens).where(api_tokens.c.id == token_id))


def remove_tokens_of(connection: Connection, account_id: int) -> int:
    """Delete every token that an account made and return their number."""
    return connection.execute(
        delete(api_tokens).where(api_tokens.c.admin_id == account_id)
    ).rowcount


def _find(connection: Connection, wanted: ColumnElement[bool]) -> ApiToken | None:
    row = connection.execute(_query().where(wanted)).first()
    return _token_of(row) if row else None


def _query() -> Select[Any]:
    # The two tables share names of columns; those of the account stay as they are.
    own = [each.label(f"token_{each.name}") for each in api_tokens.c]
    return select(admins, *own).select_from(
        api_tokens.outerjoin(admins, admins.c.id == api_tokens.c.admin_id)
    )


def _token_of(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.token_id,
        name=row.token_name,
        role=Role(row.token_role),
        maker=row.token_maker,
        account=account_of(row) if row.id is not None else None,
        created_at=row.token_created_at,
        ends_at=row.token_ends_at,
        used_at=row.token_used_at,
    )

"""The accounts of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from digest.models.admins import Account, Role
from digest.store.tables import admins


def has_accounts(connection: Connection) -> bool:
    """Return whether there is any account."""
    return connection.execute(select(admins.c.id).limit(1)).first() is not None


def list_accounts(connection: Connection) -> tuple[Account, ...]:
    """Return all accounts, by name."""
    return tuple(map(account_of, connection.execute(select(admins).order_by(admins.c.name))))


def find_account(connection: Connection, name: str) -> Account | None:
    """Return the account of that name; None if there is none."""
    row = connection.execute(select(admins).where(admins.c.name == name)).first()
    return account_of(row) if row else None


def password_hash_of(connection: Connection, name: str) -> str:
    """Return the hash of an account's password; empty if it has none, or does not exist."""
    query = select(admins.c.password_hash).where(admins.c.name == name)
    return str(connection.execute(query).scalar() or "")


def add_account(
    connection: Connection, name: str, role: Role, password_hash: str, *, now: datetime
) -> None:
    """Store a new account."""
    connection.execute(
        insert(admins).values(name=name, role=role, password_hash=password_hash, created_at=now)
    )


def set_role(connection: Connection, account_id: int, role: Role) -> None:
    """Change the role of an account."""
    _change(connection, account_id, role=role)


def set_password_hash(connection: Connection, account_id: int, password_hash: str) -> None:
    """Change the password of an account; empty for none."""
    _change(connection, account_id, password_hash=password_hash)


def note_sign_in(connection: Connection, account_id: int, *, now: datetime) -> None:
    """Store when an account was last signed in to."""
    _change(connection, account_id, signed_in_at=now)


def remove_account(connection: Connection, account_id: int) -> None:
    """Delete an account; its sessions and tokens must be deleted before."""
    connection.execute(delete(admins).where(admins.c.id == account_id))


def account_of(row: Row[Any]) -> Account:
    """Return the account of a row with all columns of the table."""
    return Account(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        has_password=bool(row.password_hash),
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
    )


def _change(connection: Connection, account_id: int, **values: object) -> None:
    connection.execute(update(admins).where(admins.c.id == account_id).values(values))

"""Where the engines' SQL differs, picked in one place."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, func
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give an INSERT that can say what follows a conflict."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def domain_of(connection: Connection, address: ColumnElement[str]) -> ColumnElement[str]:
    """Give the right side of a mail address."""
    if connection.dialect.name == "postgresql":
        return func.split_part(address, "@", 2)
    return func.substr(address, func.instr(address, "@") + 1)

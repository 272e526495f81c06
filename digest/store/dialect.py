"""Where the engines' SQL differs, picked in one place."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, Connection, Table, func, literal_column
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give an INSERT that can say what follows a conflict."""
    return insert_into(connection.dialect.name, table)


@cache  # with what an upsert asks of its columns
def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give it by the dialect's name, for statements that are built once."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def domain_of(connection: Connection, address: ColumnElement[str]) -> ColumnElement[str]:
    """Give the right side of a mail address."""
    if connection.dialect.name == "postgresql":
        # Literals: as parameters they would be others in SELECT than in GROUP BY.
        return func.split_part(address, literal_column("'@'"), literal_column("2"))
    return func.substr(address, func.instr(address, "@") + 1)

"""Builds the SQL that differs between the engines."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, Connection, Table, func, literal_column
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that supports ON CONFLICT."""
    return insert_into(connection.dialect.name, table)


@cache  # includes the columns that an upsert computes
def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT by the dialect's name, for statements that are built once."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def domain_of(connection: Connection, address: ColumnElement[str]) -> ColumnElement[str]:
    """Return the expression for the domain of a mail address."""
    if connection.dialect.name == "postgresql":
        # Literals because parameters would differ between SELECT and GROUP BY.
        return func.split_part(address, literal_column("'@'"), literal_column("2"))
    return func.substr(address, func.instr(address, "@") + 1)

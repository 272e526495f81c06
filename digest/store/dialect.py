"""Builds the SQL that differs between the engines."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Subquery,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.types import TypeEngine

from digest.loading import on_demand

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

#: Imports what is written for one engine; the other's takes 20 ms and 2 MB.
_dialect = on_demand("sqlalchemy.dialects")


def insert_for(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that supports ON CONFLICT."""
    return insert_into(connection.dialect.name, table)


@cache  # includes the columns that an upsert computes
def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the INSERT by the dialect's name, for statements that are built once."""
    made: sqlite.Insert | postgresql.Insert = _dialect(dialect).insert(table)
    return made


def domain_of(connection: Connection, address: ColumnElement[str]) -> ColumnElement[str]:
    """Return the expression for the domain of a mail address."""
    if connection.dialect.name == "postgresql":
        # Literals because parameters would differ between SELECT and GROUP BY.
        return func.split_part(address, literal_column("'@'"), literal_column("2"))
    return func.substr(address, func.instr(address, "@") + 1)


def rows_of(dialect: str, parameter: str, **columns: TypeEngine[Any]) -> Subquery:
    """Return a statement's parameter as a table: JSON text of arrays, one for each row.

    A statement with it is the same for any number of rows, unlike one with a list of parameters;
    so it is built and compiled once.

    Args:
        dialect: the dialect's name.
        parameter: the parameter's name.
        columns: the columns, in the order of each array's values.
    """
    given = bindparam(parameter, type_=Text())
    values: list[ColumnElement[Any]]
    if dialect == "postgresql":
        row = func.json_array_elements(cast(given, JSON)).table_valued("value").c.value
        values = [row.op("->>")(literal_column(str(place))) for place in range(len(columns))]
    else:
        row = func.json_each(given).table_valued("value").c.value
        values = [
            func.json_extract(row, literal_column(f"'$[{place}]'")) for place in range(len(columns))
        ]
    named = zip(columns.items(), values, strict=True)
    return select(*(cast(value, kind).label(name) for (name, kind), value in named)).subquery()

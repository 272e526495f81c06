"""Builds the SQL that differs between the engines."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Insert,
    Subquery,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from subscribers.columns import UtcDateTime


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


class FixedStatement:
    """A statement that runs for every group of mails: compiled once, and sent as it is.

    The compiled text skips all that SQLAlchemy does for each execution, which takes longer than
    the statement itself.
    """

    def __init__(self, statement: Update | Insert, dialect: Dialect) -> None:
        """Compile a statement; it has no lists of parameters."""
        engine: Any = type(dialect)
        style = "named" if dialect.name == "sqlite" else "pyformat"
        compiled = statement.compile(dialect=engine(paramstyle=style))
        self._sql = str(compiled)
        literals = compiled.construct_params(_check=False)
        self._literals = {
            name: value.value if isinstance(value, Enum) else value
            for name, value in literals.items()
        }

    def run(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Execute it with its parameters."""
        return connection.exec_driver_sql(self._sql, self._literals | values)


def stored_time(dialect: Dialect, time: datetime) -> Any:
    """Return a time as the value of a fixed statement's parameter."""
    stored = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    return stored(time) if stored else time

"""Builds the SQL that differs between the engines."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Integer,
    Select,
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
from sqlalchemy.types import TypeEngine

from digest.loading import on_demand
from subscribers.columns import UtcDateTime

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


def numbers_of(dialect: str, parameter: str) -> Select[Any]:
    """Return a statement's parameter as a list for IN: JSON text of an array of integers."""
    given = bindparam(parameter, type_=Text())
    if dialect == "postgresql":
        row = func.json_array_elements_text(cast(given, JSON)).table_valued("value").c.value
        return select(cast(row, Integer))
    return select(func.json_each(given).table_valued("value").c.value)


class FixedStatement:
    """A statement that runs for every group of mails: compiled once, and given to the driver.

    What SQLAlchemy does for each execution takes longer than the statement itself. Constants are
    part of the text: SQLite compiles a statement again for each new value of a parameter that it
    compares with the condition of a partial index.
    """

    def __init__(
        self, statement: Update | Insert | Select[Any], dialect: Dialect, *parameters: str
    ) -> None:
        """Compile a statement with these parameters; all other values in it are constants."""
        engine: Any = type(dialect)
        is_sqlite = dialect.name == "sqlite"
        compiled = statement.compile(
            dialect=engine(paramstyle="named" if is_sqlite else "pyformat")
        )
        parameter = r":(\w+)" if is_sqlite else r"%\((\w+)\)s"
        values = compiled.construct_params(_check=False)
        constants = {
            name: _literal(value) for name, value in values.items() if name not in parameters
        }
        self._sql = re.sub(
            parameter, lambda found: constants.get(found[1], found[0]), str(compiled)
        )

    def run(self, connection: Connection, **values: Any) -> Any:
        """Execute it with its parameters; return the driver's cursor."""
        driver: Any = connection.connection.driver_connection
        return driver.execute(self._sql, values)


def _literal(value: Any) -> str:
    """Return a constant of this program as SQL; it has no quotes."""
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(int(value))


@lru_cache(maxsize=4)  # the statements of one transaction have the same time
def stored_time(dialect: Dialect, time: datetime) -> Any:
    """Return a time as the value of a fixed statement's parameter."""
    return _time_processor(dialect)(time)


def time_reader(dialect: Dialect) -> Callable[[Any], datetime | None]:
    """Return the function that reads a time from a row of a fixed statement."""
    return _time_of_text if dialect.name == "sqlite" else _time_in_utc


def _time_of_text(text: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{text}+00:00") if text else None


def _time_in_utc(time: datetime | None) -> datetime | None:
    return time.astimezone(UTC) if time else None


@cache
def _time_processor(dialect: Dialect) -> Callable[[datetime], Any]:
    return UtcDateTime().dialect_impl(dialect).bind_processor(dialect) or (lambda time: time)

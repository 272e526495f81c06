"""Builds the SQL that differs between the engines."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    column,
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


def day_of(connection: Connection, time: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the expression for the day of a stored time in UTC, such as `2026-11-23`."""
    if connection.dialect.name == "postgresql":
        # Literals because parameters would differ between SELECT and GROUP BY.
        in_utc = func.timezone(literal_column("'UTC'"), time)
        return func.to_char(in_utc, literal_column("'YYYY-MM-DD'"))
    return func.substr(time, literal_column("1"), literal_column("10"))


class Arrays:
    """Rows as parameters of a statement for PostgreSQL: an array for each column.

    The statement is the same for any number of rows, and from the number of an array's values the
    server plans to look up each row by its id. From JSON it expects a hundred rows, and reads a
    whole table instead.
    """

    def __init__(self, **columns: TypeEngine[Any]) -> None:
        """Describe the columns, in the order of each row's values."""
        self._columns = columns
        #: The names of the parameters.
        self.names = tuple(f"rows_{each}" for each in columns)

    def table(self) -> FromClause:
        """Return the rows as a table."""
        arrays = (
            bindparam(name, type_=ARRAY(kind))
            for name, kind in zip(self.names, self._columns.values(), strict=True)
        )
        kinds = (column(name, kind) for name, kind in self._columns.items())
        return func.unnest(*arrays).table_valued(*kinds).render_derived()

    def encode(self, rows: Collection[tuple[Any, ...]]) -> dict[str, str]:
        """Return the values of the parameters for at least one row."""
        return dict(zip(self.names, map(_array, zip(*rows, strict=True)), strict=True))


def _array(values: Iterable[Any]) -> str:
    """Return PostgreSQL's text of an array."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return "NULL" if value is None else str(value)


def is_one_of(dialect: str, column: ColumnElement[int], parameter: str) -> ColumnElement[bool]:
    """Return the condition that a column is among the numbers of a parameter."""
    if dialect == "postgresql":
        return column == func.any(bindparam(parameter, type_=ARRAY(Integer)))
    numbers = func.json_each(bindparam(parameter, type_=Text())).table_valued("value").c.value
    return column.in_(select(numbers))


def encode_numbers(dialect: Dialect, numbers: Iterable[int]) -> str:
    """Return the value of a parameter of `is_one_of`."""
    text = ",".join(map(str, numbers))
    return f"[{text}]" if dialect.name == "sqlite" else f"{{{text}}}"


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
        self.sql = re.sub(parameter, lambda found: constants.get(found[1], found[0]), str(compiled))

    def run(self, connection: Connection, **values: Any) -> Any:
        """Execute it with its parameters; return the driver's cursor."""
        driver: Any = connection.connection.driver_connection
        return driver.execute(self.sql, values)

    def run_each(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> Any:
        """Execute it for each row of parameters; return the driver's cursor."""
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor()
        cursor.executemany(self.sql, rows)
        return cursor


def _literal(value: Any) -> str:
    """Return a constant of this program as SQL; it has no quotes."""
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(int(value))


@lru_cache(maxsize=4)  # the statements of one transaction have the same time
def stored_time(dialect: Dialect, time: datetime) -> Any:
    """Return a time as the value of a fixed statement's parameter."""
    return _time_processor(dialect)(time)


@cache
def time_reader(dialect: Dialect) -> Callable[[Any], datetime | None]:
    """Return the function that reads a time from a row of a fixed statement."""
    read = UtcDateTime().dialect_impl(dialect).result_processor(dialect, None)
    assert read is not None  # noqa: S101 - each engine has one
    return read


@cache
def _time_processor(dialect: Dialect) -> Callable[[datetime], Any]:
    return UtcDateTime().dialect_impl(dialect).bind_processor(dialect) or (lambda time: time)

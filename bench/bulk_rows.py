"""Rows made by the database itself, a million at a time, in SQL that both engines know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, String, Table, cast, insert, literal, select

from subscribers.columns import UtcDateTime


def numbers_to(count: int) -> Any:
    """Return the numbers from 1 as a table, with the column `i`."""
    first = select(literal(1).label("i")).cte("numbers", recursive=True)
    return first.union_all(select(first.c.i + 1).where(first.c.i < count))


def add_rows(connection: Connection, table: Table, values: dict[str, Any], source: Any) -> None:
    """Insert a row for each row of `source`, or one if it is None; `values` is by column."""
    query: Select[Any] = select(*values.values())
    if source is not None:
        query = query.select_from(source)
    connection.execute(insert(table).from_select(list(values), query))


def text_of(*parts: Any) -> Any:
    """Return texts and numbers joined in SQL."""
    joined: Any = literal("")
    for part in parts:
        joined = joined.concat(part if isinstance(part, str) else cast(part, String))
    return joined


def time_of(when: datetime) -> Any:
    """Return a time as stored."""
    return literal(when, UtcDateTime())

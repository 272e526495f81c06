"""Inserts many rows with one statement, without the work that SQLAlchemy does for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns; the columns' types convert the values."""
    if not rows:
        return
    names, dialect = list(rows[0]), connection.dialect
    statement = insert(table).inline().compile(dialect=dialect, column_keys=names)
    columns = {name: [row[name] for row in rows] for name in names}
    for name, cells in columns.items():
        if convert := table.c[name].type.dialect_impl(dialect).bind_processor(dialect):
            # Most rows of one import have the same times.
            converted = {cell: convert(cell) for cell in {*cells} if cell is not None}
            columns[name] = [converted.get(cell) for cell in cells]
    parameters: list[Any]  # SQLite takes places, PostgreSQL names.
    if statement.positiontup:
        parameters = list(zip(*(columns[name] for name in statement.positiontup), strict=True))
    else:
        parameters = [
            dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
    connection.exec_driver_sql(str(statement), parameters)

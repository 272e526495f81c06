"""Copies every row of one database into another, with either engine on each side.

Rows pass through SQLAlchemy's types, some thousand at a time, so that memory stays flat. A copy
that was interrupted is marked in its database and begins again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection, Integer, Table, delete, func, insert, select, text

from digest.errors import Refused, StoreError
from digest.store import tables
from digest.store.dialect import insert_for
from digest.store.engine import Database
from digest.store.epoch import Origin, renew_epoch
from digest.store.tables import meta, workers
from digest.text.counted import counted
from subscribers.tables import metadata as people_metadata

#: Rows that are read and inserted together.
CHUNK = 2_000
#: In `meta`: this database is an unfinished copy; this one was copied to another.
COPYING, MOVED = "copying", "moved"
#: Not copied: each database has its own, and no process works during a copy.
_OWN = (meta, workers)
_HASH_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedTable:
    """The rows of one table after the copy, equal on both sides."""

    name: str
    rows: int
    #: Of all rows, whatever their order.
    checksum: str


def copied_tables() -> tuple[Table, ...]:
    """Return the tables, those that others refer to first."""
    every = (*people_metadata.sorted_tables, *tables.metadata.sorted_tables)
    return tuple(table for table in every if table not in _OWN)


def begin_copy(target: Database, source: str) -> None:
    """Prepare the target: mark it, and remove what an interrupted copy left.

    Raises:
        Refused: it has rows, and they are not of an interrupted copy.
    """
    with target.write() as connection:
        if read_mark(connection, COPYING) is None:
            _refuse_rows(connection, target.name)
        _set_mark(connection, COPYING, source)
    with target.write() as connection:
        for table in reversed(copied_tables()):
            connection.execute(delete(table))


def _refuse_rows(connection: Connection, name: str) -> None:
    for table in copied_tables():
        if connection.execute(select(table).limit(1)).first() is not None:
            raise Refused(f"database {name}: not empty (table {table.name}); create an empty one")


def copy_table(source: Connection, target: Database, table: Table) -> CopiedTable:
    """Copy a table, read the copy, and compare the two.

    Raises:
        StoreError: a row cannot be stored, or the copy differs.
    """
    rows, checksum = 0, 0
    for chunk in _chunks(source, table):
        with target.write() as connection:
            connection.execute(insert(table), [dict(row) for row in chunk])
        rows, checksum = rows + len(chunk), checksum ^ _checksum(chunk)
    with target.read() as connection:
        found, copied = 0, 0
        for chunk in _chunks(connection, table):
            found, copied = found + len(chunk), copied ^ _checksum(chunk)
    if (rows, checksum) != (found, copied):
        raise StoreError(
            f"table {table.name}: the copy differs ({found} of {counted(rows, 'row')});"
            " run this again"
        )
    return CopiedTable(name=table.name, rows=rows, checksum=f"{checksum:0{2 * _HASH_BYTES}x}")


def _chunks(connection: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    query = select(table).execution_options(yield_per=CHUNK)
    for rows in connection.execute(query).mappings().partitions():
        yield [dict(row) for row in rows]


def _checksum(chunk: list[dict[str, object]]) -> int:
    """Return the sum of rows without their order, because each engine sorts texts its own way."""
    total = 0
    for row in chunk:
        words = repr(list(row.values())).encode("utf-8", "surrogatepass")
        total ^= int.from_bytes(blake2b(words, digest_size=_HASH_BYTES).digest())
    return total


def end_copy(target: Database) -> None:
    """Number new rows after the copied ones, and give the copy an epoch of its own.

    The mark stays until `accept_copy`, so that nothing can be sent meanwhile.
    """
    with target.write() as connection:
        if connection.dialect.name == "postgresql":
            for table in copied_tables():
                if "id" in table.primary_key and isinstance(table.c.id.type, Integer):
                    _reset_sequence(connection, table)
        renew_epoch(connection, Origin.COPIED)


def _reset_sequence(connection: Connection, table: Table) -> None:
    last = connection.scalar(select(func.max(table.c.id))) or 0
    connection.execute(
        text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :next, false)"),
        {"name": table.name, "next": last + 1},
    )


def accept_copy(connection: Connection) -> None:
    """Let the copy be used."""
    clear_mark(connection, COPYING)


def mark_moved(connection: Connection, target: str) -> None:
    """Mark a database as copied to another: it must not send any more."""
    _set_mark(connection, MOVED, target)


# --- marks ----------------------------------------------------------------------------------------


def why_not_to_send(connection: Connection) -> str:
    """Return why a database must not send after a copy, or during one; empty if it may."""
    if source := read_mark(connection, COPYING):
        return f"an unfinished copy of {source}; run `digest db copy` there again"
    if target := read_mark(connection, MOVED):
        return f"it was copied to {target}, which sends now; change database.url to it"
    return ""


def read_mark(connection: Connection, name: str) -> str | None:
    """Return a mark's value; None without it."""
    found: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return found


def clear_mark(connection: Connection, name: str) -> None:
    """Remove a mark."""
    connection.execute(delete(meta).where(meta.c.name == name))


def _set_mark(connection: Connection, name: str, value: str) -> None:
    new = insert_for(connection, meta).values(name=name, value=value)
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value})
    )

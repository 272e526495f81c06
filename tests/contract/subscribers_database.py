"""A database with the tables of `subscribers` only, as the package is used without `digest`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from subscribers.tables import metadata


class PeopleDatabase:
    """A SQLite file with foreign keys on, or a PostgreSQL database."""

    def __init__(self, place: Path | str) -> None:
        self.engine: Engine = create_engine(
            f"sqlite:///{place}" if isinstance(place, Path) else place
        )
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _turn_on_foreign_keys)
        metadata.create_all(self.engine)

    def write(self) -> AbstractContextManager[Connection]:
        return self.engine.begin()

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        with self.engine.connect() as connection:
            return {
                name: [
                    tuple(row)
                    for row in connection.execute(table.select().order_by(*table.primary_key))
                ]
                for name, table in metadata.tables.items()
            }


@contextmanager
def open_people(place: Path | str) -> Iterator[PeopleDatabase]:
    """Open a file, or the database of an address."""
    database = PeopleDatabase(place)
    yield database
    database.engine.dispose()


def _turn_on_foreign_keys(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys = ON")

"""Remembers the addresses of the rows of one file on the disk, so that memory stays flat."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self


class SeenAddresses:
    """The keys of addresses seen so far; each may have a value. Use as a context."""

    def __init__(self) -> None:
        # The empty name makes SQLite keep the table in a temporary file, which nobody else can open
        # and which is deleted when it is closed.
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")
        self._file.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def find(self, keys: Sequence[str]) -> dict[str, Any]:
        """Return the values of those keys that were added; None for a key without a value."""
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value FROM seen WHERE key IN ({marks})"  # noqa: S608 - only marks
        # The values were written by this object.
        return {
            key: None if value is None else pickle.loads(value)  # noqa: S301
            for key, value in self._file.execute(query, keys)
        }

    def add(self, keys: Iterable[str]) -> None:
        """Add keys without a value; one that was added before stays as it is."""
        rows = ((key,) for key in keys)
        self._file.executemany("INSERT OR IGNORE INTO seen (key) VALUES (?)", rows)

    def keep(self, values: Mapping[str, object]) -> None:
        """Add keys with a value each, in place of an earlier one."""
        rows = ((key, pickle.dumps(value)) for key, value in values.items())
        self._file.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", rows)

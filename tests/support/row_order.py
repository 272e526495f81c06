"""Reads SQLite's rows backwards where a statement asks for no order, so that no test relies on one.

PostgreSQL returns such rows in any order; there, a row that was changed often comes last.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine, event


def reverse_unordered_rows() -> None:
    """Let all engines of this process read backwards from now on."""

    def set_up(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA reverse_unordered_selects = ON").close()

    event.listen(Engine, "connect", set_up)

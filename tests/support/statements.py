"""Compiles each SQL statement once for all databases of a process, as one with one database does.

SQLAlchemy keeps compiled statements for each engine, and a test opens an engine for each of its
commands: a quarter of its time went into compiling the same statements again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event

_MOST = 2000


class SharedStatements(dict[Any, Any]):
    """Compiled statements by kind of dialect, instead of by the dialect of one engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the compiled statement of a key of SQLAlchemy, which begins with the dialect."""
        return super().get(_shared(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= _MOST:
            self.clear()
        super().__setitem__(_shared(key), compiled)


def _shared(key: Any) -> Any:
    dialect, *rest = key
    return type(dialect), *rest


def share_statements() -> None:
    """Let all engines of this process share their compiled statements from now on."""
    shared = SharedStatements()

    def use(connection: Connection) -> None:
        connection.execution_options(compiled_cache=shared)

    event.listen(Engine, "engine_connect", use)

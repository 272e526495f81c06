"""Creates and upgrades the tables of the queue that wakes workers, on PostgreSQL.

They belong to Procrastinate, which ships their SQL; Alembic does not see them. Without it there is
no queue, and nothing here to do.
"""

from __future__ import annotations

from importlib import resources
from importlib.util import find_spec
from typing import Any

from sqlalchemy import Connection, select

from digest.store.dialect import insert_for
from digest.store.tables import meta

#: Names of tables, indexes and functions that are Procrastinate's begin so.
PREFIX = "procrastinate_"
_NAME = "queue schema"


def upgrade_queue(connection: Connection) -> None:
    """Create the queue's tables, or apply the steps that are new since."""
    if connection.dialect.name != "postgresql" or find_spec("procrastinate") is None:
        return
    sql = resources.files("procrastinate.sql")
    steps = {each.name: each for each in (sql / "migrations").iterdir() if _is_step(each.name)}
    known = connection.scalar(select(meta.c.value).where(meta.c.name == _NAME))
    if not connection.dialect.has_table(connection, f"{PREFIX}jobs"):
        _run(connection, (sql / "schema.sql").read_text("utf-8"))
    elif known:
        for name in sorted(each for each in steps if each > known):
            _run(connection, steps[name].read_text("utf-8"))
    new = insert_for(connection, meta).values(name=_NAME, value=max(steps))
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value})
    )


def is_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Return whether Alembic sees what has this name; it does not see the queue's tables."""
    return kind != "table" or not (name or "").startswith(PREFIX)


def _is_step(name: str) -> bool:
    return name.endswith(".sql")


def _run(connection: Connection, script: str) -> None:
    # Given to the driver without parameters, so that it may have several statements.
    driver: Any = connection.connection.driver_connection
    driver.execute(script)

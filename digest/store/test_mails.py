"""Counts test mails by their audit rows, to limit them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, text

from digest.store.tables import audit

#: The action of their rows. The condition is that of their index, as text, because SQLite compares
#: it as written.
TEST = "test"
_IS_TEST = text("audit.action = 'test'")


def count_tests(connection: Connection, *, since: datetime) -> dict[str, int]:
    """Return how many test mails each actor sent since a time."""
    rows = connection.execute(
        select(audit.c.actor, func.count().label("mails"))
        .where(_IS_TEST, audit.c.at > since)
        .group_by(audit.c.actor)
    )
    return {row.actor: row.mails for row in rows}

"""The numbers (`seq`) that windows are cut by; each is used once, in order."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, select
from sqlalchemy.sql.dml import ReturningInsert

from digest.store.dialect import insert_into
from digest.store.tables import counters

_SEQ = "posts"


def last_seq(connection: Connection) -> int:
    """Return the newest number; 0 before the first."""
    found = connection.scalar(select(counters.c.value).where(counters.c.name == _SEQ))
    return int(found or 0)


def take_seqs(connection: Connection, number: int) -> int:
    """Take `number` numbers; return the one before the first of them."""
    taken = _taking(connection.dialect.name)
    return int(connection.execute(taken, {"number": number}).scalar_one()) - number


@cache  # built once because a collection takes numbers for every feed
def _taking(dialect: str) -> ReturningInsert[Any]:
    number = bindparam("number", type_=Integer)
    start = insert_into(dialect, counters).values(name=_SEQ, value=number)
    return start.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": counters.c.value + number}
    ).returning(counters.c.value)

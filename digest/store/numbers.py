"""The numbers that windows are cut by: given once each, in order."""

from __future__ import annotations

from sqlalchemy import Connection, select

from digest.store.dialect import insert_for
from digest.store.tables import counters

_SEQ = "posts"


def last_seq(connection: Connection) -> int:
    """Give the newest number; 0 before the first."""
    found = connection.scalar(select(counters.c.value).where(counters.c.name == _SEQ))
    return int(found or 0)


def take_seqs(connection: Connection, number: int) -> int:
    """Take `number` numbers; give the one before the first of them."""
    start = insert_for(connection, counters).values(name=_SEQ, value=number)
    taken = start.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": counters.c.value + number}
    ).returning(counters.c.value)
    return int(connection.execute(taken).scalar_one()) - number

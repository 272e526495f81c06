"""Counts the mails that were handed over to relays; a mark that was taken back stays counted."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Integer, bindparam, func, select

from digest.models import LastSlot
from digest.store.dialect import FixedStatement, insert_into, stored_time
from digest.store.tables import editions, handed, slots
from subscribers.columns import UtcDateTime


def add_handed(
    connection: Connection, worker: str, edition_id: int, mails: int, *, now: datetime
) -> None:
    """Add to a worker's number of mails, in the transaction of their `handing` marks."""
    at = stored_time(connection.dialect, now)
    adding = _adding(connection.dialect)
    adding.run(connection, by=worker, edition=edition_id, number=mails, now=at)


@cache
def _adding(dialect: Dialect) -> FixedStatement:
    number = bindparam("number", type_=Integer)
    now = bindparam("now", type_=UtcDateTime())
    start = insert_into(dialect.name, handed).values(
        worker=bindparam("by"), edition_id=bindparam("edition"), mails=number, last_at=now
    )
    added: dict[str, Any] = {"mails": handed.c.mails + number, "last_at": now}
    upsert = start.on_conflict_do_update(index_elements=[handed.c.worker], set_=added)
    return FixedStatement(upsert, dialect, "by", "edition", "number", "now")


def total_handed(connection: Connection) -> int:
    """Return the number of mails handed over, of all newsletters together."""
    return int(connection.scalar(select(func.sum(handed.c.mails))) or 0)


def last_slots(connection: Connection) -> tuple[LastSlot, ...]:
    """Return the last slot of each cadence of which content was handed over; extras have none."""
    rows = connection.execute(
        select(
            editions.c.newsletter,
            editions.c.cadence,
            slots.c.local_at,
            slots.c.due_at,
            func.max(handed.c.last_at, type_=UtcDateTime()).label("handed_at"),
        )
        .join_from(handed, editions, editions.c.id == handed.c.edition_id)
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(editions.c.is_extra.is_(False))
        .group_by(
            editions.c.newsletter, editions.c.cadence, slots.c.id, slots.c.local_at, slots.c.due_at
        )
        .order_by(slots.c.due_at, slots.c.id)
    ).mappings()
    found = (LastSlot(**row) for row in rows)
    return tuple({(each.newsletter, each.cadence): each for each in found}.values())

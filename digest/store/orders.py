"""Orders to send an edition, which `digest run` carries out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from digest.store.dialect import insert_for
from digest.store.tables import send_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOrder:
    """An admin's order to send an edition."""

    edition_id: int
    at: datetime
    #: The name of the admin.
    actor: str
    #: Before its hour, and every mail at the same time.
    is_at_once: bool
    #: An audience that differs much from the last one was accepted.
    any_audience: bool
    #: None while it waits.
    ended_at: datetime | None = None
    #: Why it could not be carried out; empty if it was, or waits.
    problem: str = ""


def add_order(connection: Connection, order: SendOrder) -> bool:
    """Store an order in place of one that has ended; return False if one waits."""
    values = {
        "at": order.at,
        "actor": order.actor,
        "is_at_once": order.is_at_once,
        "any_audience": order.any_audience,
        "ended_at": None,
        "problem": "",
    }
    new = insert_for(connection, send_orders).values(edition_id=order.edition_id, **values)
    stored = new.on_conflict_do_update(
        index_elements=[send_orders.c.edition_id],
        set_=values,
        where=send_orders.c.ended_at.is_not(None),
    ).returning(send_orders.c.edition_id)
    return connection.execute(stored).first() is not None


def find_order(connection: Connection, edition_id: int) -> SendOrder | None:
    """Return the last order of an edition; None if there was none."""
    query = select(send_orders).where(send_orders.c.edition_id == edition_id)
    row = connection.execute(query).mappings().one_or_none()
    return _order(row) if row else None


def waiting_orders(connection: Connection) -> tuple[SendOrder, ...]:
    """Return the orders that wait, oldest first; there is at most one for each edition."""
    query = select(send_orders).where(send_orders.c.ended_at.is_(None))
    rows = connection.execute(query.order_by(send_orders.c.at, send_orders.c.edition_id))
    return tuple(map(_order, rows.mappings()))


def end_order(connection: Connection, edition_id: int, *, problem: str = "", now: datetime) -> bool:
    """Store that an order was carried out, or why it could not be; False if none waits."""
    ended = connection.execute(
        update(send_orders)
        .where(send_orders.c.edition_id == edition_id, send_orders.c.ended_at.is_(None))
        .values(ended_at=now, problem=problem)
    )
    return ended.rowcount == 1


def _order(row: RowMapping) -> SendOrder:
    return SendOrder(**{name: row[name] for name in SendOrder.__slots__})

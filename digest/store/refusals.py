"""Deliveries that failed and were not judged yet: does the refusal count against the subscriber?

Each is judged once, by the process that marks it as judged. An index has only those that were not
judged, so that it costs nothing to ask.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, exists, literal_column, select, update

from digest.models import DeliveryState, Reply, SessionRefusal
from digest.store.tables import deliveries
from subscribers.addresses import Address
from subscribers.moving import has_moved_since
from subscribers.tables import people

#: As the condition of the index says it.
_IS_NEW = and_(deliveries.c.state == literal_column("'failed'"), ~deliveries.c.is_judged)
_COLUMNS = (
    deliveries.c.id,
    deliveries.c.subscriber_id,
    deliveries.c.reason,
    deliveries.c.reply_code,
    deliveries.c.reply_text,
    deliveries.c.attempts,
    deliveries.c.ended_at,
)


def list_unjudged(connection: Connection) -> tuple[int, ...]:
    """Return the editions with failed deliveries that were not judged, oldest first."""
    found = select(deliveries.c.edition_id).where(_IS_NEW).distinct()
    return tuple(connection.execute(found.order_by(deliveries.c.edition_id)).scalars())


def take_unjudged(
    connection: Connection, edition_id: int, *, most: int
) -> tuple[int, tuple[SessionRefusal, ...]]:
    """Mark failed deliveries of an edition as judged.

    Returns:
        Their number, and the refusals among them; 0 if none is left. What another process takes at
        this moment is not among them.
    """
    rows = connection.execute(
        select(*_COLUMNS)
        .where(deliveries.c.edition_id == edition_id, _IS_NEW)
        .order_by(deliveries.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        taken = deliveries.c.id.in_([row.id for row in rows])
        connection.execute(update(deliveries).where(taken).values(is_judged=True))
    return len(rows), tuple(
        SessionRefusal(
            delivery_id=row.id,
            person_id=row.subscriber_id,
            reply=Reply(code=row.reply_code, text=row.reply_text),
            reason=row.reason,
            attempts=row.attempts,
            ended_at=row.ended_at,
        )
        for row in rows
        if row.reply_code is not None
    )


def has_accepted(connection: Connection, edition_id: int) -> bool:
    """Return whether a mail server accepted a mail of an edition."""
    accepted = exists().where(
        deliveries.c.edition_id == edition_id,
        deliveries.c.state == DeliveryState.SENT,
        deliveries.c.reply_code.between(200, 299),
    )
    return bool(connection.scalar(select(accepted)))


def lock_addresses(connection: Connection, delivery_ids: Collection[int]) -> dict[int, Address]:
    """Return the addresses of deliveries whose subscribers still have the address that was mailed.

    The persons are locked until the transaction ends, because the refusals of two editions may
    suppress one address at the same time.
    """
    query = (
        select(deliveries.c.id, people.c.address, people.c.address_key)
        .join(people, people.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.id.in_(delivery_ids),
            # SQLite may give the number of a deleted person to the next one.
            people.c.created_at <= deliveries.c.claimed_at,
            ~has_moved_since(people.c.id, deliveries.c.claimed_at),
        )
        .order_by(people.c.id)
        .with_for_update(of=people, key_share=True)
    )
    return {
        row.id: Address(address=row.address, key=row.address_key)
        for row in connection.execute(query)
    }

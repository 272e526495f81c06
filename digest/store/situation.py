"""What the alerts look at: the slots of the last days with their editions, and the feeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, exists, select

from digest.alerts import FeedFacts, SlotFacts
from digest.models import DeliveryState, EditionState
from digest.store.tables import deliveries, editions, feeds, slots


def recent_slots(
    connection: Connection, newsletters: Sequence[str], *, since: datetime
) -> tuple[SlotFacts, ...]:
    """Give the slots due since then, oldest first; one that is still to come too, once filed."""
    is_live = and_(editions.c.slot_id == slots.c.id, editions.c.state != EditionState.CANCELLED)
    is_out = exists().where(
        deliveries.c.edition_id == editions.c.id, deliveries.c.state == DeliveryState.SENT
    )
    rows = connection.execute(
        select(
            slots,
            editions.c.id.label("edition_id"),
            editions.c.state.label("edition_state"),
            editions.c.paused_reason,
            is_out.label("is_out"),
        )
        .outerjoin_from(slots, editions, is_live)
        .where(slots.c.newsletter.in_(newsletters), slots.c.due_at >= since)
        .order_by(slots.c.due_at, slots.c.id)
    )
    return tuple(
        SlotFacts(
            newsletter=row.newsletter,
            cadence=row.cadence,
            local_at=row.local_at,
            due_at=row.due_at,
            state=row.state,
            edition_id=row.edition_id,
            edition_state=EditionState(row.edition_state) if row.edition_state else None,
            paused_reason=row.paused_reason or "",
            is_out=bool(row.is_out),
        )
        for row in rows
    )


def feed_facts(connection: Connection, urls: Sequence[str]) -> tuple[FeedFacts, ...]:
    """Give how the named feeds do, by address; those that were never asked are left out."""
    columns = (feeds.c[name] for name in FeedFacts.__slots__)
    rows = connection.execute(select(*columns).where(feeds.c.url.in_(urls)).order_by(feeds.c.url))
    return tuple(FeedFacts(**row) for row in rows.mappings())

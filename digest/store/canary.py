"""The first mails of an edition, and whether they were judged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, or_, select, update

from digest.models import DeliveryState, FirstMails
from digest.store.tables import deliveries, editions
from subscribers.columns import UtcDateTime

_IN_HAND = (DeliveryState.CLAIMED, DeliveryState.HANDING)


def read_first_mails(connection: Connection, edition_id: int, most: int) -> FirstMails:
    """Return the fates of up to `most` mails that were tried, by any process."""
    tried = (
        select(deliveries.c.state, deliveries.c.claimed_at)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.state != DeliveryState.SKIPPED,
            # A mail that waits for its domain is deferred, but was not tried.
            or_(deliveries.c.attempts > 0, deliveries.c.state.in_(_IN_HAND)),
        )
        .order_by(deliveries.c.subscriber_id)  # by the index of the unique pair
        .limit(most)
        .subquery()
    )
    rows = connection.execute(
        select(
            tried.c.state,
            func.count().label("mails"),
            func.max(tried.c.claimed_at, type_=UtcDateTime()).label("last_at"),
        ).group_by(tried.c.state)
    ).all()
    sent = sum(row.mails for row in rows if row.state == DeliveryState.SENT)
    in_hand = sum(row.mails for row in rows if row.state in _IN_HAND)
    return FirstMails(
        sent=sent,
        refused=sum(row.mails for row in rows) - sent - in_hand,
        in_hand=in_hand,
        last_at=max((row.last_at for row in rows if row.last_at), default=None),
    )


def is_judged(connection: Connection, edition_id: int) -> bool:
    """Return whether the first mails of an edition were judged, well or badly."""
    judged_at = select(editions.c.canary_judged_at).where(editions.c.id == edition_id)
    return connection.execute(judged_at).scalar() is not None


def set_judged(connection: Connection, edition_id: int, *, now: datetime) -> None:
    """Store that the first mails were judged: after `digest resume` they are not judged again."""
    connection.execute(
        update(editions).where(editions.c.id == edition_id).values(canary_judged_at=now)
    )

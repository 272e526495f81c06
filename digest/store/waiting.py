"""Subscribers who wait for `digest resolve`: no edition is frozen for them until then.

Too many mails of one edition were handed over and never answered, so it is not assumed that they
arrived, and the windows of their subscribers did not move.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from digest.models import DeliveryState
from digest.store.tables import deliveries, editions
from subscribers.tables import people, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The subscribers who wait because of one edition."""

    newsletter: str
    edition_id: int
    subscribers: int


def is_waiting(newsletter: str) -> ColumnElement[bool]:
    """Return the condition that a subscription's person waits for `digest resolve`."""
    # Not correlated, so that the engines read the unknown rows once.
    return subscriptions.c.person_id.in_(_waiting(newsletter))


def _waiting(newsletter: str) -> Select[tuple[int]]:
    own = subscriptions.alias()
    return (
        select(deliveries.c.subscriber_id)
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .join(
            own,
            and_(
                own.c.person_id == deliveries.c.subscriber_id,
                own.c.newsletter == editions.c.newsletter,
            ),
        )
        .where(
            editions.c.newsletter == newsletter,
            editions.c.are_windows_held.is_(True),
            deliveries.c.state == DeliveryState.UNKNOWN,
            or_(own.c.seen_seq.is_(None), own.c.seen_seq < editions.c.cut_seq),
        )
    )


def count_waiting(connection: Connection, newsletter: str | None = None) -> tuple[Waiting, ...]:
    """Count the waiting subscribers of a newsletter, or of all, by edition, the oldest first."""
    is_theirs = and_(
        subscriptions.c.person_id == deliveries.c.subscriber_id,
        subscriptions.c.newsletter == editions.c.newsletter,
        subscriptions.c.state == "confirmed",
        or_(subscriptions.c.seen_seq.is_(None), subscriptions.c.seen_seq < editions.c.cut_seq),
    )
    query = (
        select(editions.c.newsletter, editions.c.id, func.count())
        .select_from(deliveries)
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .join(subscriptions, is_theirs)
        .join(people, people.c.id == deliveries.c.subscriber_id)
        .where(
            editions.c.are_windows_held.is_(True),
            deliveries.c.state == DeliveryState.UNKNOWN,
            people.c.suppressed == "",
            *([editions.c.newsletter == newsletter] if newsletter else []),
        )
        .group_by(editions.c.newsletter, editions.c.id)
        .order_by(editions.c.id)
    )
    return tuple(
        Waiting(newsletter=row[0], edition_id=row[1], subscribers=row[2])
        for row in connection.execute(query)
    )

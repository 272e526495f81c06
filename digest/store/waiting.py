"""Subscribers who wait for `digest resolve`: no edition is frozen for them until then.

Too many mails of one edition were handed over and never answered, so it is not assumed that they
arrived, and the windows of their subscribers did not move.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

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
    is_unknown = (
        select(deliveries.c.id)
        .where(
            deliveries.c.edition_id == editions.c.id,
            deliveries.c.subscriber_id == subscriptions.c.person_id,
            deliveries.c.state == DeliveryState.UNKNOWN,
        )
        .correlate(editions, subscriptions)
    )
    # Editions first: nearly always none is held, and their index ends the search.
    held = (
        select(editions.c.id)
        .where(
            editions.c.newsletter == newsletter,
            editions.c.are_windows_held,
            _is_behind(),
            is_unknown.exists(),
        )
        .correlate(subscriptions)
    )
    return held.exists()


def waits_for_resolve(connection: Connection, newsletter: str, person_id: int) -> bool:
    """Return whether one subscriber of a newsletter waits for `digest resolve`."""
    query = select(subscriptions.c.person_id).where(
        subscriptions.c.newsletter == newsletter,
        subscriptions.c.person_id == person_id,
        is_waiting(newsletter),
    )
    return connection.execute(query).first() is not None


def _is_behind() -> ColumnElement[bool]:
    """Return the condition that a subscription's window did not move past an edition."""
    seen = subscriptions.c.seen_seq
    return or_(seen.is_(None), seen < editions.c.cut_seq)


def count_waiting(connection: Connection, newsletter: str | None = None) -> tuple[Waiting, ...]:
    """Count the waiting subscribers of a newsletter, or of all, by edition, the oldest first."""
    of_newsletter = [editions.c.newsletter == newsletter] if newsletter else []
    held = select(editions.c.id).where(editions.c.are_windows_held, *of_newsletter)
    ids = connection.execute(held).scalars().all()
    if not ids:  # nearly always
        return ()
    is_theirs = and_(
        subscriptions.c.person_id == deliveries.c.subscriber_id,
        subscriptions.c.newsletter == editions.c.newsletter,
        subscriptions.c.state == "confirmed",
        _is_behind(),
    )
    query = (
        select(editions.c.newsletter, editions.c.id, func.count())
        .select_from(deliveries)
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .join(subscriptions, is_theirs)
        .join(people, people.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.edition_id.in_(ids),
            deliveries.c.state == DeliveryState.UNKNOWN,
            people.c.suppressed == "",
        )
        .group_by(editions.c.newsletter, editions.c.id)
        .order_by(editions.c.id)
    )
    return tuple(
        Waiting(newsletter=row[0], edition_id=row[1], subscribers=row[2])
        for row in connection.execute(query)
    )

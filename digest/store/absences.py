"""The editions that a person has no delivery of, and what is stored about why; only reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, or_, select

from digest.models import CadenceAudience, EditionState
from digest.store.audience import belongs_to
from digest.store.tables import deliveries, editions, slots
from digest.store.waiting import is_waiting
from subscribers.addresses import Address
from subscribers.suppression import hash_address
from subscribers.tables import people, subscriptions, suppressions


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeliveredEdition:
    """An edition without a delivery to one person."""

    edition_id: int
    newsletter: str
    cadence: str
    number: int
    #: The slot's local time in the newsletter's zone.
    local_at: str
    state: EditionState
    paused_reason: str
    #: None before the freeze.
    frozen_at: datetime | None


def editions_without(
    connection: Connection, person_id: int, newsletters: Collection[str], *, most: int
) -> tuple[UndeliveredEdition, ...]:
    """Return those of the newest editions of these newsletters that have no row of a person.

    Args:
        connection: a connection inside a transaction.
        person_id: the person.
        newsletters: the names of the newsletters.
        most: the number of editions that are looked at, by an index of each newsletter.
    """
    newest = (
        select(editions.c.id)
        .where(
            editions.c.newsletter.in_(newsletters),
            or_(editions.c.frozen_at.is_not(None), editions.c.state != EditionState.CANCELLED),
        )
        .order_by(editions.c.id.desc())
        .limit(most)
    )
    has_row = exists().where(
        deliveries.c.edition_id == editions.c.id, deliveries.c.subscriber_id == person_id
    )
    query = (
        select(
            editions.c.id.label("edition_id"),
            editions.c.newsletter,
            editions.c.cadence,
            editions.c.number,
            slots.c.local_at,
            editions.c.state,
            editions.c.paused_reason,
            editions.c.frozen_at,
        )
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(editions.c.id.in_(newest), ~has_row)
        .order_by(editions.c.id.desc())
    )
    return tuple(
        UndeliveredEdition(**{**row, "state": EditionState(row["state"])})
        for row in connection.execute(query).mappings()
    )


def is_in_audience(connection: Connection, person_id: int, audience_key: CadenceAudience) -> bool:
    """Return whether a person's subscription belongs to a cadence and its segment by now."""
    query = (
        select(subscriptions.c.person_id)
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(subscriptions.c.person_id == person_id, belongs_to(audience_key))
    )
    return connection.execute(query).first() is not None


def is_person_waiting(connection: Connection, person_id: int, newsletter: str) -> bool:
    """Return whether a person gets no edition until `digest resolve`."""
    query = select(subscriptions.c.person_id).where(
        subscriptions.c.person_id == person_id,
        subscriptions.c.newsletter == newsletter,
        is_waiting(newsletter),
    )
    return connection.execute(query).first() is not None


def suppressed_since(
    connection: Connection, keys: Sequence[str], address: Address
) -> datetime | None:
    """Return when an address was first suppressed, under any key; None if it is not."""
    hashes = [hash_address(key, address) for key in keys]
    query = select(func.min(suppressions.c.created_at))
    return connection.execute(query.where(suppressions.c.address_hash.in_(hashes))).scalar()

"""The deliveries of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, true

from digest.models import DeliveryState, EditionState
from digest.store.tables import deliveries, editions, slots, variants


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDelivery:
    """One edition's mail to one person, with its outcome."""

    edition_id: int
    newsletter: str
    cadence: str
    number: int
    #: The slot's local time in the newsletter's zone.
    local_at: str
    edition_state: EditionState
    #: Why the edition is paused; empty if it is not.
    paused_reason: str
    subject: str
    state: DeliveryState
    reason: str
    attempts: int
    #: None if no server answered.
    reply_code: int | None
    reply_text: str
    relay: str
    not_before: datetime
    #: When a sending process took it up for its last attempt; the attempt follows within seconds.
    claimed_at: datetime | None
    #: When the last handover of its content began; None if none did.
    handing_at: datetime | None
    #: When `digest resolve --resend` opened it again.
    reopened_at: datetime | None
    #: When it is tried again; for `deferred` only.
    next_at: datetime | None
    #: None while the delivery is open.
    ended_at: datetime | None


def deliveries_of(
    connection: Connection, subscriber_id: int, *, most: int = 200, before: int | None = None
) -> tuple[PastDelivery, ...]:
    """Return a person's deliveries, newest first; an indexed query.

    Args:
        connection: an open connection.
        subscriber_id: the person's id.
        most: the limit.
        before: the edition before whose mail to begin; None for the newest.
    """
    older = true() if before is None else deliveries.c.edition_id < before
    query = (
        select(
            deliveries,
            editions.c.newsletter,
            editions.c.cadence,
            editions.c.number,
            editions.c.state.label("edition_state"),
            editions.c.paused_reason,
            slots.c.local_at,
            variants.c.subject,
        )
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .join(slots, slots.c.id == editions.c.slot_id)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .where(deliveries.c.subscriber_id == subscriber_id, older)
        .order_by(deliveries.c.edition_id.desc())
        .limit(most)
    )
    return tuple(
        PastDelivery(
            **{name: row[name] for name in PastDelivery.__slots__}
            | {
                "state": DeliveryState(row["state"]),
                "edition_state": EditionState(row["edition_state"]),
            }
        )
        for row in connection.execute(query).mappings()
    )

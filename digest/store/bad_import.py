"""Judges from the first mails of an edition whether a bad list of addresses was imported."""

from __future__ import annotations

from sqlalchemy import Connection, case, exists, func, or_, select

from digest.models import DeliveryState
from digest.store.tables import audit, bounces, deliveries

#: As many mails of an edition, in the order of their subscribers, are looked at.
FIRST = 200
#: From this number of mailboxes that do not exist …
LEAST = 10
#: … and above this share of those mails, the edition pauses.
SHARE = 0.05
#: `paused_reason` of the edition. An edition is paused for it once.
BAD_IMPORT = "many mailboxes do not exist; was a bad list imported?"

#: Deliveries that a relay has answered, or may have.
_TRIED = (
    DeliveryState.HANDING,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
)


def why_bad_import(connection: Connection, edition_id: int) -> str:
    """Return why an edition must pause because of bad addresses; empty if it need not.

    Counts the refusals of the relay and the bounces that were reported later. Empty also if the
    edition was paused for it before, because the operator has then decided to go on.
    """
    first = (
        select(deliveries.c.subscriber_id, deliveries.c.state, deliveries.c.reason)
        .where(deliveries.c.edition_id == edition_id, deliveries.c.state.in_(_TRIED))
        # The order of the index on both columns, so that no more rows than these are read.
        .order_by(deliveries.c.subscriber_id)
        .limit(FIRST)
        .subquery()
    )
    is_refused = (first.c.state == DeliveryState.FAILED) & (first.c.reason == "refused")
    is_reported = exists().where(
        bounces.c.edition_id == edition_id,
        bounces.c.bounce_class == "hard-recipient",
        bounces.c.person_id == first.c.subscriber_id,
    )
    hard = func.sum(case((or_(is_refused, is_reported), 1), else_=0))
    tried, bad = connection.execute(select(func.count(), hard).select_from(first)).one()
    if (bad or 0) < LEAST or bad <= SHARE * tried or was_paused(connection, edition_id, BAD_IMPORT):
        return ""
    return BAD_IMPORT


def was_paused(connection: Connection, edition_id: int, reason: str) -> bool:
    """Return whether an edition was paused for a reason before."""
    found = exists().where(
        audit.c.edition_id == edition_id, audit.c.action == "pause", audit.c.detail == reason
    )
    return bool(connection.scalar(select(found)))

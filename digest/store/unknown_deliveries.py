"""Resolves deliveries of which it is unknown whether they arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from digest.errors import Refused
from digest.models import DeliveryState, EditionState
from digest.store.clock import database_time
from digest.store.closing import facts_of, move_windows, move_windows_back
from digest.store.figures import add_assumed
from digest.store.tables import deliveries, editions
from subscribers.tables import people


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownDelivery:
    """A mail that was sent, but the server never answered; it may have arrived or not."""

    delivery_id: int
    subscriber_id: int
    #: Empty if the person was erased meanwhile.
    address: str
    handing_at: datetime


def list_unknown(
    connection: Connection, edition_id: int, *, most: int = 1000
) -> tuple[UnknownDelivery, ...]:
    """Return the unknown deliveries of an edition, oldest first."""
    query = (
        select(
            deliveries.c.id,
            deliveries.c.subscriber_id,
            func.coalesce(people.c.address, ""),
            deliveries.c.handing_at,
        )
        .outerjoin(people, people.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.state == DeliveryState.UNKNOWN,
        )
        .order_by(deliveries.c.id)
        .limit(most)
    )
    return tuple(
        UnknownDelivery(delivery_id=row[0], subscriber_id=row[1], address=row[2], handing_at=row[3])
        for row in connection.execute(query)
    )


def resend_unknown(connection: Connection, edition_id: int, *, now: datetime) -> int:
    """Send unknown deliveries again, at the risk of a second copy; reopen the edition.

    Their age, after which they are given up, counts from `now`. The windows of those that are not
    sent after all go back when the edition closes.

    Returns:
        The number of deliveries.

    Raises:
        Refused: the edition was cancelled.
    """
    state = connection.execute(select(editions.c.state).where(editions.c.id == edition_id)).scalar()
    if state == EditionState.CANCELLED:
        raise Refused(
            f"edition {edition_id}: it was cancelled; "
            f"run `digest resolve {edition_id} --assume-sent`"
        )
    resent = _resolve(
        connection,
        edition_id,
        DeliveryState.PENDING,
        handing_at=None,
        ended_at=None,
        reopened_at=now,
    )
    if resent:
        connection.execute(
            update(editions)
            .where(editions.c.id == edition_id, editions.c.state == EditionState.FINISHED)
            .values(state=EditionState.SENDING, finished_at=None)
        )
    return resent


def assume_sent(connection: Connection, edition_id: int) -> int:
    """Count unknown deliveries as sent and move their windows; return their number."""
    edition = facts_of(connection, edition_id)
    count = _resolve(connection, edition_id, DeliveryState.SENT)
    if count:
        add_assumed(connection, edition_id, count, now=database_time(connection))
        move_windows(connection, edition_id, edition.newsletter, edition.cut_seq)
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The unknown deliveries that were counted as lost."""

    count: int
    #: Subscribers who already have a later edition: no edition will have these posts for them.
    uncovered: int


def assume_lost(connection: Connection, edition_id: int) -> Lost:
    """Count unknown deliveries as failed; the next edition covers their windows again.

    A window that had moved goes back to its start at the freeze, unless the subscriber has a
    later edition already.
    """
    is_unknown = deliveries.c.state == DeliveryState.UNKNOWN
    uncovered = move_windows_back(connection, edition_id, is_unknown)
    count = _resolve(connection, edition_id, DeliveryState.FAILED, reason="lost")
    return Lost(count=count, uncovered=uncovered)


def _resolve(
    connection: Connection, edition_id: int, state: DeliveryState, reason: str = "", **more: object
) -> int:
    """Settle all unknown deliveries of an edition; no subscriber waits because of it any more."""
    connection.execute(
        update(editions).where(editions.c.id == edition_id).values(are_windows_held=False)
    )
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.state == DeliveryState.UNKNOWN,
        )
        .values({"state": state, "worker": "", "reason": reason} | more)
    ).rowcount

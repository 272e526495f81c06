"""The ledger during a send: which rows are due, and a worker's claims of them.

Addresses are not stored in the ledger; they are read at the claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    and_,
    bindparam,
    or_,
    select,
    update,
)

from digest.models import Delivery, DeliveryState, EditionState, Recipient
from digest.store.deliveries import IS_ONE_OF, IS_OPEN, NOW, PUT_OFF, skip_rows
from digest.store.tables import deliveries, editions, variants
from subscribers.columns import UtcDateTime
from subscribers.fieldvalues import read_fields_of
from subscribers.tables import people, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A batch of deliveries claimed by one worker."""

    deliveries: tuple[Delivery, ...]
    #: The number of subscribers who have left or are suppressed; their rows were skipped.
    skipped: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing was due."""
        return not self.deliveries and not self.skipped


def claim_due(
    connection: Connection,
    edition_id: int,
    worker: str,
    *,
    now: datetime,
    most: int = 500,
    most_new: int | None = None,
    longest_wait: timedelta = timedelta.max,
) -> Claim:
    """Claim due rows for `worker`; skip those whose subscriber has left.

    Rows never tried go first, then by their hour.

    Args:
        connection: a transaction of marks.
        edition_id: the edition.
        worker: the worker's name.
        now: the time.
        most: rows to claim, at most.
        most_new: rows never tried, at most; None: no limit of their own.
        longest_wait: a next try that is further ahead was planned by a clock that was set back
            since; it is due.
    """
    new = most if most_new is None else min(most, most_new)
    due = {"edition": edition_id, "now": now, "most": new}
    rows = connection.execute(_DUE_NEW, due).mappings().all() if new else ()
    if not rows:
        far = now + longest_wait if longest_wait < timedelta.max else _NEVER
        due |= {"most": most, "far": far}
        rows = connection.execute(_DUE_AGAIN, due).mappings().all()
    gone = [row for row in rows if _why_gone(row)]
    for row in gone:
        connection.execute(_SKIP_GONE[_why_gone(row)], {"ids": [row["id"]], "now": now})
    taken = [row for row in rows if not _why_gone(row)]
    connection.execute(_CLAIM, {"ids": [row["id"] for row in taken], "by": worker, "now": now})
    own = _own_values(connection, taken)
    return Claim(
        deliveries=tuple(_delivery(row, own.get(row["subscriber_id"], {})) for row in taken),
        skipped=len(gone),
    )


def _own_values(connection: Connection, rows: Sequence[RowMapping]) -> dict[int, dict[str, str]]:
    """Return the values of the fields that the rows' mails print, by the subscriber's id."""
    names = {name for row in rows if row["fields"] for name in row["fields"].split(",")}
    if not names:
        return {}
    own = read_fields_of(connection, [row["subscriber_id"] for row in rows], names)
    if "name" in names:
        for row in rows:
            own.setdefault(row["subscriber_id"], {})["name"] = row["name"]
    return own


def _due(state: DeliveryState, is_due: ColumnElement[bool]) -> Select[Any]:
    return (
        _with_subscriber()
        .where(
            IS_OPEN,
            deliveries.c.edition_id == bindparam("edition"),
            deliveries.c.state == state,
            is_due,
            editions.c.state == EditionState.SENDING,
        )
        .order_by(deliveries.c.not_before, deliveries.c.id)
        .limit(bindparam("most", type_=Integer))
        # No effect on SQLite, where the write lock is held; on PostgreSQL, workers skip rows that
        # another worker has locked.
        .with_for_update(of=deliveries, skip_locked=True)
    )


def _with_subscriber() -> Select[Any]:
    subscription = and_(
        subscriptions.c.person_id == deliveries.c.subscriber_id,
        subscriptions.c.newsletter == editions.c.newsletter,
    )
    subscriber = (
        deliveries.join(editions, editions.c.id == deliveries.c.edition_id)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .outerjoin(people, people.c.id == deliveries.c.subscriber_id)
        .outerjoin(subscriptions, subscription)
    )
    return select(
        deliveries.c.id,
        deliveries.c.edition_id,
        deliveries.c.variant_id,
        deliveries.c.subscriber_id,
        deliveries.c.not_before,
        deliveries.c.attempts,
        deliveries.c.reopened_at,
        people.c.public_id,
        people.c.address,
        people.c.name,
        people.c.suppressed,
        subscriptions.c.state.label("subscription"),
        subscriptions.c.joined_at,
        subscriptions.c.is_joined_known,
        variants.c.language,
        variants.c.fields,
    ).select_from(subscriber)


#: Beyond every time that is stored.
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_FAR = bindparam("far", type_=UtcDateTime())
_DUE_NEW = _due(DeliveryState.PENDING, deliveries.c.not_before <= NOW)
_DUE_AGAIN = _due(
    DeliveryState.DEFERRED, or_(deliveries.c.next_at <= NOW, deliveries.c.next_at > _FAR)
)
_CLAIM = (
    update(deliveries)
    .where(IS_ONE_OF)
    .values(state=DeliveryState.CLAIMED, worker=bindparam("by"), claimed_at=NOW, next_at=None)
)


def _why_gone(row: RowMapping) -> str:
    if row["suppressed"]:
        return "suppressed"
    return "" if row["subscription"] == "confirmed" else "left"


def _delivery(row: RowMapping, own: Mapping[str, str]) -> Delivery:
    recipient = Recipient(
        subscriber_id=row["subscriber_id"],
        public_id=row["public_id"],
        address=row["address"],
        joined_at=row["joined_at"] if row["is_joined_known"] else None,
        language=row["language"],
        fields=tuple(sorted(own.items())),
    )
    return Delivery(
        id=row["id"],
        edition_id=row["edition_id"],
        variant_id=row["variant_id"],
        recipient=recipient,
        not_before=row["not_before"],
        attempts=row["attempts"],
        reopened_at=row["reopened_at"],
    )


_SKIP_GONE = {reason: skip_rows(IS_ONE_OF, reason) for reason in ("suppressed", "left")}


def next_due(
    connection: Connection,
    edition_id: int,
    *,
    now: datetime,
    longest_wait: timedelta = timedelta.max,
) -> datetime | None:
    """Return when the next open row of an edition is due; None if none waits.

    Args:
        connection: a transaction.
        edition_id: the edition.
        now: the time.
        longest_wait: a next try that is further ahead is due now, as in `claim_due`.
    """
    never_tried, again = (
        connection.execute(
            select(column)
            .where(IS_OPEN, deliveries.c.edition_id == edition_id, deliveries.c.state == state)
            .order_by(column)
            .limit(1)
        ).scalar()
        for column, state in (
            (deliveries.c.not_before, DeliveryState.PENDING),
            (deliveries.c.next_at, DeliveryState.DEFERRED),
        )
    )
    if again is not None and again - now > longest_wait:
        again = now
    return min((time for time in (never_tried, again) if time is not None), default=None)


def next_turn(connection: Connection, edition_id: int) -> datetime | None:
    """Return when the next mail goes that only waits for its domain; None if there is none."""
    return connection.execute(
        select(deliveries.c.next_at)
        .where(
            IS_OPEN,
            deliveries.c.edition_id == edition_id,
            deliveries.c.state == DeliveryState.DEFERRED,
            deliveries.c.reason == PUT_OFF,
        )
        .order_by(deliveries.c.next_at)
        .limit(1)
    ).scalar()

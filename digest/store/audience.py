"""Who an edition goes to: the groups of its readers, and their rows in the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from digest.models import DeliveryState
from digest.store.tables import deliveries
from subscribers.tables import people, subscriptions


class AudienceGroup(NamedTuple):
    """Readers with the same choice of categories and the same window."""

    #: JSON list of category names, sorted; empty: all.
    categories: str
    #: Posts up to this number were shown; None: start at the newest finished edition's cut.
    seen_seq: int | None
    #: How many there are.
    readers: int


def audience_groups(
    connection: Connection, newsletter: str, *, now: datetime
) -> tuple[AudienceGroup, ...]:
    """Give the groups of those who may be mailed now, the largest first."""
    choice = (subscriptions.c.categories, subscriptions.c.seen_seq)
    query = (
        select(*choice, func.count())
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(_may_be_mailed(newsletter, now))
        .group_by(*choice)
        .order_by(func.count().desc(), *choice)
    )
    return tuple(AudienceGroup(*row) for row in connection.execute(query))


def oldest_seen(connection: Connection, newsletter: str, *, now: datetime) -> int | None:
    """Give where the reader stands who is furthest behind; None where nobody has a window yet.

    Newcomers do not count: they start where the newest finished edition ended.
    """
    query = (
        select(func.min(subscriptions.c.seen_seq))
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(_may_be_mailed(newsletter, now))
    )
    return connection.execute(query).scalar()


def start_newcomers(connection: Connection, newsletter: str, seq: int) -> None:
    """Let the window of those who never had one start after `seq`, for good."""
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state == "confirmed",
            subscriptions.c.seen_seq.is_(None),
        )
        .values(seen_seq=seq)
    )


def freeze_group(
    connection: Connection,
    *,
    edition_id: int,
    variant_id: int,
    newsletter: str,
    not_before: datetime,
    group: AudienceGroup,
    now: datetime,
) -> int:
    """Write the ledger rows of one group, one a reader; gives how many.

    Who has a row of this edition already gets no second one.
    """
    has_row = exists().where(
        deliveries.c.edition_id == edition_id,
        deliveries.c.subscriber_id == subscriptions.c.person_id,
    )
    readers = (
        select(
            literal(edition_id, Integer),
            subscriptions.c.person_id,
            literal(variant_id, Integer),
            literal(not_before, deliveries.c.not_before.type),
            literal(DeliveryState.PENDING.value),
        )
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(
            _may_be_mailed(newsletter, now),
            subscriptions.c.categories == group.categories,
            subscriptions.c.seen_seq.is_not_distinct_from(group.seen_seq),
            ~has_row,
        )
        .order_by(subscriptions.c.person_id)
    )
    columns = ["edition_id", "subscriber_id", "variant_id", "not_before", "state"]
    return connection.execute(insert(deliveries).from_select(columns, readers)).rowcount


def is_mailable() -> ColumnElement[bool]:
    """Whether the joined person and subscription may be mailed at all."""
    return and_(people.c.suppressed == "", subscriptions.c.state == "confirmed")


def _may_be_mailed(newsletter: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        subscriptions.c.newsletter == newsletter,
        is_mailable(),
        or_(subscriptions.c.paused_until.is_(None), subscriptions.c.paused_until <= now),
    )

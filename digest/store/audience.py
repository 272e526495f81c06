"""The audience of an edition: the groups of its subscribers, and their rows in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Integer,
    String,
    and_,
    column,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
    values,
)

from digest.models import AudienceGroup, CadenceAudience, DeliveryState
from digest.store.dialect import domain_of
from digest.store.segments import in_segment
from digest.store.tables import deliveries
from digest.store.waiting import is_waiting
from subscribers.columns import UtcDateTime
from subscribers.tables import people, subscriptions

#: Groups in one statement; each takes eight of the 32,766 parameters that SQLite allows.
_AT_ONCE = 1_000
#: Replaces a missing window or hour in comparisons.
_NONE = -1


class PlannedGroup(NamedTuple):
    """A group with its variant and its time of sending."""

    group: AudienceGroup
    variant_id: int
    not_before: datetime


def audience_groups(
    connection: Connection, audience_key: CadenceAudience, *, now: datetime, by_clock: bool = False
) -> tuple[AudienceGroup, ...]:
    """Return the groups of the subscribers who may be mailed now, the largest first.

    Subscribers who wait for `digest resolve` are left out, see `digest.store.waiting`.

    Args:
        connection: a connection inside a transaction.
        audience_key: the cadence.
        now: the current time; subscribers who pause beyond it are left out.
        by_clock: whether to split groups by time zone and hour too.
    """
    window = (subscriptions.c.categories, subscriptions.c.seen_seq)
    looks = (subscriptions.c.language, subscriptions.c.text_size)
    clock = (subscriptions.c.zone, subscriptions.c.hour) if by_clock else ()
    # The engines sort nulls differently.
    order = (column.nulls_first() for column in (*window, *looks, *clock))
    query = (
        select(*window, func.count(), *looks, *clock)
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(_may_be_mailed(audience_key, now))
        .group_by(*window, *looks, *clock)
        .order_by(func.count().desc(), *order)
    )
    return tuple(AudienceGroup(*row) for row in connection.execute(query))


def count_domains(
    connection: Connection, audience_key: CadenceAudience, *, now: datetime, most: int
) -> tuple[tuple[str, int], ...]:
    """Count the subscribers who may be mailed now by the domain of their address.

    Args:
        connection: a connection inside a transaction.
        audience_key: the cadence.
        now: the current time; subscribers who pause beyond it are left out.
        most: the number of domains to return, the most frequent first.
    """
    domain = domain_of(connection, people.c.address)
    query = (
        select(domain, func.count())
        .select_from(subscriptions)
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(_may_be_mailed(audience_key, now))
        .group_by(domain)
        .order_by(func.count().desc(), domain)
        .limit(most)
    )
    return tuple((row[0], row[1]) for row in connection.execute(query))


def oldest_seen(connection: Connection, audience_key: CadenceAudience) -> int | None:
    """Return the lowest `seen_seq` of a cadence; None if no subscriber has a window yet.

    Includes paused subscribers because a pause may end before the edition is sent. New subscribers
    have no `seen_seq`; their window starts at the previous edition's cut.
    """
    query = (
        select(func.min(subscriptions.c.seen_seq))
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(belongs_to(audience_key), is_mailable())
    )
    return connection.execute(query).scalar()


def start_newcomers(connection: Connection, audience_key: CadenceAudience, seq: int) -> None:
    """Store `seq` as the start of the window of subscribers who have none yet."""
    connection.execute(
        update(subscriptions)
        .where(
            belongs_to(audience_key),
            subscriptions.c.state == "confirmed",
            subscriptions.c.seen_seq.is_(None),
        )
        .values(seen_seq=seq)
    )


def freeze_groups(
    connection: Connection,
    audience_key: CadenceAudience,
    planned: Sequence[PlannedGroup],
    *,
    edition_id: int,
    now: datetime,
    by_clock: bool = False,
) -> int:
    """Write the ledger rows of an edition's groups, one per subscriber.

    A subscriber who already has a row of this edition does not get a second one.

    Returns:
        The number of rows that the edition has afterwards.
    """
    for start in range(0, len(planned), _AT_ONCE):
        some = planned[start : start + _AT_ONCE]
        _freeze_some(connection, audience_key, some, edition_id, now, by_clock)
    # Counted because SQLite's driver has no row count for statements that start with WITH.
    rows = select(func.count()).where(deliveries.c.edition_id == edition_id)
    return int(connection.execute(rows).scalar_one())


def _freeze_some(
    connection: Connection,
    audience_key: CadenceAudience,
    planned: Sequence[PlannedGroup],
    edition_id: int,
    now: datetime,
    by_clock: bool,
) -> None:
    plan = _as_table(planned)
    has_row = exists().where(
        deliveries.c.edition_id == edition_id,
        deliveries.c.subscriber_id == subscriptions.c.person_id,
    )
    subscribers = (
        select(
            literal(edition_id, Integer),
            subscriptions.c.person_id,
            plan.c.variant_id,
            subscriptions.c.seen_seq,
            plan.c.not_before,
            literal(DeliveryState.PENDING.value),
        )
        .join(people, people.c.id == subscriptions.c.person_id)
        .join(plan, _is_of_group(plan, by_clock))
        .where(_may_be_mailed(audience_key, now), ~has_row)
        .order_by(subscriptions.c.person_id)
    )
    columns = ["edition_id", "subscriber_id", "variant_id", "since_seq", "not_before", "state"]
    connection.execute(insert(deliveries).from_select(columns, subscribers))


def _as_table(planned: Sequence[PlannedGroup]) -> CTE:
    """Return the plan as a table in the statement, so that one pass over subscribers is enough."""
    rows = [
        (
            each.group.categories,
            _or_none(each.group.seen_seq),
            each.group.language,
            each.group.text_size,
            each.group.zone,
            _or_none(each.group.hour),
            each.variant_id,
            each.not_before,
        )
        for each in planned
    ]
    return (
        values(
            column("categories", String),
            column("seen_seq", Integer),
            column("language", String),
            column("text_size", String),
            column("zone", String),
            column("hour", Integer),
            column("variant_id", Integer),
            column("not_before", UtcDateTime),
            name="plan",
        )
        .data(rows)
        .cte("plan")
    )


def _or_none(number: int | None) -> int:
    """Return the number, or a value for None that equals itself in SQL."""
    return _NONE if number is None else number


def _is_of_group(plan: CTE, by_clock: bool) -> ColumnElement[bool]:
    subscriber = subscriptions.c
    same = [
        subscriber.categories == plan.c.categories,
        func.coalesce(subscriber.seen_seq, _NONE) == plan.c.seen_seq,
        subscriber.language == plan.c.language,
        subscriber.text_size == plan.c.text_size,
    ]
    if by_clock:
        same += [
            subscriber.zone == plan.c.zone,
            func.coalesce(subscriber.hour, _NONE) == plan.c.hour,
        ]
    return and_(*same)


def is_mailable() -> ColumnElement[bool]:
    """Return the condition that the joined person and subscription may be mailed, pauses aside."""
    return and_(people.c.suppressed == "", subscriptions.c.state == "confirmed")


def _may_be_mailed(audience_key: CadenceAudience, now: datetime) -> ColumnElement[bool]:
    return and_(
        belongs_to(audience_key),
        is_mailable(),
        or_(subscriptions.c.paused_until.is_(None), subscriptions.c.paused_until <= now),
        ~is_waiting(audience_key.newsletter),
    )


def belongs_to(audience_key: CadenceAudience) -> ColumnElement[bool]:
    """Return the condition that a subscription belongs to a cadence and to its segment.

    A subscriber outside the segment gets no row, and the window does not move.
    """
    chosen = subscriptions.c.cadence
    is_of_cadence = (
        chosen.not_in(audience_key.others)
        if audience_key.is_first
        else chosen == audience_key.cadence
    )
    return and_(
        subscriptions.c.newsletter == audience_key.newsletter,
        is_of_cadence,
        in_segment(audience_key.segment),
    )

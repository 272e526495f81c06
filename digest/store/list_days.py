"""Counts what happened to a newsletter's subscribers each day; stored, because it reads them all.

It is counted once for each day that has passed. So a page of the desk reads some rows, whatever the
number of subscribers is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from digest.models import BounceOutcome
from digest.store.dialect import day_of, insert_for
from digest.store.tables import bounces, editions, list_days
from subscribers.preferences import State
from subscribers.tables import people, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDay:
    """The changes of a newsletter's subscribers on one day in UTC."""

    day: date
    #: Confirmed and not suppressed at the end of the day; None if that was not counted.
    subscribers: int | None
    joined: int
    left: int
    complained: int
    #: Persons who are not mailed any more because their mail came back.
    bounced: int


def last_day(connection: Connection, newsletter: str) -> date | None:
    """Return the last day that is counted; None if none is."""
    query = select(func.max(list_days.c.day)).where(list_days.c.newsletter == newsletter)
    found = connection.scalar(query)
    return date.fromisoformat(found) if found else None


def count_days(
    connection: Connection, newsletter: str, days: Sequence[date]
) -> tuple[ListDay, ...]:
    """Count some days in a row; the number of subscribers is that of now, for the last day."""
    since = datetime.combine(days[0], time(), tzinfo=UTC)
    until = datetime.combine(days[-1] + timedelta(days=1), time(), tzinfo=UTC)

    def by_day(when: ColumnElement[datetime], *wanted: ColumnElement[bool]) -> Mapping[str, int]:
        day = day_of(connection, when)
        rows = connection.execute(
            select(day.label("day"), func.count().label("persons"))
            .where(subscriptions.c.newsletter == newsletter, when >= since, when < until, *wanted)
            .group_by(day)
        )
        return {row.day: row.persons for row in rows}

    c = subscriptions.c
    joined = by_day(c.joined_at, c.is_joined_known, c.state != State.PENDING)
    left = by_day(c.left_at, c.state == State.LEFT)
    complained = by_day(c.left_at, c.state == State.COMPLAINED)
    bounced = _count_bounced(connection, newsletter, since, until)
    now = _count_subscribers(connection, newsletter)
    return tuple(
        ListDay(
            day=day,
            subscribers=now if day == days[-1] else None,
            joined=joined.get(f"{day}", 0),
            left=left.get(f"{day}", 0),
            complained=complained.get(f"{day}", 0),
            bounced=bounced.get(f"{day}", 0),
        )
        for day in days
    )


def _count_bounced(
    connection: Connection, newsletter: str, since: datetime, until: datetime
) -> Mapping[str, int]:
    day = day_of(connection, bounces.c.at)
    rows = connection.execute(
        select(day.label("day"), func.count(bounces.c.person_id.distinct()).label("persons"))
        .join(editions, editions.c.id == bounces.c.edition_id)
        .where(
            editions.c.newsletter == newsletter,
            bounces.c.at >= since,
            bounces.c.at < until,
            bounces.c.outcome == BounceOutcome.SUPPRESSED,
            bounces.c.bounce_class != "complaint",
        )
        .group_by(day)
    )
    return {row.day: row.persons for row in rows}


def _count_subscribers(connection: Connection, newsletter: str) -> int:
    query = (
        select(func.count())
        .select_from(subscriptions)
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state == State.CONFIRMED,
            people.c.suppressed == "",
        )
    )
    return int(connection.scalar(query) or 0)


def save_days(connection: Connection, newsletter: str, counted: Sequence[ListDay]) -> None:
    """Store counted days; those that another process stored first stay."""
    for each in counted:
        row = {
            "newsletter": newsletter,
            "day": f"{each.day}",
            "subscribers": each.subscribers,
            "joined": each.joined,
            "has_left": each.left,
            "complained": each.complained,
            "bounced": each.bounced,
        }
        connection.execute(insert_for(connection, list_days).values(row).on_conflict_do_nothing())


def list_days_of(connection: Connection, newsletter: str, *, since: date) -> tuple[ListDay, ...]:
    """Return the counted days since one of them, in order."""
    query = (
        select(list_days)
        .where(list_days.c.newsletter == newsletter, list_days.c.day >= f"{since}")
        .order_by(list_days.c.day)
    )
    return tuple(
        ListDay(
            day=date.fromisoformat(row.day),
            subscribers=row.subscribers,
            joined=row.joined,
            left=row.has_left,
            complained=row.complained,
            bounced=row.bounced,
        )
        for row in connection.execute(query)
    )

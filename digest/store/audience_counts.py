"""Counts a newsletter's subscribers and new posts, for the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.models import CadenceAudience, Count, DeliveryState
from digest.store.audience import belongs_to, is_mailable
from digest.store.choices import CadenceName, in_window
from digest.store.dialect import domain_of
from digest.store.post_categories import is_filed
from digest.store.segments import in_segment
from digest.store.tables import deliveries, editions, posts
from subscribers.preferences import load_categories
from subscribers.segments import EVERYBODY, Segment
from subscribers.tables import people, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """A newsletter's mailable subscribers, paused ones included, by value, most frequent first."""

    #: As chosen; an empty value: the first cadence.
    cadences: tuple[Count, ...]
    #: As chosen; an empty value: the newsletter's language.
    languages: tuple[Count, ...]
    #: Domains of the addresses.
    domains: tuple[Count, ...]
    #: Where they came from; an empty value: not known.
    sources: tuple[Count, ...] = ()
    #: Chosen categories; a subscriber is counted in each of theirs.
    categories: tuple[Count, ...]


def take_census(
    connection: Connection,
    newsletter: str,
    *,
    segment: Segment = EVERYBODY,
    most_domains: int = 10,
) -> Census:
    """Count the subscribers in a newsletter's segment by the values that the plan shows."""
    domain = domain_of(connection, people.c.address)
    return Census(
        cadences=count_by(connection, newsletter, segment, subscriptions.c.cadence),
        languages=count_by(connection, newsletter, segment, subscriptions.c.language),
        domains=count_by(connection, newsletter, segment, domain)[:most_domains],
        sources=count_by(connection, newsletter, segment, subscriptions.c.source),
        categories=_count_categories(
            count_by(connection, newsletter, segment, subscriptions.c.categories)
        ),
    )


def count_without_category(
    connection: Connection,
    newsletter: str,
    categories: Sequence[str],
    segment: Segment = EVERYBODY,
) -> int:
    """Count the mailable subscribers whose chosen categories are none of these: they get nothing.

    Paused subscribers are counted too. A subscriber who chose all categories is never counted, nor
    one outside the segment.
    """
    known = frozenset(categories)
    return sum(
        choice.subscribers
        for choice in count_by(connection, newsletter, segment, subscriptions.c.categories)
        if choice.value and known.isdisjoint(load_categories(choice.value))
    )


def returning_subscribers(
    connection: Connection, audience_key: CadenceAudience, *, now: datetime
) -> dict[datetime, int]:
    """Count the paused subscribers of a cadence by the end of their pause."""
    rows = connection.execute(
        select(subscriptions.c.paused_until, func.count())
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(belongs_to(audience_key), is_mailable(), subscriptions.c.paused_until > now)
        .group_by(subscriptions.c.paused_until)
    )
    return {row[0]: row[1] for row in rows}


def count_new_posts(
    connection: Connection, since_seq: int, categories: Sequence[str], of: CadenceName
) -> int:
    """Count the mailable posts of these categories after `since_seq` in a cadence's windows."""
    query = select(func.count()).where(
        in_window(since_seq, of=of), posts.c.mailable.is_(True), is_filed(categories)
    )
    return int(connection.execute(query).scalar_one())


def last_rate(connection: Connection, newsletter: str) -> float | None:
    """Return the messages per second of the last edition with one time of sending; None if none.

    Counts only mails sent at the first attempt because waits between attempts do not depend on
    the relay.
    """
    row = connection.execute(
        select(
            func.count(),
            func.min(deliveries.c.handing_at).label("first"),
            func.max(deliveries.c.ended_at).label("last"),
        )
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .where(
            editions.c.newsletter == newsletter,
            deliveries.c.state == DeliveryState.SENT,
            deliveries.c.attempts == 1,
            deliveries.c.handing_at.is_not(None),
        )
        .group_by(editions.c.id)
        .having(func.count(deliveries.c.not_before.distinct()) == 1)
        .order_by(editions.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    # Shorter runs are too short for an exact rate.
    return float(row[0] / max((row.last - row.first).total_seconds(), 1.0))


def count_by(
    connection: Connection, newsletter: str, segment: Segment, value: object
) -> tuple[Count, ...]:
    """Count the mailable subscribers of a newsletter's segment by a column or an expression."""
    rows = connection.execute(
        select(value, func.count())  # type: ignore[call-overload]  # a column or an expression
        .select_from(subscriptions)
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(subscriptions.c.newsletter == newsletter, is_mailable(), in_segment(segment))
        .group_by(value)
        .order_by(func.count().desc(), value)
    )
    return tuple(Count(value=row[0], subscribers=row[1]) for row in rows)


def _count_categories(choices: Sequence[Count]) -> tuple[Count, ...]:
    counted: dict[str, int] = {}
    for choice in choices:
        for name in load_categories(choice.value):
            counted[name] = counted.get(name, 0) + choice.subscribers
    return tuple(Count(value=name, subscribers=count) for name, count in counted.items())

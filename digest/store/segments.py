"""The SQL conditions of a segment, on the subscriptions of a newsletter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, not_, or_, select, true

from digest.text.languages import LANGUAGES
from subscribers.segments import Segment
from subscribers.tables import people, person_fields, subscriptions


def in_segment(segment: Segment) -> ColumnElement[bool]:
    """Return the condition that a subscription is in a segment; of no other table's columns."""
    return and_(true(), *_conditions(segment).values())


def _conditions(segment: Segment) -> dict[str, ColumnElement[bool]]:
    """Return the conditions of a segment by the key of the configuration."""
    subscription = subscriptions.c
    found: dict[str, ColumnElement[bool]] = {}
    if segment.languages:
        found["language"] = _speaks(segment)
    if segment.zones:
        zones = ("", *segment.zones) if segment.has_default_zone else segment.zones
        found["zone"] = subscription.zone.in_(zones)
    if segment.sources:
        found["source"] = subscription.source.in_(segment.sources)
    if segment.joined_after is not None:
        is_after = subscription.joined_at >= segment.joined_after
        found["joined_after"] = and_(subscription.is_joined_known, is_after)
    if segment.joined_before is not None:
        # Where the day is not known, `joined_at` is later than it.
        found["joined_before"] = subscription.joined_at < segment.joined_before
    for name, values in segment.fields:
        found[f"field.{name}"] = _has_value(name, values)
    return found


def _speaks(segment: Segment) -> ColumnElement[bool]:
    """Return the condition that the letters of a subscription are in one of the languages."""
    is_chosen = _is_language(segment.languages)
    return or_(is_chosen, ~_is_language(LANGUAGES)) if segment.has_default_language else is_chosen


def _is_language(tags: Collection[str]) -> ColumnElement[bool]:
    chosen = func.lower(subscriptions.c.language)
    return or_(chosen.in_(tags), *(chosen.startswith(f"{tag}-", autoescape=True) for tag in tags))


def _has_value(name: str, values: Collection[str]) -> ColumnElement[bool]:
    return (
        select(person_fields.c.person_id)
        .where(
            person_fields.c.person_id == subscriptions.c.person_id,
            person_fields.c.name == name,
            person_fields.c.value.in_(values),
        )
        .correlate(subscriptions)
        .exists()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """The mailable subscribers that a newsletter's segment leaves out, paused ones included."""

    subscribers: int
    #: The number of those that each condition leaves out, by its key; a subscriber may be left out
    #: by several.
    by_condition: tuple[tuple[str, int], ...] = ()


NOBODY = LeftOut(subscribers=0)


def count_left_out(connection: Connection, newsletter: str, segment: Segment) -> LeftOut:
    """Count the mailable subscribers of a newsletter that its segment leaves out."""
    conditions = _conditions(segment)
    if not conditions:
        return NOBODY
    total = _count(connection, newsletter, in_segment(segment))
    each = ((key, _count(connection, newsletter, holds)) for key, holds in conditions.items())
    return LeftOut(subscribers=total, by_condition=tuple((key, n) for key, n in each if n))


def _count(connection: Connection, newsletter: str, holds: ColumnElement[bool]) -> int:
    """Count the mailable subscribers for whom a condition does not hold."""
    query = (
        select(func.count())
        .select_from(subscriptions)
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state == "confirmed",
            people.c.suppressed == "",
            not_(holds),
        )
    )
    return int(connection.execute(query).scalar_one())


def is_in_segment(
    connection: Connection, newsletter: str, person_id: int, segment: Segment
) -> bool:
    """Return whether a person's subscription to a newsletter is in a segment."""
    query = select(subscriptions.c.person_id).where(
        subscriptions.c.newsletter == newsletter,
        subscriptions.c.person_id == person_id,
        in_segment(segment),
    )
    return connection.execute(query).first() is not None

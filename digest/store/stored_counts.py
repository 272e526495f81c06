"""Takes the counts over the whole list of subscribers, and stores them with their time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from digest.models import AudienceCounts, Count, FieldValues, PeopleCounts
from digest.store.audience import is_mailable
from digest.store.audience_counts import count_by, take_census
from digest.store.dialect import insert_for
from digest.store.segments import in_segment
from digest.store.tables import stored_counts
from subscribers.fieldvalues import count_fields, count_values
from subscribers.segments import Segment
from subscribers.tables import people, subscriptions

#: Domains that are kept; the rest are one row each in a long list of small companies.
MOST_DOMAINS = 20
#: The row with the counts of all people.
_EVERYBODY = ""


def count_audience(
    connection: Connection, newsletter: str, segment: Segment, *, now: datetime
) -> AudienceCounts:
    """Count a newsletter's subscribers; this reads the whole list."""
    census = take_census(connection, newsletter, segment=segment, most_domains=MOST_DOMAINS)
    choices = count_by(connection, newsletter, segment, subscriptions.c.categories)
    everything = sum(choice.subscribers for choice in choices if not choice.value)
    is_paused = subscriptions.c.paused_until > now
    return AudienceCounts(
        newsletter=newsletter,
        counted_at=now,
        subscribers=sum(each.subscribers for each in census.cadences),
        paused=int(
            connection.scalar(
                select(func.count())
                .select_from(subscriptions)
                .join(people, people.c.id == subscriptions.c.person_id)
                .where(
                    subscriptions.c.newsletter == newsletter,
                    is_mailable(),
                    in_segment(segment),
                    is_paused,
                )
            )
            or 0
        ),
        states=_states(connection, newsletter),
        cadences=census.cadences,
        languages=census.languages,
        domains=census.domains,
        sources=census.sources,
        categories=_sorted({"": everything, **_as_mapping(census.categories)}),
    )


def count_people(
    connection: Connection, choice_fields: Collection[str], *, now: datetime
) -> PeopleCounts:
    """Count all people, and those with a value of each field; this reads the whole list.

    Args:
        connection: an open connection.
        choice_fields: the names of the fields whose values are counted one by one.
        now: the time to store with the counts.
    """
    suppressed = Counter[str]()
    total = 0
    query = select(people.c.suppressed, func.count()).group_by(people.c.suppressed)
    for reasons, count in connection.execute(query):
        total += count
        for reason in reasons.split(",") if reasons else ():
            suppressed[reason] += count
    return PeopleCounts(
        counted_at=now,
        people=total,
        suppressed=_sorted(suppressed),
        fields=tuple(
            FieldValues(
                name=name,
                people=count,
                by_choice=_sorted(count_values(connection, name)) if name in choice_fields else (),
            )
            for name, count in sorted(count_fields(connection).items())
        ),
    )


def save_audience(connection: Connection, counts: AudienceCounts) -> None:
    """Store a newsletter's counts in place of the earlier ones."""
    _save(connection, counts.newsletter, counts)


def save_people(connection: Connection, counts: PeopleCounts) -> None:
    """Store the counts of all people in place of the earlier ones."""
    _save(connection, _EVERYBODY, counts)


def read_audience(connection: Connection, newsletter: str) -> AudienceCounts | None:
    """Return a newsletter's stored counts; None if they were never taken."""
    found = _read(connection, newsletter)
    if found is None:
        return None
    lists = ("states", "cadences", "languages", "domains", "sources", "categories")
    return AudienceCounts(**{**found, **{name: _counts(found[name]) for name in lists}})


def read_people(connection: Connection) -> PeopleCounts | None:
    """Return the stored counts of all people; None if they were never taken."""
    found = _read(connection, _EVERYBODY)
    if found is None:
        return None
    fields = tuple(
        FieldValues(**{**each, "by_choice": _counts(each["by_choice"])}) for each in found["fields"]
    )
    return PeopleCounts(**{**found, "suppressed": _counts(found["suppressed"]), "fields": fields})


def audience_counted_at(connection: Connection, newsletter: str) -> datetime | None:
    """Return when a newsletter's subscribers were counted last; None if never."""
    found: datetime | None = connection.scalar(
        select(stored_counts.c.counted_at).where(stored_counts.c.newsletter == newsletter)
    )
    return found


def _states(connection: Connection, newsletter: str) -> tuple[Count, ...]:
    rows = connection.execute(
        select(subscriptions.c.state, func.count())
        .where(subscriptions.c.newsletter == newsletter)
        .group_by(subscriptions.c.state)
    )
    return _sorted({state: count for state, count in rows})  # noqa: C416 - mypy: rows are no pairs


def _save(connection: Connection, newsletter: str, counts: AudienceCounts | PeopleCounts) -> None:
    figures = asdict(counts)
    values = {"counted_at": figures.pop("counted_at"), "figures": json.dumps(figures)}
    new = insert_for(connection, stored_counts).values(newsletter=newsletter, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["newsletter"], set_=values))


def _read(connection: Connection, newsletter: str) -> dict[str, Any] | None:
    row = connection.execute(
        select(stored_counts).where(stored_counts.c.newsletter == newsletter)
    ).one_or_none()
    return {"counted_at": row.counted_at, **json.loads(row.figures)} if row else None


def _counts(stored: Iterable[Mapping[str, Any]]) -> tuple[Count, ...]:
    return tuple(Count(**each) for each in stored)


def _as_mapping(counts: Iterable[Count]) -> dict[str, int]:
    return {each.value: each.subscribers for each in counts}


def _sorted(counts: Mapping[str, int]) -> tuple[Count, ...]:
    """Return counts, the most frequent first, without zeros."""
    found = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Count(value=value, subscribers=number) for value, number in found if number)

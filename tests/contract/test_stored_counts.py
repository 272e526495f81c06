"""The counts over the whole list, with a real store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from digest.models import Count
from digest.store import stored_counts
from digest.store.engine import Database
from subscribers.addresses import parse_address
from subscribers.fieldvalues import save_fields
from subscribers.people import add_person, subscribe
from subscribers.preferences import Preferences, State, Subscription
from subscribers.segments import EVERYBODY, Segment
from subscribers.suppression import SuppressionReason, suppress

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
KEYS = ("a key of the tests",)


def add(database: Database, address: str, state: State = State.CONFIRMED, **chosen: Any) -> int:
    mailbox = parse_address(address, allow_reserved=True)
    with database.write() as connection:
        person = add_person(connection, mailbox, name="", now=NOW)
        subscription = Subscription(
            newsletter="weekly",
            state=state,
            joined_at=NOW,
            preferences=Preferences(**chosen),
            source="fair" if chosen else "",
        )
        subscribe(connection, person.id, subscription)
    return person.id


@pytest.fixture
def people(database: Database) -> list[int]:
    """Store five subscribers: one has left, one is suppressed, one is paused."""
    ids = [
        add(database, "ann@one.example", categories=("Sea", "Sky"), language="de"),
        add(database, "ben@one.example", cadence="monthly", paused_until=LATER),
        add(database, "cyn@two.example"),
        add(database, "dan@two.example", State.LEFT),
        add(database, "eve@two.example"),
    ]
    with database.write() as connection:
        eve = parse_address("eve@two.example", allow_reserved=True)
        for reason in (SuppressionReason.MANUAL, SuppressionReason.BOUNCED):
            suppress(connection, KEYS, eve, reason, now=NOW)
        save_fields(connection, ids[0], {"plan": "pro", "city": "Bern"})
        save_fields(connection, ids[3], {"plan": "free"})
    return ids


def pairs(counts: tuple[Count, ...]) -> list[tuple[str, int]]:
    return [(each.value, each.subscribers) for each in counts]


def test_an_audience_is_counted_by_every_value_and_kept_with_its_time(
    database: Database, people: list[int]
) -> None:
    with database.write() as connection:
        counted = stored_counts.count_audience(connection, "weekly", EVERYBODY, now=NOW)
        stored_counts.save_audience(connection, counted)
        assert stored_counts.audience_counted_at(connection, "weekly") == NOW
        assert stored_counts.read_audience(connection, "weekly") == counted
    assert (counted.subscribers, counted.paused) == (3, 1)
    assert pairs(counted.states) == [("confirmed", 4), ("left", 1)]
    assert pairs(counted.cadences) == [("", 2), ("monthly", 1)]
    assert pairs(counted.languages) == [("", 2), ("de", 1)]
    assert pairs(counted.domains) == [("one.example", 2), ("two.example", 1)]
    assert pairs(counted.sources) == [("fair", 2), ("", 1)]
    assert pairs(counted.categories) == [("", 2), ("Sea", 1), ("Sky", 1)]


def test_subscribers_outside_the_segment_are_counted_by_state_only(
    database: Database, people: list[int]
) -> None:
    with database.read() as connection:
        german = Segment(languages=("de",))
        counted = stored_counts.count_audience(connection, "weekly", german, now=NOW)
    assert (counted.subscribers, counted.paused) == (1, 0)
    assert pairs(counted.states) == [("confirmed", 4), ("left", 1)]


def test_all_people_are_counted_by_reason_and_field(database: Database, people: list[int]) -> None:
    with database.write() as connection:
        assert stored_counts.read_people(connection) is None
        counted = stored_counts.count_people(connection, ["plan"], now=NOW)
        stored_counts.save_people(connection, counted)
        assert stored_counts.read_people(connection) == counted
    assert counted.people == 5
    assert pairs(counted.suppressed) == [("bounced", 1), ("manual", 1)]
    assert [(each.name, each.people, pairs(each.by_choice)) for each in counted.fields] == [
        ("city", 1, []),
        ("plan", 2, [("free", 1), ("pro", 1)]),
    ]


def test_later_counts_replace_the_earlier_ones(database: Database, people: list[int]) -> None:
    with database.write() as connection:
        for at in (NOW, LATER):
            counted = stored_counts.count_audience(connection, "weekly", EVERYBODY, now=at)
            stored_counts.save_audience(connection, counted)
        found = stored_counts.read_audience(connection, "weekly")
        assert stored_counts.read_audience(connection, "other") is None
    assert found is not None
    assert (found.counted_at, found.paused) == (LATER, 0)

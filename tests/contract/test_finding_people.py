"""Searches in the list of people, with a real store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from digest.store.engine import Database
from subscribers.addresses import parse_address
from subscribers.finding import (
    newest_people,
    people_in_state,
    people_starting,
    subscriptions_of,
    suppressed_people,
)
from subscribers.people import add_person, subscribe
from subscribers.preferences import Person, State, Subscription
from subscribers.suppression import SuppressionReason, suppress

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
#: A language would sort these in another order than their bytes.
NAMES = ("ann", "ann-b", "ann.c", "anna", "ANNE", "ann_d", "bob", "é", "zoe")


@pytest.fixture
def people(database: Database) -> list[Person]:
    """Store people with one newsletter; Bob has left, Zoe is suppressed."""
    found = []
    with database.write() as connection:
        for name in NAMES:
            address = parse_address(f"{name}@one.example", allow_reserved=True)
            person = add_person(connection, address, name=name, now=NOW)
            state = State.LEFT if name == "bob" else State.CONFIRMED
            held = Subscription(newsletter="weekly", state=state, joined_at=NOW)
            subscribe(connection, person.id, held)
            found.append(person)
            if name == "zoe":
                suppress(connection, ("a key",), address, SuppressionReason.MANUAL, now=NOW)
    return found


def names(found: tuple[Person, ...]) -> list[str]:
    return [person.name for person in found]


def test_people_are_found_by_the_beginning_of_their_address_in_pages(
    database: Database, people: list[Person]
) -> None:
    with database.read() as connection:
        first = people_starting(connection, "ann", after="", most=3)
        second = people_starting(connection, "ann", after="ann.c@one.example", most=9)
        whole = people_starting(connection, "ann@one.example", after="", most=9)
        accented = people_starting(connection, "é", after="", most=9)
        none = people_starting(connection, "ann%", after="", most=9)
    assert names(first) == ["ann-b", "ann.c", "ann"]
    assert names(second) == ["ann", "ann_d", "anna", "ANNE"]
    assert (names(whole), names(accented), names(none)) == (["ann"], ["é"], [])


def test_people_are_listed_newest_first_in_pages(database: Database, people: list[Person]) -> None:
    with database.read() as connection:
        first = newest_people(connection, before=None, most=2)
        second = newest_people(connection, before=first[-1].id, most=2)
    assert (names(first), names(second)) == (["zoe", "é"], ["bob", "ann_d"])


def test_people_are_listed_by_state_and_the_suppressed_ones(
    database: Database, people: list[Person]
) -> None:
    with database.read() as connection:
        left = people_in_state(connection, "weekly", State.LEFT, before=None, most=9)
        active = people_in_state(connection, "weekly", State.CONFIRMED, before=None, most=1)
        other = people_in_state(connection, "monthly", State.CONFIRMED, before=None, most=9)
        suppressed = suppressed_people(connection, before=None, most=9)
        held = subscriptions_of(connection, [left[0].id, suppressed[0].id])
    assert (names(left), names(active), names(other)) == (["bob"], ["zoe"], [])
    assert names(suppressed) == ["zoe"]
    assert [held[person.id][0].state for person in (*left, *suppressed)] == [
        State.LEFT,
        State.CONFIRMED,
    ]


def test_a_search_by_the_beginning_of_an_address_uses_an_index(
    database: Database, people: list[Person]
) -> None:
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            query = (
                "EXPLAIN SELECT * FROM people WHERE address_key ~>=~ 'ann' AND"
                " address_key ~<~ 'anz' ORDER BY address_key USING ~<~ LIMIT 3"
            )
        else:
            query = (
                "EXPLAIN QUERY PLAN SELECT * FROM people WHERE address_key >= 'ann' AND"
                " address_key < 'anz' ORDER BY address_key LIMIT 3"
            )
        plan = "\n".join(str(tuple(row)) for row in connection.execute(text(query)))
    assert "Sort" not in plan
    assert "SCAN" not in plan
    assert "people_address_start" in plan or "SEARCH people USING INDEX" in plan

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from subscribers.addresses import parse_address
from subscribers.erasing import erase_person
from subscribers.people import (
    add_person,
    change_many,
    find_person,
    find_public_id,
    find_subscription,
    leave,
    list_subscriptions,
    rename_person,
    stream_subscribers,
    subscribe,
)
from subscribers.preferences import Consent, Person, Preferences, State, Subscription
from subscribers.suppression import (
    SuppressionReason,
    find_reasons,
    hash_address,
    is_suppressed,
    suppress,
    unsuppress,
)
from subscribers.tables import people, subscriptions
from tests.contract.subscribers_database import open_people
from tests.support.databases import database_url

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ANN = parse_address("Ann@heritage.org")
KEYS = ("new", "old")
WEEKLY = Subscription(newsletter="weekly", state=State.CONFIRMED, joined_at=NOW)


@pytest.fixture
def connection(engine: str, tmp_path: Path) -> Iterator[Connection]:
    place = database_url(engine, tmp_path)
    with open_people(place) as database, database.write() as connection:
        yield connection


@pytest.fixture
def ann(connection: Connection) -> Person:
    return add_person(connection, ANN, name="Ann", now=NOW)


def test_a_person_is_found_under_any_spelling(connection: Connection, ann: Person) -> None:
    assert find_person(connection, parse_address("ANN@Heritage.org")) == ann
    assert find_public_id(connection, ann.public_id) == ann
    assert find_person(connection, parse_address("bob@heritage.org")) is None


def test_a_subscription_is_read_back_whole(connection: Connection, ann: Person) -> None:
    full = Subscription(
        newsletter="weekly",
        state=State.LEFT,
        joined_at=NOW,
        preferences=Preferences(
            categories=("Economy", "Ünion"),
            cadence="monthly",
            language="de",
            text_size="large",
            zone="Europe/Berlin",
            hour=0,
            paused_until=NOW + timedelta(days=3),
        ),
        consent=Consent(at=NOW, how="form", text="v1"),
        seen_seq=0,
        left_at=NOW,
        left_how="page",
    )
    subscribe(connection, ann.id, full)
    assert find_subscription(connection, ann.id, "weekly") == full


def test_a_changed_subscription_replaces_the_former(connection: Connection, ann: Person) -> None:
    subscribe(connection, ann.id, WEEKLY)
    change_many(connection, [(ann.id, WEEKLY, replace(WEEKLY, state=State.BOUNCED))])
    rename_person(connection, ann.id, "Ann Lee")
    found = find_person(connection, ANN)
    assert [entry.state for entry in list_subscriptions(connection, ann.id)] == [State.BOUNCED]
    assert found is not None
    assert found.name == "Ann Lee"


def test_leaving_ends_one_newsletter_only(connection: Connection, ann: Person) -> None:
    subscribe(connection, ann.id, WEEKLY)
    subscribe(connection, ann.id, replace(WEEKLY, newsletter="monthly"))
    assert leave(connection, ann.id, "weekly", how="one-click", now=NOW)
    states = {entry.newsletter: entry.state for entry in list_subscriptions(connection, ann.id)}
    assert states == {"weekly": State.LEFT, "monthly": State.CONFIRMED}


def test_leaving_twice_keeps_the_first_time(connection: Connection, ann: Person) -> None:
    subscribe(connection, ann.id, WEEKLY)
    leave(connection, ann.id, "weekly", how="page", now=NOW)
    assert not leave(connection, ann.id, "weekly", how="manual", now=NOW + timedelta(days=1))
    found = find_subscription(connection, ann.id, "weekly")
    assert found is not None
    assert (found.left_at, found.left_how) == (NOW, "page")


def test_a_complaint_is_not_softened_to_leaving(connection: Connection, ann: Person) -> None:
    subscribe(connection, ann.id, replace(WEEKLY, state=State.COMPLAINED))
    assert not leave(connection, ann.id, "weekly", how="page", now=NOW)


def test_every_subscriber_is_streamed_once_over_many_pages(connection: Connection) -> None:
    rows = [
        {"public_id": f"{n:022}", "address": f"u{n}@h.org", "address_key": f"u{n}@h.org",
         "created_at": NOW}
        for n in range(2500)
    ]  # fmt: skip
    connection.execute(insert(people), rows)
    connection.execute(
        insert(subscriptions),
        [
            {"person_id": n + 1, "newsletter": "weekly", "state": "confirmed", "joined_at": NOW}
            for n in range(2500)
        ],
    )
    streamed = [person.address for person, _ in stream_subscribers(connection, "weekly")]
    assert streamed == [f"u{n}@h.org" for n in range(2500)]


def test_suppression_is_mirrored_into_the_person(connection: Connection, ann: Person) -> None:
    suppress(connection, KEYS, ANN, SuppressionReason.MANUAL, now=NOW)
    suppress(connection, KEYS, ANN, SuppressionReason.BOUNCED, now=NOW)
    found = find_person(connection, ANN)
    assert found is not None
    assert found.suppressed == ("bounced", "manual")
    assert find_reasons(connection, KEYS, ANN) == ("bounced", "manual")


def test_suppression_holds_under_every_key_and_spelling(connection: Connection) -> None:
    suppress(connection, ("old",), ANN, SuppressionReason.MANUAL, now=NOW)
    assert is_suppressed(connection, KEYS, parse_address("ANN@heritage.org"))
    assert not is_suppressed(connection, ("new",), ANN)
    suppress(connection, KEYS, ANN, SuppressionReason.COMPLAINED, now=NOW)
    assert find_reasons(connection, ("old",), ANN) == ("complained", "manual")


def test_unsuppressing_clears_list_and_person(connection: Connection, ann: Person) -> None:
    suppress(connection, ("old",), ANN, SuppressionReason.MANUAL, now=NOW)
    assert unsuppress(connection, KEYS, ANN)
    assert not unsuppress(connection, KEYS, ANN)
    found = find_person(connection, ANN)
    assert found is not None
    assert found.suppressed == ()


def test_the_list_holds_no_address(connection: Connection) -> None:
    assert hash_address("key", ANN) != hash_address("other", ANN)
    assert "ann" not in hash_address("key", ANN)


def test_erasing_keeps_nothing_but_the_suppression(connection: Connection, ann: Person) -> None:
    subscribe(connection, ann.id, WEEKLY)
    assert erase_person(connection, KEYS, ANN, now=NOW)
    assert find_public_id(connection, ann.public_id) is None
    assert list_subscriptions(connection, ann.id) == ()
    assert is_suppressed(connection, KEYS, ANN)

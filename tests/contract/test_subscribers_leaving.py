"""Leaving, staying with less mail and coming back, and every change of a subscription's state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from subscribers.addresses import parse_address
from subscribers.importing import apply_row
from subscribers.joining import confirm_sign_up, store_applicant
from subscribers.merging import ImportOptions
from subscribers.people import (
    add_person,
    change_many,
    confirm,
    find_subscription,
    leave,
    subscribe,
)
from subscribers.preferences import Consent, Person, Preferences, State, Subscription
from subscribers.reasons import Reason, dump_reason, give_reason, list_reasons, load_reason
from subscribers.returning import can_return, come_back
from subscribers.rows import SubscriberRow
from subscribers.staying import choose_cadence, pause
from subscribers.suppression import SuppressionReason, suppress, unsuppress
from tests.contract.subscribers_database import open_people
from tests.support.databases import database_url
from tests.support.subscriptions import put_subscription

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
ADDRESS = parse_address("ann@heritage.org")
KEYS = ("new", "old")
CONSENT = Consent(at=NOW, how="form", text="yes")
FULL = Subscription(
    newsletter="weekly",
    state=State.CONFIRMED,
    joined_at=NOW - timedelta(days=90),
    preferences=Preferences(categories=("Sea",), cadence="daily", language="de", hour=6),
    consent=CONSENT,
    seen_seq=41,
)


@pytest.fixture
def connection(engine: str, tmp_path: Path) -> Iterator[Connection]:
    place = database_url(engine, tmp_path)
    with open_people(place) as database, database.write() as connection:
        yield connection


@pytest.fixture
def ann(connection: Connection) -> Person:
    person = add_person(connection, ADDRESS, name="Ann", now=NOW)
    subscribe(connection, person.id, FULL)
    return person


def stored(connection: Connection, person: Person) -> Subscription:
    found = find_subscription(connection, person.id, "weekly")
    assert found is not None
    return found


def go(connection: Connection, person: Person, how: str = "page", at: datetime = NOW) -> bool:
    return leave(connection, person.id, "weekly", how=how, now=at)


def back(connection: Connection, person: Person, at: datetime = LATER) -> bool:
    return come_back(connection, person.id, "weekly", now=at)


@pytest.mark.parametrize("how", ["page", "one-click", "manual"])
def test_coming_back_restores_the_subscription_as_it_was(
    connection: Connection, ann: Person, how: str
) -> None:
    assert go(connection, ann, how)
    left = stored(connection, ann)
    assert (left.state, left.left_from, left.seen_seq) == (State.LEFT, State.CONFIRMED, 41)
    assert can_return(ann, left, now=LATER)
    assert back(connection, ann)
    assert stored(connection, ann) == FULL
    assert not back(connection, ann)


def test_the_way_back_is_open_for_thirty_days(connection: Connection, ann: Person) -> None:
    go(connection, ann)
    last = NOW + timedelta(days=30)
    for at, is_open in ((last + timedelta(seconds=1), False), (last, True)):
        assert can_return(ann, stored(connection, ann), now=at) is is_open
        assert back(connection, ann, at) is is_open


@pytest.mark.parametrize("state", [State.PENDING, State.BOUNCED])
def test_who_was_not_confirmed_does_not_come_back_confirmed(
    connection: Connection, ann: Person, state: State
) -> None:
    subscribe(connection, ann.id, replace(FULL, newsletter="other", state=state))
    assert leave(connection, ann.id, "other", how="page", now=NOW)
    found = find_subscription(connection, ann.id, "other")
    assert found is not None
    assert (found.state, found.left_from) == (State.LEFT, state)
    assert not can_return(ann, found, now=LATER)
    assert not come_back(connection, ann.id, "other", now=LATER)


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_a_suppressed_address_does_not_come_back(
    connection: Connection, ann: Person, reason: SuppressionReason
) -> None:
    go(connection, ann)
    suppress(connection, KEYS, ADDRESS, reason, now=NOW)
    assert not can_return(replace(ann, suppressed=(reason,)), stored(connection, ann), now=LATER)
    assert not back(connection, ann)
    unsuppress(connection, KEYS, ADDRESS)
    assert back(connection, ann)


def test_a_leaving_by_import_is_not_undone(connection: Connection, ann: Person) -> None:
    imported = replace(FULL, newsletter="other", state=State.LEFT, left_at=NOW, left_how="import")
    for came_from in (None, State.CONFIRMED):
        kept = replace(imported, left_from=came_from)
        assert not can_return(ann, kept, now=LATER)
    subscribe(connection, ann.id, replace(imported, left_from=State.CONFIRMED))
    assert not come_back(connection, ann.id, "other", now=LATER)


def test_leaving_twice_keeps_the_first_time_and_way(connection: Connection, ann: Person) -> None:
    go(connection, ann, "one-click")
    before = stored(connection, ann)
    assert not go(connection, ann, "page", LATER)
    assert stored(connection, ann) == before


def test_a_pause_and_another_cadence_change_nothing_else(
    connection: Connection, ann: Person
) -> None:
    assert pause(connection, ann.id, "weekly", LATER)
    assert choose_cadence(connection, ann.id, "weekly", "monthly")
    chosen = replace(FULL.preferences, paused_until=LATER, cadence="monthly")
    assert stored(connection, ann) == replace(FULL, preferences=chosen)
    assert pause(connection, ann.id, "weekly", None)
    assert stored(connection, ann).preferences.paused_until is None


def test_who_has_left_is_not_paused(connection: Connection, ann: Person) -> None:
    go(connection, ann)
    before = stored(connection, ann)
    assert not pause(connection, ann.id, "weekly", LATER)
    assert not choose_cadence(connection, ann.id, "weekly", "monthly")
    assert stored(connection, ann) == before


def test_reasons_are_listed_newest_first_and_go_with_a_return(
    connection: Connection, ann: Person
) -> None:
    given = dump_reason(Reason.TOO_OFTEN, "Every day: too much")
    assert not give_reason(connection, ann.id, "weekly", given)
    go(connection, ann)
    assert give_reason(connection, ann.id, "weekly", given)
    bob = add_person(connection, parse_address("bob@heritage.org"), name="", now=NOW)
    subscribe(connection, bob.id, FULL)
    go(connection, bob, at=LATER)
    give_reason(connection, bob.id, "weekly", dump_reason(Reason.OTHER, ""))
    carl = add_person(connection, parse_address("carl@heritage.org"), name="", now=NOW)
    subscribe(connection, carl.id, FULL)
    go(connection, carl)
    listed = [(each.reason, each.words) for each in list_reasons(connection, "weekly")]
    assert listed == [(Reason.OTHER, ""), (Reason.TOO_OFTEN, "Every day: too much")]
    back(connection, ann)
    assert [each.reason for each in list_reasons(connection, "weekly")] == [Reason.OTHER]
    assert list(list_reasons(connection, "other")) == []


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", ""),
        (" a:\n b ", "a: b"),
        (": ", ":"),
        ("\x1b[31mred\x00\u202e", "[31mred"),
        ("ä" * 600, "ä" * 500),
    ],
)
def test_a_stored_reason_is_read_back(reason: Reason, words: str, kept: str) -> None:
    assert load_reason(dump_reason(reason, words)) == (reason, kept)


def test_stored_words_never_change() -> None:
    assert [*Reason] == ["too-often", "not-for-me", "read-elsewhere", "not-asked-for", "other"]
    assert {*State} == {"pending", "confirmed", "bounced", "left", "complained"}


# --- every state and every event ----------------------------------------------------------------

Event = Callable[[Connection, Person], object]


def _import(state: State | None, consent: str = "the form") -> Event:
    row = SubscriberRow(address=ADDRESS, state=state)
    options = ImportOptions(newsletter="weekly", keys=KEYS, now=LATER, consent=consent)
    return lambda connection, _person: apply_row(connection, row, options)


SIGNED_UP = Subscription(newsletter="weekly", state=State.PENDING, joined_at=LATER)
AGREED = replace(
    SIGNED_UP, state=State.CONFIRMED, consent=Consent(at=LATER, how="form", text="again")
)

EVENTS: dict[str, Event] = {
    "sign up": lambda c, _person: store_applicant(c, KEYS, ADDRESS, SIGNED_UP, now=LATER),
    "confirm": lambda c, person: confirm_sign_up(c, KEYS, person, ADDRESS, AGREED),
    "leave": lambda c, person: go(c, person, at=LATER),
    "return": back,
    "pause": lambda c, person: pause(c, person.id, "weekly", LATER),
    "import": _import(None),
    "import without consent": _import(None, ""),
    "import confirmed": _import(State.CONFIRMED),
    "import pending": _import(State.PENDING),
    "import bounced": _import(State.BOUNCED),
    "import left": _import(State.LEFT),
    "import complained": _import(State.COMPLAINED),
}

#: The state after each event, where it changes: nobody who has left or bounced is ever confirmed by
#: anything but their own return or their answer to the mail of a sign-up; nobody who complained is.
CHANGES = {
    State.PENDING: {
        "confirm": State.CONFIRMED,
        "leave": State.LEFT,
        "import": State.CONFIRMED,
        "import confirmed": State.CONFIRMED,
        "import bounced": State.BOUNCED,
        "import left": State.LEFT,
        "import complained": State.COMPLAINED,
    },
    State.CONFIRMED: {
        "leave": State.LEFT,
        "import bounced": State.BOUNCED,
        "import left": State.LEFT,
        "import complained": State.COMPLAINED,
    },
    State.BOUNCED: {
        "confirm": State.CONFIRMED,
        "leave": State.LEFT,
        "import left": State.LEFT,
        "import complained": State.COMPLAINED,
    },
    # As an import stores it; a person's own leaving is below.
    State.LEFT: {"confirm": State.CONFIRMED, "import complained": State.COMPLAINED},
    State.COMPLAINED: {},
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", State)
def test_every_event_in_every_state(
    connection: Connection, ann: Person, state: State, event: str
) -> None:
    ended: dict[str, Any] = {"left_at": NOW, "left_how": "import"} if state.is_ended else {}
    consent = None if state is State.PENDING else CONSENT
    put_subscription(connection, ann.id, replace(FULL, state=state, consent=consent, **ended))
    EVENTS[event](connection, ann)
    after = stored(connection, ann)
    assert after.state is CHANGES[state].get(event, state)
    assert (after.state is State.CONFIRMED) <= (after.consent is not None)
    if event == "confirm" and after.state is not state:
        # A newcomer: nothing of the subscription before stays.
        assert after == AGREED
    else:
        assert after.seen_seq == 41


@pytest.mark.parametrize("event", EVENTS)
def test_only_a_return_or_a_confirmed_sign_up_confirms_who_has_left(
    connection: Connection, ann: Person, event: str
) -> None:
    go(connection, ann)
    EVENTS[event](connection, ann)
    expected = {
        "confirm": State.CONFIRMED,
        "return": State.CONFIRMED,
        "import complained": State.COMPLAINED,
    }
    assert stored(connection, ann).state is expected.get(event, State.LEFT)


@pytest.mark.parametrize("began", [State.PENDING, State.CONFIRMED])
def test_a_leaving_since_the_subscription_was_read_is_not_undone(
    connection: Connection, ann: Person, began: State
) -> None:
    before = replace(FULL, state=began)
    put_subscription(connection, ann.id, before)
    go(connection, ann)
    left = stored(connection, ann)
    assert not confirm(connection, ann.id, before, AGREED)
    change_many(connection, [(ann.id, before, AGREED)])
    assert stored(connection, ann) == left


def test_a_second_leaving_since_the_sign_up_was_read_is_not_undone(
    connection: Connection, ann: Person
) -> None:
    go(connection, ann)
    before = stored(connection, ann)
    back(connection, ann)
    go(connection, ann, at=LATER)
    assert not confirm(connection, ann.id, before, AGREED)
    assert confirm(connection, ann.id, stored(connection, ann), AGREED)
    assert stored(connection, ann) == AGREED


def test_an_import_does_not_move_a_window_back(connection: Connection, ann: Person) -> None:
    put_subscription(connection, ann.id, replace(FULL, seen_seq=50))
    chosen = replace(FULL, preferences=Preferences(cadence="monthly"))
    change_many(connection, [(ann.id, FULL, chosen)])
    assert stored(connection, ann) == replace(chosen, seen_seq=50)

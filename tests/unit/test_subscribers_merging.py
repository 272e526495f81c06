from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from subscribers.addresses import Address
from subscribers.merging import ImportOptions, merge_subscription, start_subscription
from subscribers.preferences import Preferences, State, Subscription
from subscribers.rows import SubscriberRow

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ROW = SubscriberRow(address=Address(address="a@heritage.org", key="a@heritage.org"))
ASKED = ImportOptions(newsletter="weekly", keys=("key",), now=NOW, consent="form of 2024")
UNASKED = replace(ASKED, consent="")


def known(state: State) -> Subscription:
    return Subscription(newsletter="weekly", state=state, joined_at=NOW)


def test_without_consent_newcomers_stay_pending() -> None:
    started = start_subscription(replace(ROW, state=State.CONFIRMED), UNASKED)
    assert started.state is State.PENDING
    assert started.consent is None


def test_consent_confirms_and_is_recorded() -> None:
    started = start_subscription(ROW, ASKED)
    assert started.state is State.CONFIRMED
    assert started.consent is not None
    assert (started.consent.how, started.consent.text) == ("import", "form of 2024")


def test_consent_does_not_confirm_a_pending_subscriber_of_another_service() -> None:
    started = start_subscription(replace(ROW, state=State.PENDING), ASKED)
    assert started.state is State.PENDING


@pytest.mark.parametrize("state", [State.LEFT, State.BOUNCED, State.COMPLAINED])
def test_ended_rows_begin_ended(state: State) -> None:
    started = start_subscription(replace(ROW, state=state), ASKED)
    assert started.state is state
    assert started.left_at == NOW


@pytest.mark.parametrize("state", [State.LEFT, State.BOUNCED, State.COMPLAINED])
@pytest.mark.parametrize("told", [None, State.CONFIRMED, State.PENDING])
def test_mail_that_ended_never_begins_again(state: State, told: State | None) -> None:
    row = replace(ROW, state=told, preferences=Preferences(categories=("Security",)))
    assert merge_subscription(known(state), row, ASKED) == known(state)


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        (State.CONFIRMED, State.LEFT, State.LEFT),
        (State.PENDING, State.BOUNCED, State.BOUNCED),
        (State.BOUNCED, State.LEFT, State.LEFT),
        (State.LEFT, State.BOUNCED, State.LEFT),
        (State.LEFT, State.COMPLAINED, State.COMPLAINED),
        (State.COMPLAINED, State.LEFT, State.COMPLAINED),
    ],
)
def test_the_stronger_ending_wins(before: State, told: State, after: State) -> None:
    assert merge_subscription(known(before), replace(ROW, state=told), ASKED).state is after


def test_a_pending_subscriber_is_confirmed_by_consent_only() -> None:
    assert merge_subscription(known(State.PENDING), ROW, UNASKED).state is State.PENDING
    assert merge_subscription(known(State.PENDING), ROW, ASKED).state is State.CONFIRMED


def test_empty_cells_change_nothing() -> None:
    chosen = Preferences(categories=("Economy",), hour=0, zone="Europe/Paris", text_size="large")
    before = replace(known(State.CONFIRMED), preferences=chosen)
    assert merge_subscription(before, ROW, ASKED) == before


def test_given_preferences_are_stored() -> None:
    row = replace(ROW, preferences=Preferences(categories=("Security",), hour=7))
    merged = merge_subscription(known(State.CONFIRMED), row, ASKED)
    assert merged.preferences == row.preferences


def test_an_unknown_day_of_joining_is_taken_from_the_row() -> None:
    day = NOW - timedelta(days=30)
    unknown = replace(known(State.CONFIRMED), is_joined_known=False)
    for before, joined_at in ((unknown, day), (known(State.CONFIRMED), NOW)):
        merged = merge_subscription(before, replace(ROW, joined_at=day), ASKED)
        assert (merged.joined_at, merged.is_joined_known) == (joined_at, True)


def test_no_subscriber_joined_in_the_future() -> None:
    row = replace(ROW, joined_at=NOW + timedelta(days=1))
    assert start_subscription(row, ASKED).joined_at == NOW

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sender.retry import LONGEST_WAIT, MIN_ATTEMPTS, is_due, plan_retry

DUE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def wait(
    attempts: int, *, age: timedelta = timedelta(), is_greylisted: bool = False, delivery: int = 1
) -> timedelta | None:
    """Return the wait of a delivery that was due `age` ago."""
    retry_at = plan_retry(
        delivery_id=delivery,
        attempts=attempts,
        is_greylisted=is_greylisted,
        not_before=DUE,
        now=DUE + age,
        max_age=timedelta(hours=24),
    )
    return retry_at - DUE - age if retry_at else None


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60)])
def test_the_first_waits_grow(attempts: int, minutes: int) -> None:
    assert wait(attempts) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 5), (2, 5), (3, 15)])
def test_greylisting_waits_at_least_five_minutes(attempts: int, minutes: int) -> None:
    assert wait(attempts, is_greylisted=True) == timedelta(minutes=minutes)


@given(st.integers(5, 30), st.integers(1, 10**9))
def test_later_waits_are_an_hour_give_or_take_a_tenth(attempts: int, delivery: int) -> None:
    later = wait(attempts, delivery=delivery)
    assert later is not None
    assert timedelta(minutes=54) <= later <= timedelta(minutes=66)


def test_the_hourly_tries_are_spread_and_the_same_each_time() -> None:
    waits = [wait(5, delivery=number) for number in range(100)]
    assert len(set(waits)) > 90
    assert waits == [wait(5, delivery=number) for number in range(100)]


@pytest.mark.parametrize(
    ("hours", "goes_on"), [(22.0, True), (22.9, True), (23.1, False), (24.0, False), (99.0, False)]
)
def test_a_delivery_is_given_up_after_its_greatest_age(hours: float, goes_on: bool) -> None:
    assert (wait(6, age=timedelta(hours=hours)) is not None) is goes_on


@pytest.mark.parametrize("attempts", range(1, MIN_ATTEMPTS))
def test_a_delivery_is_not_given_up_after_few_attempts(attempts: int) -> None:
    """A clock that was set forward makes every delivery old."""
    assert wait(attempts, age=timedelta(days=400)) is not None


@given(st.integers(1, 30), st.integers(1, 10**9), st.booleans())
def test_no_try_is_planned_further_ahead_than_the_longest_wait(
    attempts: int, delivery: int, is_greylisted: bool
) -> None:
    planned = wait(attempts, delivery=delivery, is_greylisted=is_greylisted)
    assert planned is not None
    assert planned < LONGEST_WAIT


@pytest.mark.parametrize(
    ("ahead", "due"),
    [
        (timedelta(days=-3), True),
        (timedelta(), True),
        (timedelta(seconds=1), False),
        (timedelta(minutes=66), False),
        (LONGEST_WAIT, False),
        # The clock was set back after the try was planned.
        (timedelta(minutes=71), True),
        (timedelta(days=365), True),
    ],
)
def test_a_time_beyond_the_longest_wait_counts_as_due(ahead: timedelta, due: bool) -> None:
    assert is_due(DUE + ahead, DUE) is due

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.models import Manners
from digest.scheduler.polling import is_due

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("interval", "failures", "wait"),
    [
        (HOUR, 0, HOUR),
        (HOUR, 1, 2 * HOUR),
        (HOUR, 3, 8 * HOUR),
        (HOUR, 5, 24 * HOUR),
        (HOUR, 100_000, 24 * HOUR),
        (timedelta(minutes=1), 100, 24 * HOUR),
        # Never more often than configured.
        (48 * HOUR, 3, 48 * HOUR),
    ],
)
def test_a_feed_waits_its_interval_and_twice_as_long_for_each_failure(
    interval: timedelta, failures: int, wait: timedelta
) -> None:
    a_second = timedelta(seconds=1)
    assert is_due(interval, checked_at=NOW - wait, failures=failures, now=NOW)
    assert not is_due(interval, checked_at=NOW - wait + a_second, failures=failures, now=NOW)


def test_a_feed_that_was_never_read_is_due() -> None:
    assert is_due(HOUR, checked_at=None, failures=0, now=NOW)


def test_a_clock_that_was_set_back_does_not_silence_a_feed() -> None:
    assert is_due(HOUR, checked_at=NOW + 3 * HOUR, failures=0, now=NOW)


def due(after: timedelta, *, start: datetime = NOW, **said: Any) -> bool:
    return is_due(HOUR, checked_at=start, failures=0, now=start + after, **said)


@pytest.mark.parametrize(
    ("asked_for", "wait"),
    [
        (timedelta(minutes=5), HOUR),  # ours is longer
        (3 * HOUR, 3 * HOUR),
        (24 * HOUR, 24 * HOUR),
        (timedelta(days=365), 24 * HOUR),
        (-HOUR, HOUR),
        (timedelta(0), HOUR),
    ],
)
def test_a_feed_is_not_read_more_often_than_it_asks(asked_for: timedelta, wait: timedelta) -> None:
    manners = Manners(min_interval=asked_for)
    assert due(wait, manners=manners)
    assert not due(wait - timedelta(seconds=1), manners=manners)


def test_skip_hours_are_obeyed() -> None:
    manners = Manners(skip_hours=frozenset({13, 14}))
    assert [due(hours * HOUR, manners=manners) for hours in (1, 2, 3)] == [False, False, True]


def test_skip_days_are_obeyed() -> None:
    friday = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)
    manners = Manners(skip_days=frozenset({5, 6}))
    assert due(HOUR, start=friday, manners=manners)
    assert not due(2 * HOUR, start=friday, manners=manners)
    assert not due(49 * HOUR, start=friday, manners=manners)
    assert due(50 * HOUR, start=friday, manners=manners)


def test_no_feed_can_stop_polling_for_ever() -> None:
    never = Manners(skip_days=frozenset(range(7)), skip_hours=frozenset(range(24)))
    assert not due(timedelta(days=2), manners=never)
    assert due(timedelta(days=3), manners=never)
    assert is_due(HOUR, checked_at=None, failures=0, now=NOW, manners=never)


def test_a_server_that_asks_for_a_pause_gets_one() -> None:
    until = NOW + 5 * HOUR
    assert not due(4 * HOUR, not_before=until)
    assert due(5 * HOUR, not_before=until)
    assert not is_due(HOUR, checked_at=None, failures=0, now=NOW, not_before=until)


def test_a_wait_from_before_the_clock_was_set_back_is_over() -> None:
    assert due(2 * HOUR, not_before=NOW + timedelta(days=400))

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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
        # Never more often than it was meant to be.
        (48 * HOUR, 3, 48 * HOUR),
    ],
)
def test_a_feed_waits_its_interval_and_twice_as_long_for_each_failure(
    interval: timedelta, failures: int, wait: timedelta
) -> None:
    a_second = timedelta(seconds=1)
    assert is_due(interval, checked_at=NOW - wait, failures=failures, now=NOW)
    assert not is_due(interval, checked_at=NOW - wait + a_second, failures=failures, now=NOW)


def test_a_feed_that_was_never_asked_is_due() -> None:
    assert is_due(HOUR, checked_at=None, failures=0, now=NOW)


def test_a_clock_that_was_set_back_does_not_silence_a_feed() -> None:
    assert is_due(HOUR, checked_at=NOW + 3 * HOUR, failures=0, now=NOW)

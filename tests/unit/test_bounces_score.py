from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.bounces.score import has_failed_for_good

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([0, 7, 14, 21, 28], True),
        ([0, 7, 14, 21], False),
        ([0, 1, 2, 3, 4], False),
        ([0, 0.1, 0.2, 0.3, 14], False),
        ([14, 0, 1, 2, 3], True),
        ([], False),
    ],
)
def test_a_mailbox_is_given_up_after_five_failures_over_two_weeks(
    days: list[float], expected: bool
) -> None:
    assert has_failed_for_good([NOW + timedelta(days=day) for day in days]) is expected

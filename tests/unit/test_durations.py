"""Durations as the configuration writes them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.text.durations import duration_text


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(days=90), "90d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=90), "90min"),
        (timedelta(seconds=45), "45s"),
        (timedelta(), "0s"),
    ],
)
def test_a_duration_has_its_largest_whole_unit(duration: timedelta, text: str) -> None:
    assert duration_text(duration) == text

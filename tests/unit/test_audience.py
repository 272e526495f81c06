"""The moment of a slot's hour in a subscriber's zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.pipeline.audience import local_instant


@pytest.mark.parametrize(
    ("zone", "hour", "expected"),
    [
        ("", None, "2026-11-23T07:00"),
        ("Pacific/Kiritimati", None, "2026-11-22T17:00"),
        ("America/Los_Angeles", None, "2026-11-23T15:00"),
        ("Asia/Kathmandu", 20, "2026-11-23T14:15"),
        ("Atlantis/Capital", None, "2026-11-23T07:00"),
        ("../etc/passwd", 9, "2026-11-23T09:00"),
    ],
    ids=["none", "first", "far west", "own hour", "unknown", "no zone at all"],
)
def test_each_subscriber_has_their_own_clock(zone: str, hour: int | None, expected: str) -> None:
    found = local_instant("2026-11-23T07:00", zone, hour, default_zone="Europe/London")
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_local_hour_is_a_full_hour() -> None:
    found = local_instant("2026-11-23T07:30", "", 9, default_zone="UTC")
    assert found == datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local_at", "expected"),
    [("2026-03-29T02:30", "2026-03-29T01:30"), ("2026-10-25T02:30", "2026-10-25T00:30")],
    ids=["skipped: an hour later", "twice: the first"],
)
def test_clock_changes_are_handled_as_for_slots(local_at: str, expected: str) -> None:
    found = local_instant(local_at, "Europe/Paris", None, default_zone="UTC")
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.scheduler.slots import in_words, next_slot, parse_schedule


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "local_at", "due_at"),
    [
        ("Mon 07:00", "UTC", "2026-11-20T12:00", "2026-11-23T07:00", "2026-11-23T07:00"),
        # The slot itself is over: a week later.
        ("Mon 07:00", "UTC", "2026-11-23T07:00", "2026-11-30T07:00", "2026-11-30T07:00"),
        ("Mon 07:00", "UTC", "2026-11-23T06:59", "2026-11-23T07:00", "2026-11-23T07:00"),
        # The day is counted where the newsletter lives, not in UTC.
        (
            "Mon 00:30",
            "Pacific/Auckland",
            "2026-11-22T10:00",
            "2026-11-23T00:30",
            "2026-11-22T11:30",
        ),
        # New York sprang forward on 8 March 2026: 02:30 does not exist and moves to 03:30.
        (
            "Sun 02:30",
            "America/New_York",
            "2026-03-07T12:00",
            "2026-03-08T02:30",
            "2026-03-08T07:30",
        ),
        (
            "Mon 00:30",
            "America/New_York",
            "2026-03-08T12:00",
            "2026-03-09T00:30",
            "2026-03-09T04:30",
        ),
        # It fell back on 1 November 2026: of the two 01:30 the first counts, once.
        (
            "Sun 01:30",
            "America/New_York",
            "2026-10-31T12:00",
            "2026-11-01T01:30",
            "2026-11-01T05:30",
        ),
        (
            "Sun 01:30",
            "America/New_York",
            "2026-11-01T05:30",
            "2026-11-08T01:30",
            "2026-11-08T06:30",
        ),
    ],
)
def test_the_next_slot_is_found_by_the_wall_clock(
    schedule: str, zone: str, after: str, local_at: str, due_at: str
) -> None:
    slot = next_slot(parse_schedule(schedule), ZoneInfo(zone), after=_instant(after))
    assert (slot.local_at, slot.due_at) == (local_at, _instant(due_at))


@pytest.mark.parametrize(
    "text", ["", "Monday 07:00", "Mon 7:00", "Mon 24:00", "mon 07:00", "07:00"]
)
def test_another_form_of_schedule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="Mon 07:00"):
        parse_schedule(text)


def test_a_schedule_is_said_in_words() -> None:
    assert in_words(parse_schedule("Wed 18:05")) == "Wednesdays at 18:05"

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.scheduler.slots import (
    Schedule,
    first_instant,
    in_words,
    next_slot,
    parse_schedule,
    previous_slot,
    slot_named,
    slots_between,
)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "local_at", "due_at"),
    [
        ("Mon 07:00", "UTC", "2026-11-20T12:00", "2026-11-23T07:00", "2026-11-23T07:00"),
        # The slot itself is over: a week later.
        ("Mon 07:00", "UTC", "2026-11-23T07:00", "2026-11-30T07:00", "2026-11-30T07:00"),
        ("Mon 07:00", "UTC", "2026-11-23T06:59", "2026-11-23T07:00", "2026-11-23T07:00"),
        # The day is that of the newsletter's zone, not of UTC.
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
    ("schedule", "days"),
    [
        ("Mon 07:00", ["02", "09", "16", "23", "30"]),
        ("Thu,Mon 07:00", ["02", "05", "09", "12", "16", "19", "23", "26", "30"]),
        ("1st Sun 07:00", ["01"]),
        ("2nd Mon 07:00", ["09"]),
        ("3rd Tue,Sun 07:00", ["15", "17"]),
        ("4th Mon 07:00", ["23"]),
        ("last Mon 07:00", ["30"]),
        ("last Tue 07:00", ["24"]),
        ("daily 07:00", [f"{day:02}" for day in range(1, 31)]),
    ],
)
def test_every_form_falls_on_its_days(schedule: str, days: list[str]) -> None:
    november = slots_between(
        parse_schedule(schedule),
        ZoneInfo("Europe/London"),
        after=_instant("2026-10-31T23:59"),
        until=_instant("2026-11-30T23:59"),
    )
    assert [slot.local_at for slot in november] == [f"2026-11-{day}T07:00" for day in days]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Monday 07:00",
        "Mon 7:00",
        "Mon 24:00",
        "mon 07:00",
        "07:00",
        "5th Mon 07:00",
        "1st 07:00",
        "Mon, Thu 07:00",
        "daily Mon 07:00",
        "1st daily 07:00",
        "Mon 07:00 ",
    ],
)
def test_another_form_of_schedule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="Mon 07:00"):
        parse_schedule(text)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("Wed 18:05", "Wednesdays at 18:05"),
        ("Fri,Mon,Wed 07:00", "Mondays, Wednesdays and Fridays at 07:00"),
        ("1st Mon 07:00", "the first Monday of a month at 07:00"),
        ("last Mon,Thu 07:00", "the last Monday and Thursday of a month at 07:00"),
        ("daily 07:00", "every day at 07:00"),
    ],
)
def test_a_schedule_is_shown_in_words(schedule: str, words: str) -> None:
    assert in_words(parse_schedule(schedule)) == words


def test_the_previous_slot_may_be_due_at_this_moment() -> None:
    monday = parse_schedule("Mon 07:00")
    utc = ZoneInfo("UTC")
    due = _instant("2026-11-23T07:00")
    assert previous_slot(monday, utc, until=due).due_at == due
    before = previous_slot(monday, utc, until=due - timedelta(seconds=1))
    assert before.local_at == "2026-11-16T07:00"
    monthly = parse_schedule("4th Mon 07:00")
    assert previous_slot(monthly, utc, until=due).local_at == "2026-11-23T07:00"


def test_a_day_skipped_by_a_zone_has_no_edition() -> None:
    # Samoa had no 30 December 2011.
    slots = slots_between(
        parse_schedule("daily 07:00"),
        ZoneInfo("Pacific/Apia"),
        after=_instant("2011-12-28T12:00"),
        until=_instant("2012-01-01T12:00"),
    )
    due = [slot.due_at for slot in slots]
    assert len(due) == len(set(due)) == 4


def test_a_wall_clock_is_first_seen_east_of_all_zones() -> None:
    assert first_instant("2026-11-23T07:00") == _instant("2026-11-22T17:00")


# --- every clock change of ten years ------------------------------------------------------------

YEARS = (2018, 2028)
#: Every kind of rule: north, south, half an hour, at midnight, by religious calendar, abolished.
_NAMES = """
Africa/Cairo Africa/Casablanca America/Asuncion America/Caracas America/Godthab America/Havana
America/New_York America/Sao_Paulo America/Santiago America/St_Johns America/Scoresbysund
Antarctica/Troll Asia/Amman Asia/Beirut Asia/Gaza Asia/Jerusalem Asia/Pyongyang Asia/Tehran
Atlantic/Azores Australia/Lord_Howe Australia/Sydney Europe/Chisinau Europe/Dublin Europe/London
Europe/Volgograd Pacific/Apia Pacific/Auckland Pacific/Chatham Pacific/Easter Pacific/Norfolk
"""
ZONES = _NAMES.split()


def _transitions(zone: ZoneInfo) -> list[datetime]:
    """Return the instants, to the hour, at which the zone's offset changes."""
    found = []
    day = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    while day.year < YEARS[1]:
        if _offset(day, zone) != _offset(day + timedelta(days=1), zone):
            hours = (day + timedelta(hours=hour) for hour in range(24))
            found += [h for h in hours if _offset(h, zone) != _offset(h + _HOUR, zone)]
        day += timedelta(days=1)
    return found


_HOUR = timedelta(hours=1)


def _offset(when: datetime, zone: ZoneInfo) -> timedelta | None:
    return when.astimezone(zone).utcoffset()


def _times_around(change: datetime, zone: ZoneInfo) -> set[str]:
    """Return the times of day affected by the change, a quarter of an hour apart."""
    steps = (change + timedelta(minutes=15 * step) for step in range(-12, 20))
    return {f"{step.astimezone(zone):%H:%M}" for step in steps} | {"00:00", "02:30", "23:45"}


@pytest.mark.parametrize("name", ZONES)
def test_every_clock_change_leaves_one_slot_a_period(name: str) -> None:
    zone = ZoneInfo(name)
    for change in _transitions(zone):
        for at in _times_around(change, zone):
            _assert_one_slot_a_day(at, zone, change)
            _assert_one_slot_a_week(at, zone, change)


def _assert_one_slot_a_day(at: str, zone: ZoneInfo, change: datetime) -> None:
    slot = next_slot(parse_schedule(f"daily {at}"), zone, after=change - timedelta(days=3))
    for _ in range(5):
        later = next_slot(parse_schedule(f"daily {at}"), zone, after=slot.due_at)
        assert later.due_at > slot.due_at
        assert _day(later.local_at) - _day(slot.local_at) == timedelta(days=1)
        assert later.local_at.endswith(at)
        assert slot_named(later.local_at, zone) == later
        slot = later


def _assert_one_slot_a_week(at: str, zone: ZoneInfo, change: datetime) -> None:
    day = f"{change.astimezone(zone):%a}"
    slots = slots_between(
        parse_schedule(f"{day} {at}"),
        zone,
        after=change - timedelta(days=10, hours=12),
        until=change + timedelta(days=10, hours=12),
    )
    assert len(slots) == 3
    assert [_day(b.local_at) - _day(a.local_at) for a, b in pairwise(slots)] == [
        timedelta(days=7)
    ] * 2


def _day(local_at: str) -> date:
    return date.fromisoformat(local_at[:10])


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    schedule=st.sampled_from(
        ["Mon 07:00", "daily 02:30", "1st Mon 00:00", "last Sun 01:30", "Tue,Sat 23:59"]
    ).map(parse_schedule),
    when=st.datetimes(
        min_value=datetime(YEARS[0], 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(YEARS[1], 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_before_and_after_any_moment_there_is_one_slot_each_and_none_between(
    zone: ZoneInfo, schedule: Schedule, when: datetime
) -> None:
    before = previous_slot(schedule, zone, until=when)
    after = next_slot(schedule, zone, after=when)
    assert before.due_at <= when < after.due_at
    assert next_slot(schedule, zone, after=before.due_at) == after
    assert slots_between(schedule, zone, after=before.due_at, until=after.due_at) == (after,)

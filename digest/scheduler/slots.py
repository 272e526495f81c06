"""When an edition is due: wall-clock slots in a zone, across clock changes.

A slot is named by its local date and time, never by an instant: that name is the unique key under
which an edition is filed, so a clock change cannot make two of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_GRAMMAR = re.compile(r"(?P<day>[A-Z][a-z]{2}) (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Once a week, by the wall clock."""

    #: Monday is 0.
    weekday: int
    at: time


def in_words(schedule: Schedule) -> str:
    """Say a schedule to a reader: `Mondays at 07:00`."""
    day = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
    return f"{day[schedule.weekday]} at {schedule.at:%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One due moment of a schedule."""

    #: Wall clock in the zone, such as `2026-11-23T07:00`; the slot's name.
    local_at: str
    #: The same moment as an instant, in UTC.
    due_at: datetime


def parse_schedule(text: str) -> Schedule:
    """Read `Day HH:MM`, such as `Mon 07:00`.

    Raises:
        ValueError: `text` is not of that form; the message says what is.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None or match["day"] not in WEEKDAYS:
        raise ValueError(f"{text!r} is not a schedule; write a day and a time, such as 'Mon 07:00'")
    return Schedule(
        weekday=WEEKDAYS.index(match["day"]), at=time(int(match["hour"]), int(match["minute"]))
    )


def next_slot(schedule: Schedule, zone: ZoneInfo, *, after: datetime) -> Slot:
    """Give the first slot whose instant is later than `after`.

    Args:
        schedule: which day and time.
        zone: whose wall clock.
        after: an aware instant.
    """
    day = after.astimezone(zone).date()
    day += timedelta(days=(schedule.weekday - day.weekday()) % 7)
    slot = _slot_on(day, schedule.at, zone)
    return slot if slot.due_at > after else _slot_on(day + timedelta(days=7), schedule.at, zone)


def _slot_on(day: date, at: time, zone: ZoneInfo) -> Slot:
    """Give the slot of one day.

    A time that the clocks skip is read with the offset before the gap (PEP 495, fold 0), which
    moves it forward by the gap's length; of a time that comes twice, fold 0 is the first.
    """
    local = datetime.combine(day, at, tzinfo=zone)
    return Slot(local_at=local.strftime("%Y-%m-%dT%H:%M"), due_at=local.astimezone(UTC))

"""Computes the slots of a schedule: wall-clock times in a zone, across clock changes.

A slot is named by its local date and time, never by an instant. The name is the unique key of an
edition, so a clock change cannot make two editions of one slot.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import dropwhile, takewhile
from zoneinfo import ZoneInfo

from digest.models import Slot

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: Which one of its weekday in a month; -1 is the last, 0 each one.
ORDINALS = {"": 0, "1st ": 1, "2nd ": 2, "3rd ": 3, "4th ": 4, "last ": -1}

_DAY_WORDS = (
    "Mondays",
    "Tuesdays",
    "Wednesdays",
    "Thursdays",
    "Fridays",
    "Saturdays",
    "Sundays",
)
_ORDINAL_WORDS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_EVERY_DAY = tuple(range(7))
_DAY = "|".join(WEEKDAYS)
_GRAMMAR = re.compile(
    rf"(?:daily|(?P<ordinal>(?:{'|'.join(ORDINALS)}))(?P<days>(?:{_DAY})(?:,(?:{_DAY}))*))"
    r" (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
)
#: Maximum time between two slots of a schedule: five weeks, and a day for odd calendars.
_LONGEST_PAUSE = timedelta(days=36)
#: The earliest zone on earth (Pacific/Kiritimati).
_FIRST_ZONE = timezone(timedelta(hours=14))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Days and a wall-clock time at which slots are due."""

    #: Monday is 0; ascending, at least one.
    weekdays: tuple[int, ...]
    #: Which one of each weekday in a month, from 1; -1 is the last, 0 every week.
    ordinal: int = 0
    at: time

    def falls_on(self, day: date) -> bool:
        """Return whether a slot is due on `day`."""
        if day.weekday() not in self.weekdays:
            return False
        if self.ordinal == -1:
            return day.day + 7 > monthrange(day.year, day.month)[1]
        return self.ordinal in (0, (day.day + 6) // 7)


def parse_schedule(text: str) -> Schedule:
    """Parse `[1st|2nd|3rd|4th|last ]Day[,Day] HH:MM` or `daily HH:MM`, such as `Mon 07:00`.

    Raises:
        ValueError: `text` does not have this form; the message shows examples.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not a schedule; write days and a time, such as 'Mon 07:00',"
            " 'Mon,Thu 07:00', '1st Mon 07:00', 'last Fri 17:30' or 'daily 07:00'"
        )
    named = {WEEKDAYS.index(day) for day in (match["days"] or "").split(",") if day}
    return Schedule(
        weekdays=tuple(sorted(named)) or _EVERY_DAY,
        ordinal=ORDINALS[match["ordinal"] or ""],
        at=time(int(match["hour"]), int(match["minute"])),
    )


def in_words(schedule: Schedule) -> str:
    """Return a schedule in words: `Mondays at 07:00`, `the first Monday of a month at 07:00`."""
    if schedule.ordinal:
        days = _listed([_DAY_WORDS[day].removesuffix("s") for day in schedule.weekdays])
        days = f"the {_ORDINAL_WORDS[schedule.ordinal]} {days} of a month"
    elif schedule.weekdays == _EVERY_DAY:
        days = "every day"
    else:
        days = _listed([_DAY_WORDS[day] for day in schedule.weekdays])
    return f"{days} at {schedule.at:%H:%M}"


def shown_cadence(name: str, schedule: Schedule) -> str:
    """Return a cadence's name for people.

    A schedule without a name is stored as `weekly`. If it is due more or less often than once a
    week, it is shown in words instead: `every day at 07:00`.
    """
    is_weekly = schedule.ordinal == 0 and len(schedule.weekdays) == 1
    return name if is_weekly or name != "weekly" else in_words(schedule)


def _listed(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


# --- on the calendar ----------------------------------------------------------------------------


def next_slot(schedule: Schedule, zone: ZoneInfo, *, after: datetime) -> Slot:
    """Return the first slot whose instant is later than `after`.

    Args:
        schedule: the days and the time.
        zone: the zone of the wall clock.
        after: the instant, aware.
    """
    slots = _slots_from(schedule, zone, after)
    return next(dropwhile(lambda slot: slot.due_at <= after, slots))


def previous_slot(schedule: Schedule, zone: ZoneInfo, *, until: datetime) -> Slot:
    """Return the last slot whose instant is not later than `until`."""
    return slots_between(schedule, zone, after=until - _LONGEST_PAUSE, until=until)[-1]


def slots_between(
    schedule: Schedule, zone: ZoneInfo, *, after: datetime, until: datetime
) -> tuple[Slot, ...]:
    """Return the slots with `after < due_at <= until`, oldest first."""
    slots = takewhile(lambda slot: slot.due_at <= until, _slots_from(schedule, zone, after))
    return tuple(slot for slot in slots if slot.due_at > after)


def slot_named(local_at: str, zone: ZoneInfo) -> Slot:
    """Return the slot with the name `local_at`.

    A time that the clocks skip is read with the offset before the gap (PEP 495, fold 0), which
    moves it forward by the gap's length; for a time that comes twice, fold 0 is the first.
    """
    local = datetime.fromisoformat(local_at).replace(tzinfo=zone)
    return Slot(local_at=local_at, due_at=local.astimezone(UTC))


def first_hour(slot: Slot, *, is_local: bool) -> datetime:
    """Return when the first mail of a slot is due.

    With local delivery it is when the first wall clock on earth shows the slot's time.
    """
    return min(slot.due_at, first_instant(slot.local_at)) if is_local else slot.due_at


def first_instant(local_at: str) -> datetime:
    """Return the first instant at which a wall clock on earth shows `local_at`, in UTC."""
    return datetime.fromisoformat(local_at).replace(tzinfo=_FIRST_ZONE).astimezone(UTC)


def _slots_from(schedule: Schedule, zone: ZoneInfo, start: datetime) -> Iterator[Slot]:
    """Yield slots endlessly, from two days before `start` on, each later than the previous."""
    day = start.astimezone(zone).date() - timedelta(days=2)
    last = datetime.min.replace(tzinfo=UTC)
    while True:
        if schedule.falls_on(day):
            slot = slot_named(f"{day}T{schedule.at:%H:%M}", zone)
            # If a zone skipped a whole day (Samoa, 30 December 2011), its slot has the same
            # instant as the next day's.
            if slot.due_at > last:
                yield slot
                last = slot.due_at
        day += timedelta(days=1)

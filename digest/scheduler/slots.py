"""When an edition is due: wall-clock slots in a zone, across clock changes.

A slot is named by its local date and time, never by an instant: that name is the unique key under
which an edition is filed, so a clock change cannot make two of one.
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
#: Which one of its weekday in a month; 0: each.
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
#: Two slots of one schedule are never further apart: five weeks, and a day for an odd calendar.
_LONGEST_PAUSE = timedelta(days=36)
#: Pacific/Kiritimati: no clock is further ahead.
_FIRST_ZONE = timezone(timedelta(hours=14))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """On which days, and at which time by the wall clock."""

    #: Monday is 0; ascending, at least one.
    weekdays: tuple[int, ...]
    #: Which one of each weekday in a month, from 1; -1: the last; 0: every week.
    ordinal: int = 0
    at: time

    def falls_on(self, day: date) -> bool:
        """Whether a slot is due on that day."""
        if day.weekday() not in self.weekdays:
            return False
        if self.ordinal == -1:
            return day.day + 7 > monthrange(day.year, day.month)[1]
        return self.ordinal in (0, (day.day + 6) // 7)


def parse_schedule(text: str) -> Schedule:
    """Read `[1st|2nd|3rd|4th|last ]Day[,Day] HH:MM` or `daily HH:MM`, such as `Mon 07:00`.

    Raises:
        ValueError: `text` is not of that form; the message says what is.
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


def _listed(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


# --- on the calendar ----------------------------------------------------------------------------


def next_slot(schedule: Schedule, zone: ZoneInfo, *, after: datetime) -> Slot:
    """Give the first slot whose instant is later than `after`.

    Args:
        schedule: which days and time.
        zone: whose wall clock.
        after: an aware instant.
    """
    slots = _slots_from(schedule, zone, after)
    return next(dropwhile(lambda slot: slot.due_at <= after, slots))


def previous_slot(schedule: Schedule, zone: ZoneInfo, *, until: datetime) -> Slot:
    """Give the last slot whose instant is not later than `until`."""
    return slots_between(schedule, zone, after=until - _LONGEST_PAUSE, until=until)[-1]


def slots_between(
    schedule: Schedule, zone: ZoneInfo, *, after: datetime, until: datetime
) -> tuple[Slot, ...]:
    """Give the slots with `after < due_at <= until`, oldest first."""
    slots = takewhile(lambda slot: slot.due_at <= until, _slots_from(schedule, zone, after))
    return tuple(slot for slot in slots if slot.due_at > after)


def slot_named(local_at: str, zone: ZoneInfo) -> Slot:
    """Give the slot of that name.

    A time that the clocks skip is read with the offset before the gap (PEP 495, fold 0), which
    moves it forward by the gap's length; of a time that comes twice, fold 0 is the first.
    """
    local = datetime.fromisoformat(local_at).replace(tzinfo=zone)
    return Slot(local_at=local_at, due_at=local.astimezone(UTC))


def first_instant(local_at: str) -> datetime:
    """Give when a wall clock somewhere on earth first shows that time, in UTC."""
    return datetime.fromisoformat(local_at).replace(tzinfo=_FIRST_ZONE).astimezone(UTC)


def _slots_from(schedule: Schedule, zone: ZoneInfo, start: datetime) -> Iterator[Slot]:
    """Give slots without end, from some days before `start` on, each later than the one before."""
    day = start.astimezone(zone).date() - timedelta(days=2)
    last = datetime.min.replace(tzinfo=UTC)
    while True:
        if schedule.falls_on(day):
            slot = slot_named(f"{day}T{schedule.at:%H:%M}", zone)
            # Where a zone left out a whole day (Samoa, 30 December 2011), that day's slot is the
            # next day's too.
            if slot.due_at > last:
                yield slot
                last = slot.due_at
        day += timedelta(days=1)

"""Reads the dates of other programs' exports, also after a spreadsheet has rewritten them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum
from zoneinfo import ZoneInfo

_CLOCK = r"(?:[T ,]+(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?)?"
#: PostgreSQL writes an offset of whole hours without minutes.
_HOURS = r"(?(hour)[+-]\d\d|(?!))"
_ZONE = rf" ?(?P<half>[AaPp]\.?[Mm]\.?)? ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|{_HOURS}|)"
#: The abbreviation that Go repeats after the offset, and its reading of the monotonic clock.
_REST = r"(?: (?:UTC|GMT|[A-Z]{2,5}|[+-]\d{2,4}))?(?: m=\S+)?"
_END = rf"{_CLOCK}{_ZONE}{_REST}"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NAMED = r"(?P<name>[A-Za-z]{3,9})\.?"
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _END)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d\d)" + _END)
_EITHER = re.compile(r"(?P<one>\d{1,2})[/-](?P<two>\d{1,2})[/-](?P<year>\d{4}|\d\d)" + _END)
_IN_WORDS = (
    re.compile(rf"(?P<day>\d{{1,2}})[ -]{_NAMED}[ -](?P<year>\d{{4}}|\d\d)" + _END),
    re.compile(rf"{_NAMED} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})" + _END),
)
_FORMS = (_YEAR_FIRST, _DAY_FIRST, *_IN_WORDS, _EITHER)
_SECONDS = re.compile(r"1\d{9}")
_OLDEST = 1990


class Order(Enum):
    """The order of day and month in dates such as `2/12/2018`."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    #: The dates of the file do not show it.
    UNKNOWN = "unknown"


def read_time(cell: str, *, order: Order, zone: str = "UTC") -> datetime | None:
    """Return the time in a cell, in UTC; None if it cannot be read without a guess.

    Args:
        cell: the cell, trimmed.
        order: the order of day and month in the file.
        zone: IANA name of the zone of a date without a time of day, which is a day there. A time
            without a zone is UTC.
    """
    if _SECONDS.fullmatch(cell):
        return datetime.fromtimestamp(int(cell), UTC)
    for pattern in _FORMS:
        if found := pattern.fullmatch(cell):
            try:
                return _to_time(found.groupdict(), order, zone)
            except (ValueError, OverflowError):
                return None
    return None


def read_day(cell: str, *, order: Order) -> date | None:
    """Return the day in a cell, of any year; None if it cannot be read without a guess.

    Args:
        cell: the cell, trimmed.
        order: the order of day and month in the file.
    """
    for pattern in _FORMS:
        if found := pattern.fullmatch(cell):
            parts = found.groupdict()
            try:
                day, month = _day_and_month(parts, order)
                return date(_year(parts), month, day)
            except ValueError:
                return None
    return None


def is_date(cell: str) -> bool:
    """Return whether a cell has the form of a date; the day may not exist."""
    return any(form.fullmatch(cell) for form in (_SECONDS, *_FORMS))


def order_shown(cell: str) -> Order | None:
    """Return the order that a date shows: `UNKNOWN` for either, None if it is no such date."""
    found = _EITHER.fullmatch(cell)
    if found is None:
        return None
    if int(found["one"]) > 12:
        return Order.DAY_FIRST
    return Order.MONTH_FIRST if int(found["two"]) > 12 else Order.UNKNOWN


def _to_time(parts: dict[str, str | None], order: Order, zone: str) -> datetime | None:
    day, month = _day_and_month(parts, order)
    year = _year(parts)
    when = datetime(year, month, day, tzinfo=UTC)
    if year < _OLDEST:
        return None
    if parts["hour"] is None:
        return datetime.combine(when, time(), ZoneInfo(zone)).astimezone(UTC)
    hour = int(parts["hour"])
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower().startswith("p") else 0)
    clock = time(hour, int(parts["minute"] or 0), int(parts["second"] or 0))
    return datetime.combine(when, clock, _offset(parts["zone"] or "")).astimezone(UTC)


def _year(parts: dict[str, str | None]) -> int:
    digits = parts["year"] or ""
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if year < 69 else 1900
    return year


def _day_and_month(parts: dict[str, str | None], order: Order) -> tuple[int, int]:
    if name := parts.get("name"):
        return int(parts["day"] or 0), _MONTHS.index(name[:3].lower()) + 1
    if parts.get("one") is None:
        return int(parts["day"] or 0), int(parts["month"] or 0)
    if order is Order.UNKNOWN:
        raise ValueError("day and month may be either")
    one, two = int(parts["one"] or 0), int(parts["two"] or 0)
    return (one, two) if order is Order.DAY_FIRST else (two, one)


def _offset(text: str) -> timezone:
    if text in ("", "Z", "UTC", "GMT"):
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[3:].lstrip(":") or 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))

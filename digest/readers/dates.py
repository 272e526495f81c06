"""Dates of feeds: the right instant, or none.

Feeds write dates in every form. A wrong date does harm (a post is taken for backlog, or stands at
the top for ever), a missing one little (the time of first sight serves), so a form that can be
read in two ways gives None.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

#: Clocks of servers run ahead a little.
_MAX_AHEAD = timedelta(hours=1)
_FIRST_YEAR = 1990

#: Hours east of UTC. Names that stand for several zones (IST, CST in China, AST) are left out.
_ZONE_HOURS = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("BST", "WEST", "CET", "MEZ"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET", "SAST"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    "EDT": -4,
    "EST": -5,
    "CDT": -5,
    "CST": -6,
    "MDT": -6,
    "MST": -7,
    "PDT": -7,
    "PST": -8,
    "AKDT": -8,
    "AKST": -9,
    "HST": -10,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
}

_ISO = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:[T ]\s*(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<zone>[A-Z]{1,5}|[+-]\d\d:?\d\d|[+-]\d\d)?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?")
_LAST_WORD = re.compile(r"(?P<before>.*\S)\s+(?P<zone>[A-Z]{1,5}|[+-]\d\d:\d\d)", re.IGNORECASE)


def parse_date(raw: str, *, now: datetime) -> datetime | None:
    """Read a feed's date, in UTC; None where it is not sure, in the future or before 1990.

    ISO 8601 and RFC 822 are read, with an offset or a zone name that has one meaning. A time
    without a zone counts as UTC, a day without a time as its midnight.
    """
    raw = " ".join(raw.split())
    try:
        found = _parse_iso(raw) or _parse_rfc822(raw)
    except (ValueError, OverflowError):
        return None
    return trusted(found, now=now)


def trusted(instant: datetime | None, *, now: datetime) -> datetime | None:
    """Give `instant`, or None where no post can have been published then."""
    if instant is None or instant.year < _FIRST_YEAR or instant > now + _MAX_AHEAD:
        return None
    return instant


def _parse_iso(raw: str) -> datetime | None:
    found = _ISO.fullmatch(raw)
    if not found:
        return None
    fields = ("year", "month", "day", "hour", "minute", "second")
    written = _instant(tuple(int(found[name] or 0) for name in fields))
    zone = _zone(found["zone"] or "Z")
    return written - zone if zone is not None else None


def _parse_rfc822(raw: str) -> datetime | None:
    """Read RFC 822 by the standard library, which knows American zone names only."""
    zone: timedelta | None = timedelta()
    last = _LAST_WORD.fullmatch(raw)
    if last:
        raw, zone = last["before"], _zone(last["zone"])
    parsed = parsedate_tz(raw)
    if parsed is None or zone is None:
        return None
    return _instant(parsed[:6]) - timedelta(seconds=parsed[9] or 0) - zone


def _instant(numbers: tuple[int, ...]) -> datetime:
    """Give the instant that `numbers` name in UTC; a leap second is the one before."""
    year, month, day, hour, minute, second = numbers
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)


def _zone(name: str) -> timedelta | None:
    """Give how far east of UTC a zone is; None for a name without one meaning."""
    offset = _OFFSET.fullmatch(name)
    if offset:
        east = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return -east if offset["sign"] == "-" else east
    hours = _ZONE_HOURS.get(name.upper())
    return None if hours is None else timedelta(hours=hours)

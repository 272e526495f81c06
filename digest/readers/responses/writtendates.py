"""Parses dates as pages show them to people, in many languages."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from importlib.resources import files

from digest.readers.feeds.dates import parse_date

#: Characters searched for a date; it is at the beginning of the text around a comment.
_MAX_CHARS = 300

_MONTHS: dict[str, int] = {
    name: int(number)
    for number, names in tomllib.loads(
        files("digest.readers").joinpath("data/months.toml").read_text("utf-8")
    )["months"].items()
    for name in names.split()
}
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_NAME = r"(?P<name>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\d){_DAY}\s*(?:de\s+|of\s+|-\s*)?{_NAME},?\s*(?:de\s+|del\s+|-\s*)?{_YEAR}",
        rf"\b{_NAME}\s+{_DAY},?\s+{_YEAR}",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<first>\d{{1,2}})[-/.]\s?(?P<second>\d{{1,2}})[-/.]\s?{_YEAR}",
    )
)
_TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})\s?[:.h]\s?(?P<minute>\d\d)(?::\d\d)?\s*(?P<half>[ap])?\.?(?:m\b)?",
    re.IGNORECASE,
)
#: Languages that always or sometimes write the month before the day; empty: unknown language.
_MONTH_FIRST = frozenset({"", "en", "fil"})
#: Private subtags (RFC 5646 section 2.2.7) of the order that a page proves.
_ORDERS = ("-x-dayfirst", "-x-monfirst")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[-/.]\s?(\d{1,2})[-/.]\s?(?:19|20)\d\d(?!\d)")


def with_order(language: str, shown: str) -> str:
    """Return a page's language with the order of numeric dates that its own dates prove.

    Args:
        language: the page's `lang`; may be empty.
        shown: the text with all its dates; 25/03/2026 proves the order of 03/04/2026.
    """
    pairs = [(int(first), int(second)) for first, second in _NUMERIC.findall(shown)]
    is_day_first = any(_is_proof(first, second) for first, second in pairs)
    is_month_first = any(_is_proof(second, first) for first, second in pairs)
    if is_day_first == is_month_first:
        return language
    return f"{language or 'und'}{_ORDERS[0] if is_day_first else _ORDERS[1]}"


def _is_proof(day: int, month: int) -> bool:
    """Return whether the first number can only be the day."""
    return 12 < day <= 31 and 1 <= month <= 12


def read_written_date(shown: str, language: str, *, now: datetime) -> datetime | None:
    """Return the date and time in `shown`, in UTC; None if it is missing or ambiguous.

    Pages do not show their zone, so the time counts as UTC. A date of numbers alone is read only
    if it is unambiguous, or if the page's language decides the order.

    Args:
        shown: text such as `29. Mai 2019 um 17:39`; other text in it is ignored.
        language: the page's `lang`; may be empty.
        now: the time; later dates are ignored.
    """
    shown = " ".join(shown[:_MAX_CHARS].split())
    for form in _FORMS:
        for found in form.finditer(shown):
            day = _day(found.groupdict(), language)
            if day:
                written = f"{day}T{_time(shown[found.end() : found.end() + 40])}"
                return parse_date(written, now=now)
    return None


def _day(parts: dict[str, str | None], language: str) -> str:
    """Return the day in ISO 8601 format; empty if it is not valid."""
    if parts.get("first"):
        day, month = _ordered(int(parts["first"] or 0), int(parts["second"] or 0), language)
    else:
        name = (parts.get("name") or "").lower()
        month = _MONTHS.get(name, 0) if name else int(parts["month"] or 0)
        day = int(parts["day"] or 0)
    is_day = 1 <= day <= 31 and 1 <= month <= 12
    return f"{parts['year']}-{month:02}-{day:02}" if is_day else ""


def _ordered(first: int, second: int, language: str) -> tuple[int, int]:
    """Return day and month of two numbers; zeros if the order is ambiguous."""
    if language.endswith(_ORDERS):
        return (first, second) if language.endswith(_ORDERS[0]) else (second, first)
    is_day_first = language.partition("-")[0].lower() not in _MONTH_FIRST
    if is_day_first or first > 12 or first == second:
        return first, second
    return (second, first) if second > 12 else (0, 0)


def _time(rest: str) -> str:
    found = _TIME.search(rest)
    if not found:
        return "00:00"
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    is_time = hour < 24 and int(found["minute"]) < 60
    return f"{hour:02}:{found['minute']}" if is_time else "00:00"

"""Parses dates as pages show them to people, in many languages."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files

from digest.readers.feeds.dates import parse_date
from digest.readers.feeds.months import MONTHS

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
# Vowel signs of Indian scripts and of Thai are no letters to `\w`.
_NAME = r"(?P<name>[^\W\d_](?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f\u0e31-\u0e4e]){2,14})\.?"
# Thai years are 543 ahead.
_YEAR = r"(?P<year>(?:19|20|25)\d\d)(?!\d)"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\d){_DAY}\s*(?:de\s+|of\s+|-\s*)?{_NAME},?\s*(?:de\s+|del\s+|-\s*)?{_YEAR}",
        rf"\b{_NAME}\s+{_DAY},?\s+{_YEAR}",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"(?:\b{_WEEKDAY}[a-z]*\.?,?\s+)?"
        rf"(?<!\d)(?P<first>\d{{1,2}})[-/.]\s?(?P<second>\d{{1,2}})[-/.]\s?{_YEAR}",
    )
)
_CLOCK = (
    r"(?P<noon>上午|下午|午前|午後|오전|오후)?\s?(?<!\d)(?P<hour>\d{1,2})\s?[:.h]\s?(?P<minute>\d\d)"
    r"(?::\d\d)?(?!\d)\s*(?:(?P<half>[ap])\.?\s?m\b\.?|(?P<later>오전|오후|[صم](?!\w)))?"
)
_TIME = re.compile(_CLOCK, re.IGNORECASE)
#: "10:12 am on", before the date.
_TIME_BEFORE = re.compile(_CLOCK + r"(?:\s*Uhr)?\W{0,3}(?:\w{1,3}\W{1,2})?\Z", re.IGNORECASE)
_AFTERNOON = frozenset({"p", "下午", "午後", "오후", "م"})
_BUDDHIST, _FIRST_BUDDHIST = 543, 2500
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDate:
    """A date in a text, and its place there."""

    #: In UTC; None if the date is ambiguous, or in the future.
    at: datetime | None
    start: int
    #: After the date and its time.
    end: int


def read_written_date(shown: str, language: str, *, now: datetime) -> datetime | None:
    """Return the date and time in `shown`, in UTC; None if it is missing or ambiguous.

    Pages do not show their zone, so the time counts as UTC. A date of numbers alone is read only
    if it is unambiguous, or if the page's language decides the order.

    Args:
        shown: text such as `29. Mai 2019 um 17:39`; other text in it is ignored.
        language: the page's `lang`; may be empty.
        now: the time; later dates are ignored.
    """
    found = find_written_date(" ".join(shown[:_MAX_CHARS].split()), language, now=now)
    return found.at if found else None


def find_written_date(line: str, language: str, *, now: datetime) -> WrittenDate | None:
    """Return the first date in one line and where it is; None if there is no date.

    An ambiguous date is returned, without its value, only if no other date is in the line.
    """
    ambiguous = None
    line = line[:_MAX_CHARS] if line.isascii() else _with_ascii_digits(line[:_MAX_CHARS])
    for form in _FORMS:
        for found in form.finditer(line):
            day = _day(found.groupdict(), language)
            if not day and (ambiguous or not found.groupdict().get("first")):
                continue
            start, end, time = _with_time(line, found.start(), found.end())
            at = parse_date(f"{day}T{time}", now=now) if day else None
            written = WrittenDate(at=at, start=start, end=end)
            if day:
                return written
            ambiguous = written
    return ambiguous


def _with_ascii_digits(line: str) -> str:
    return "".join(str(unicodedata.decimal(char, char)) for char in line)


def _with_time(line: str, start: int, end: int) -> tuple[int, int, str]:
    """Return the ends of a date together with its time, and the time as `HH:MM`."""
    after = _TIME.search(line[end : end + 40])
    if after:
        return start, end + after.end(), _time(after)
    before = _TIME_BEFORE.search(line[max(0, start - 30) : start])
    if before:
        return max(0, start - 30) + before.start(), end, _time(before)
    return start, end, "00:00"


def _day(parts: dict[str, str | None], language: str) -> str:
    """Return the day in ISO 8601 format; empty if it is not valid."""
    year = int(parts["year"] or 0)
    year -= _BUDDHIST if year >= _FIRST_BUDDHIST else 0
    if parts.get("first"):
        first, second = int(parts["first"] or 0), int(parts["second"] or 0)
        day, month = _by_weekday(first, second, year, parts["weekday"] or "")
        if not day:
            day, month = _ordered(first, second, language)
    else:
        name = parts.get("name") or ""
        month = _month(name) if name else int(parts["month"] or 0)
        day = int(parts["day"] or 0)
    is_day = 1 <= day <= 31 and 1 <= month <= 12
    return f"{year}-{month:02}-{day:02}" if is_day else ""


def _by_weekday(first: int, second: int, year: int, weekday: str) -> tuple[int, int]:
    """Return day and month of two numbers if the day of the week fits one order only; else zeros.

    Only English needs it: other languages have one order.
    """
    fitting = {
        (day, month)
        for day, month in ((first, second), (second, first))
        if weekday and _weekday(year, month, day) == weekday.lower()
    }
    return fitting.pop() if len(fitting) == 1 else (0, 0)


def _weekday(year: int, month: int, day: int) -> str:
    try:
        return _WEEKDAYS[date(year, month, day).weekday()]
    except ValueError:
        return ""


def _ordered(first: int, second: int, language: str) -> tuple[int, int]:
    """Return day and month of two numbers; zeros if the order is ambiguous."""
    if language.endswith(_ORDERS):
        return (first, second) if language.endswith(_ORDERS[0]) else (second, first)
    is_day_first = language.partition("-")[0].lower() not in _MONTH_FIRST
    if is_day_first or first > 12 or first == second:
        return first, second
    return (second, first) if second > 12 else (0, 0)


def _time(found: re.Match[str]) -> str:
    hour = int(found["hour"])
    half = (found["half"] or found["later"] or found["noon"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    is_time = hour < 24 and int(found["minute"]) < 60
    return f"{hour:02}:{found['minute']}" if is_time else "00:00"


def _month(name: str) -> int:
    """Return the number of a month by its name; 0 if it is not a month."""
    signs = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(sign for sign in signs if unicodedata.category(sign) != "Mn")
    plain = unicodedata.normalize("NFC", bare)
    # Hebrew writes "in" and the month as one word.
    names = (plain, plain.removeprefix("ב"))
    return _MONTHS.get(name.lower(), 0) or next(filter(None, map(MONTHS.get, names)), 0)

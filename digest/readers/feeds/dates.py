"""Parses the dates of feeds: the result is the right instant or None.

Feeds write dates in every form and language. A wrong date does harm (a post counts as backlog, or
stays at the top forever), a missing date does little (the time of discovery is used), so an
ambiguous form gives None.

The text is normalized first (digits of every script become ASCII, accents are removed), then
parsed from the left: a day in one of `_DAYS`, then a time in `_TIME`; any other rest gives None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self

from digest.readers.feeds.months import MONTHS
from digest.readers.feeds.zones import offset_of

#: A date may be this far in the future, because the clocks of some servers run ahead.
_MAX_AHEAD = timedelta(hours=1)
#: A post dated up to this far ahead is from a server whose clock is wrong, …
_WRONG_CLOCK = timedelta(hours=36)
#: … and a date further ahead than this is a mistake. Between the two, a post waits for its day.
_MAX_WAIT = timedelta(days=60)
_FIRST_YEAR = 1990
#: A longer text is not a date.
_MAX_CHARS = 100

_WORD = r"[^\W\d_]+"
_WEEKDAY = rf"(?:{_WORD}(?:-{_WORD})?\.?\s?,?\s|{_WORD}(?:-{_WORD})?\.?,)?\s?"
_OF = r"(?:(?:de|del|di|of)\s|d')?"
_END = r"(?!\d)"
#: Forms with day, month and year; the first match is used.
_DAYS = tuple(
    re.compile(pattern)
    for pattern in (
        # 2011-10-24, 2011.10.24, 2011/10/24: after a year the month always comes before the day.
        rf"{_WEEKDAY}(?P<year>\d{{4}})(?P<sep>[-/.])\s?(?P<month>\d\d?)(?P=sep)\s?(?P<day>\d\d?)\.?"
        + _END,
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=t?\d{4}|\D|\Z)",
        # 2011年10月24日(月), 2011년 10월 24일
        r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d\d?)\s?[月월]\s?(?P<day>\d\d?)\s?[日일]"
        r"(?:\s?\([^()\d]{1,6}\))?",
        # Mon, 24 Oct 2011; 24-Oct-2011; lunes 24 de octubre de 2011; 24. Oktober 2011
        rf"{_WEEKDAY}(?P<day>\d\d?)(?:\.|st|nd|rd|th|er|o|a)?[\s/-]?\s?{_OF}(?P<month>{_WORD})\.?,?"
        rf"[\s/-]?\s?{_OF}(?P<year>\d{{4}}|\d\d(?=\s\d)){_END}(?:\sг\.?)?",
        # October 24, 2011; Sat, Dec 16 2023
        rf"{_WEEKDAY}(?P<month>{_WORD})\.?\s(?P<day>\d\d?)(?:st|nd|rd|th)?(?:,\s?|\s)"
        rf"(?P<year>\d{{4}}){_END}",
        # 2011. október 24.; 2011-Oct-24
        rf"(?P<year>\d{{4}})\.?[\s/-]\s?(?P<month>{_WORD})\.?[\s/-](?P<day>\d\d?)\.?{_END}",
    )
)
#: 24/10/2011 or 10/24/2011: unambiguous only if one of the two is greater than 12.
_EITHER = re.compile(
    rf"{_WEEKDAY}(?P<first>\d\d?)(?P<sep>[-/.])(?P<second>\d\d?)(?P=sep)(?P<year>\d{{4}}){_END}"
)
#: Sun Jan 4 16:29:06 PST 2004, as C writes it.
_ASCTIME = re.compile(rf"({_WORD}),?\s({_WORD})\s(\d\d?)\s([\d:]+)((?:\s[a-z]{{1,5}})?)\s(\d{{4}})")

_JOIN = r"[\s,.|–-]*(?:\b(?:at|um|a las|a|as|alle|ore|om|kl|klo|o|в)\b\.?\s?)?"
_HALF = r"(?:am|pm)"
_TIME = re.compile(
    rf"(?:t|{_JOIN})(?P<before>{_HALF})?\s?(?P<hour>\d\d?)"
    r"(?:(?:[:.]|\s?h\s?|\s?[時时点點시]\s?)(?P<minute>\d\d)(?:\s?[分분])?"
    r"(?:(?:[:.]|(?<=[分분])\s?)(?P<second>\d\d)(?:\s?[秒초])?(?:[.,]\d{1,9})?)?)?(?!\d)"
    rf"\s?(?P<after>{_HALF}\b)?(?:\s?(?:uhr|h|ч)\b\.?)?(?P<zone>.*)"
)
#: T140300, the basic format of ISO 8601.
_SHORT_TIME = re.compile(r"(?:t|\s)?(\d\d)(\d\d)(\d\d)?(?!\d)")
# After an offset, Go writes the zone once more (`+0530 IST`, `+03 +03`), and its own clock.
_ZONE = re.compile(
    r"\s?\(?(?:(?:gmt|utc?)?\s?(?P<sign>[+-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?"
    r"(?:\s(?:[a-z]{1,5}|[+-]\d{2,4}))?|(?P<name>[a-z]{1,5}))\)?(?:\s\([a-z ]{1,40}\))?"
    r"(?:\sm=[+-][\d.]+)?"
)
#: The offset at the end of a date, in a document's other dates.
_NUMBERED = re.compile(
    r"\d\s?(?:gmt|utc?)?(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)(?:\s?\(?[a-z]{1,5}\)?)?"
)
_WRITTEN_ZONE = re.compile(
    r"\s?(?:(?:gmt|utc?)?\s?[+-]\d\d:?\d\d|\b(?!am\b|pm\b)[a-z]{1,5}|(?<=\d)z)\s*(?:\([^()]*\))?\s*\Z",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_HALVES = (
    (re.compile(r"\ba\.\s?m\b\.?|午前|上午|오전"), "am"),
    (re.compile(r"\bp\.\s?m\b\.?|午後|下午|오후"), "pm"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateEvidence:
    """The proof that the dates of one document give about its ambiguous ones."""

    #: Offsets east of UTC written as numbers.
    offsets: frozenset[timedelta] = frozenset()
    #: Whether dates such as 03/04/2026 have the day first; None if nothing or both are proved.
    is_day_first: bool | None = None

    @classmethod
    def of(cls, raw_dates: Iterable[str]) -> Self:
        """Return what the dates of a document, as written, prove."""
        folded = [_folded(raw) for raw in raw_dates if len(raw) <= _MAX_CHARS]
        numbered = [found for text in folded for found in _NUMBERED.finditer(text)]
        ordered = [found for text in folded if (found := _EITHER.match(text))]
        orders = {
            int(found["first"]) > 12
            for found in ordered
            if max(int(found["first"]), int(found["second"])) in range(13, 32)
        }
        return cls(
            offsets=frozenset(filter(None, map(_east, numbered))),
            is_day_first=orders.pop() if len(orders) == 1 else None,
        )


NO_EVIDENCE = DateEvidence()


def parse_date(raw: str, *, now: datetime, evidence: DateEvidence = NO_EVIDENCE) -> datetime | None:
    """Return a feed's date in UTC; None if it is ambiguous, in the future or before 1990.

    Accepts ISO 8601, RFC 822 and forms that people write, months in about thirty languages, and an
    offset or an unambiguous zone name. A time without a zone counts as UTC, a day without a time
    as midnight. A number is seconds or milliseconds since 1970.

    Args:
        raw: the date as written.
        now: the time.
        evidence: what the other dates of the document prove about ambiguous ones.
    """
    if len(raw) > _MAX_CHARS:
        return None
    try:
        found = _parse(_folded(raw), evidence)
    except (ValueError, OverflowError):
        return None
    return trusted(found, now=now)


def parse_post_date(
    raw: str, *, now: datetime, evidence: DateEvidence = NO_EVIDENCE
) -> datetime | None:
    """Return a post's date as `parse_date`, but also if it is 36 hours to 60 days in the future.

    Such a post waits for its day.
    """
    found = parse_date(raw, now=now + _MAX_WAIT - _MAX_AHEAD, evidence=evidence)
    return None if found and now + _MAX_AHEAD < found <= now + _WRONG_CLOCK else found


def is_ahead(instant: datetime | None, *, now: datetime) -> bool:
    """Return whether a post with this date waits for its day."""
    return instant is not None and instant > now + _WRONG_CLOCK


def is_instant(date: datetime | None, raw: str) -> bool:
    """Return whether a date has a time of day other than midnight, as written or in UTC.

    Args:
        date: the date in UTC; None if it is unknown.
        raw: the date as written.
    """
    if date is None or date.time() == time():
        return False
    try:
        written = _parse(_folded(_WRITTEN_ZONE.sub("", raw[:_MAX_CHARS])), NO_EVIDENCE)
    except (ValueError, OverflowError):
        return True
    return written is None or written.time() != time()


def trusted(instant: datetime | None, *, now: datetime) -> datetime | None:
    """Return `instant`; None if it is before 1990 or in the future."""
    if instant is None or instant.year < _FIRST_YEAR or instant > now + _MAX_AHEAD:
        return None
    return instant


def _folded(raw: str) -> str:
    """Return a date in lower case without accents, with ASCII digits and single spaces."""
    text = (raw if raw.isascii() else _plain(raw)).casefold()
    for pattern, half in _HALVES:
        text = pattern.sub(half, text)
    return " ".join(text.split())


def _plain(raw: str) -> str:
    parts = unicodedata.normalize("NFKD", raw)
    bare = "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in parts
        if unicodedata.category(char) not in ("Mn", "Cf")
    )
    return unicodedata.normalize("NFC", bare).replace("\u2212", "-").replace("，", ",")


def _parse(text: str, evidence: DateEvidence) -> datetime | None:
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), tz=UTC)
    text = _ASCTIME.sub(r"\1 \3 \2 \6 \4\5", text, count=1)
    for pattern in _DAYS:
        found = pattern.match(text)
        month = _month(found["month"]) if found else None
        if found and month is not None:
            day = datetime(_year(found["year"]), month, int(found["day"]), tzinfo=UTC)
            return _at(day, text[found.end() :], evidence)
    return _parse_either(text, evidence)


def _parse_either(text: str, evidence: DateEvidence) -> datetime | None:
    found = _EITHER.match(text)
    if not found:
        return None
    first, second = int(found["first"]), int(found["second"])
    month, day = sorted((first, second))
    if day <= 12 and first != second:
        if evidence.is_day_first is None:
            return None
        month, day = (second, first) if evidence.is_day_first else (first, second)
    date = datetime(int(found["year"]), month, day, tzinfo=UTC)
    return _at(date, text[found.end() :], evidence)


def _month(written: str) -> int | None:
    return int(written) if written.isdecimal() else MONTHS.get(written)


def _year(written: str) -> int:
    """Return the year; two digits are read as in RFC 2822 section 4.3."""
    year = int(written)
    return year if len(written) == 4 else year + (2000 if year < 50 else 1900)


def _at(day: datetime, rest: str, evidence: DateEvidence) -> datetime | None:
    """Return the instant on `day` that `rest` gives; None if `rest` cannot be parsed."""
    if not rest.strip(" ,."):
        return day
    if re.match(r"\s[+-]\d", rest):
        # `2011-10-24 -09:30` may be a zone or a time.
        return None
    zone = _zone(rest, evidence)
    if zone is not None:
        return day - zone
    found = _TIME.fullmatch(_SHORT_TIME.sub(_spread, rest, count=1))
    zone = _zone(found["zone"], evidence) if found else None
    if found is None or zone is None:
        return None
    hour = _hour(int(found["hour"]), found["before"] or found["after"])
    has_minute = found["minute"] is not None
    if hour is None or not (has_minute or found["before"] or found["after"]):
        return None
    # A leap second counts as the second before it; 24:00 is midnight of the next day (ISO 8601).
    second = min(int(found["second"] or 0), 59) if int(found["second"] or 0) <= 60 else 60
    time = day.replace(hour=hour % 24, minute=int(found["minute"] or 0), second=second)
    return time + timedelta(days=hour // 24) - zone


def _spread(time: re.Match[str]) -> str:
    return f"t{time[1]}:{time[2]}:{time[3] or '00'}" if time.start() == 0 else time[0]


def _hour(hour: int, half: str | None) -> int | None:
    """Return the hour of the day; None if am or pm does not fit it."""
    if half is None or (half == "pm" and 12 < hour < 24):
        return hour if hour <= 24 else None
    if hour > 12 or (hour == 0 and half == "pm"):
        return None
    return hour % 12 + (12 if half == "pm" else 0)


def _zone(text: str, evidence: DateEvidence) -> timedelta | None:
    """Return the offset of a zone east of UTC; None if the text is unknown or ambiguous."""
    if not text.strip(" ,."):
        return timedelta()
    found = _ZONE.fullmatch(text)
    if not found:
        return None
    if found["name"]:
        return offset_of(found["name"].upper(), evidence.offsets)
    return _east(found)


def _east(found: re.Match[str]) -> timedelta | None:
    """Return the offset written as a number; None if there is no such zone."""
    east = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if east > timedelta(hours=14) or int(found["minutes"] or 0) > 59:
        return None
    return -east if found["sign"] == "-" else east

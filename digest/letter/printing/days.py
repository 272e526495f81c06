"""Writes the days that a mail prints for its subscriber; loads no template engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from digest.text.catalogue import translations_for
from digest.text.days import long_day


def long_date(when: datetime, *, language: str, timezone: str) -> str:
    """Return a date with its month in words: `March 3, 2025`."""
    return long_day(local_time(when, timezone).date(), language)


def day_in_words(day: str, *, language: str) -> str:
    """Return a day such as `2025-03-01` as `March 1, 2025`; a text that is no day as it is."""
    try:
        when = datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        return day
    return long_date(when, language=language, timezone="UTC")


def joining_words(when: datetime | None, *, language: str, timezone: str) -> tuple[str, str]:
    """Return the day of sign-up, and the words that name it within a sentence.

    If the day is not known, the first are words in place of a day, and the second are empty.
    """
    return _joining(None if when is None else local_time(when, timezone).date(), language)


@lru_cache(maxsize=4096)
def _joining(joined: date | None, language: str) -> tuple[str, str]:
    # Kept because many subscribers of an edition joined on the same day.
    gettext = translations_for(language).gettext
    if joined is None:
        return gettext("the day you signed up"), ""
    day = long_day(joined, language)
    return day, gettext(" on %(day)s") % {"day": day}


def local_time(when: datetime, timezone: str) -> datetime:
    """Return a time in the zone with this IANA name."""
    return when.astimezone(ZoneInfo(timezone))

"""Reads how often a feed wants to be polled: `ttl`, `skipHours`, `skipDays`, `sy:` elements."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from digest.models import Manners

#: A longer interval is a mistake in the feed and is reduced to this.
_MAX_INTERVAL = timedelta(days=366)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: A list of all 24 hours is shorter than this.
_MAX_LIST_CHARS = 2000
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*<")
_DAY = re.compile(r"<day>\s*([a-z]{6,9})\s*<")


def manners_of(channel: Any, document: str) -> Manners:
    """Return the polling rules that a feed states; a value that cannot be read is ignored.

    Args:
        channel: feedparser's dictionary of the feed itself.
        document: the document's text.
    """
    hours = {int(hour) for hour in _HOUR.findall(_list_in(document, "skiphours"))}
    days = set(_DAY.findall(_list_in(document, "skipdays")))
    return Manners(
        min_interval=_ttl(channel) or _period(channel),
        # RSS 0.91 counts hours from 1 to 24, where 24 is midnight.
        skip_hours=frozenset(hour % 24 for hour in hours if hour <= 24),
        skip_days=frozenset(_DAYS.index(day) for day in days if day in _DAYS),
    )


def _list_in(document: str, name: str) -> str:
    """Return the content of an element; feedparser keeps only its last child."""
    lowered = document.lower()
    start = lowered.find(f"<{name}")
    taken = lowered[start : start + _MAX_LIST_CHARS] if start >= 0 else ""
    return taken.partition(f"</{name}")[0]


def _ttl(channel: Any) -> timedelta | None:
    minutes = str(channel.get("ttl") or "").strip()
    if not (minutes.isascii() and minutes.isdecimal() and len(minutes) < 9):
        return None
    return min(timedelta(minutes=int(minutes)), _MAX_INTERVAL) or None


def _period(channel: Any) -> timedelta | None:
    """Return `sy:updatePeriod` divided by `sy:updateFrequency` (RSS 1.0 Syndication)."""
    period = _PERIODS.get(str(channel.get("sy_updateperiod") or "").strip().lower())
    times = str(channel.get("sy_updatefrequency") or "1").strip()
    is_number = times.isascii() and times.isdecimal() and 0 < len(times) < 5
    return period / int(times) if period and is_number and int(times) else None

"""How long a server asks to be left alone: `Retry-After` (RFC 9110 section 10.2.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: The longest wait that is obeyed; who asks for more is asked again once a day.
LONGEST = timedelta(hours=24)

_SECONDS = re.compile(r"[0-9]+")
#: Any number of more digits is longer than a day.
_MAX_DIGITS = 6
_MAX_CHARS = 64


def read_retry_after(written: str, *, now: datetime) -> timedelta | None:
    """Give the wait that `Retry-After` asks for, none longer than `LONGEST`; None: not readable.

    Args:
        written: a number of seconds, or a date in one of the three forms of HTTP.
        now: the answer's own `Date` where it has one, so that no clock needs to be right.
    """
    written = written.strip(" \t")
    if _SECONDS.fullmatch(written):
        digits = written.lstrip("0") or "0"
        return LONGEST if len(digits) > _MAX_DIGITS else _capped(timedelta(seconds=int(digits)))
    until = read_http_date(written)
    return None if until is None else _capped(until - now)


def read_http_date(written: str) -> datetime | None:
    """Give a date of HTTP (RFC 9110 section 5.6.7) in UTC; None where it is none."""
    if len(written) > _MAX_CHARS:
        return None
    try:
        date = parsedate_to_datetime(written)
        # Without a zone it is UTC, as everywhere in HTTP.
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _capped(wait: timedelta) -> timedelta:
    return max(timedelta(0), min(wait, LONGEST))

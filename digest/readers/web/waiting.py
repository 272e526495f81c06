"""Reads the wait that a server requests: `Retry-After` (RFC 9110 section 10.2.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: The longest wait that is obeyed; a server that wants more gets one request a day.
LONGEST = timedelta(hours=24)

_SECONDS = re.compile(r"[0-9]+")
#: A number of seconds with more digits is longer than a day.
_MAX_DIGITS = 6
_MAX_CHARS = 64


def read_retry_after(written: str, *, now: datetime) -> timedelta | None:
    """Return the wait of `Retry-After`, at most `LONGEST`; None if the value cannot be read.

    Args:
        written: the header's value: seconds, or a date in one of the three formats of HTTP.
        now: the response's `Date` if it has one, so that the result depends on no clock.
    """
    written = written.strip(" \t")
    if _SECONDS.fullmatch(written):
        digits = written.lstrip("0") or "0"
        return LONGEST if len(digits) > _MAX_DIGITS else _capped(timedelta(seconds=int(digits)))
    until = read_http_date(written)
    return None if until is None else _capped(until - now)


def read_http_date(written: str) -> datetime | None:
    """Return an HTTP date (RFC 9110 section 5.6.7) in UTC; None if it is not a date."""
    if len(written) > _MAX_CHARS:
        return None
    try:
        date = parsedate_to_datetime(written)
        # HTTP dates without a zone are in UTC.
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _capped(wait: timedelta) -> timedelta:
    return max(timedelta(0), min(wait, LONGEST))

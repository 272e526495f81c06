"""Stamps of forms: the signed time at which a form was shown, in a hidden field.

A form that comes back at once was filled in by a program. The stamp holds nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime

_STAMP = re.compile(r"(?P<time>[0-9]{9,12})\.(?P<signature>[0-9a-f]{32})", re.ASCII)


def make_stamp(key: str, form: str, now: datetime) -> str:
    """Return the stamp of a form shown now.

    Args:
        key: the newest secret key.
        form: the name of the form; a stamp counts for its own form only.
        now: the time.
    """
    time = str(int(now.timestamp()))
    return f"{time}.{_sign(key, form, time)}"


def read_stamp(keys: Sequence[str], form: str, stamp: str) -> datetime | None:
    """Return when a form was shown; None if the stamp was not made with one of the keys."""
    match = _STAMP.fullmatch(stamp)
    if match is None:
        return None
    signed = (_sign(key, form, match["time"]) for key in keys)
    if not any(hmac.compare_digest(each, match["signature"]) for each in signed):
        return None
    return datetime.fromtimestamp(int(match["time"]), UTC)


def _sign(key: str, form: str, time: str) -> str:
    message = f"form\0{form}\0{time}".encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()[:32]

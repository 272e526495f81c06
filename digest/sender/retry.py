"""Decides when a delivery is tried again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

_FIRST_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
_LATER_WAIT = timedelta(hours=1)
#: Greylisting servers refuse every retry within the first minutes.
_GREYLISTING_WAIT = timedelta(minutes=5)
#: Hourly attempts are spread by up to this share, so that they do not all come at once.
_JITTER = 0.1
#: No next try is planned further ahead: the longest wait, and some minutes because the clocks of
#: two machines differ. A time further ahead was planned before the clock was set back.
LONGEST_WAIT = timedelta(minutes=70)
#: A delivery is not given up after fewer attempts, whatever its age: a clock that was set forward
#: makes every delivery old.
MIN_ATTEMPTS = 6


def plan_retry(
    *,
    delivery_id: int,
    attempts: int,
    is_greylisted: bool,
    not_before: datetime,
    now: datetime,
    max_age: timedelta,
) -> datetime | None:
    """Return the time of the next attempt; None if it would be too late.

    The waits are 1, 5, 15 and 60 minutes, then about an hour.

    Args:
        delivery_id: the delivery's id; it decides the jitter, so the plan is repeatable.
        attempts: attempts made, including this one; fewer than `MIN_ATTEMPTS` are never too late.
        is_greylisted: whether the server greylisted us; the wait is then at least 5 minutes.
        not_before: when the delivery was due.
        now: the end of this attempt.
        max_age: how long after `not_before` to keep trying; an old digest has no value.
    """
    wait = retry_wait(delivery_id, attempts)
    if is_greylisted:
        wait = max(wait, _GREYLISTING_WAIT)
    retry_at = now + wait
    is_too_late = retry_at > not_before + max_age and attempts >= MIN_ATTEMPTS
    return None if is_too_late else retry_at


def retry_wait(delivery_id: int, attempts: int) -> timedelta:
    """Return the wait after this number of attempts; an edition that was stopped waits so too."""
    if attempts <= len(_FIRST_WAITS):
        return _FIRST_WAITS[attempts - 1]
    return _LATER_WAIT * (1 + _JITTER * _spread(delivery_id, attempts))


def is_due(next_at: datetime, now: datetime) -> bool:
    """Return whether the time of a try has come, or is so far ahead that the clock was set back."""
    return not now < next_at <= now + LONGEST_WAIT


def _spread(delivery_id: int, attempts: int) -> float:
    """Return a number from -1 to 1, always the same for one attempt of one delivery."""
    digest = hashlib.blake2b(f"{delivery_id}.{attempts}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / (2**31) - 1

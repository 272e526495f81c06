"""When a delivery is tried again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

_FIRST_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
_LATER_WAIT = timedelta(hours=1)
#: Greylisting servers take nobody back within the first minutes.
_GREYLISTING_WAIT = timedelta(minutes=5)
#: Hourly tries are spread by up to this share, lest all come at once.
_JITTER = 0.1


def plan_retry(
    *,
    delivery_id: int,
    attempts: int,
    is_greylisted: bool,
    not_before: datetime,
    now: datetime,
    max_age: timedelta,
) -> datetime | None:
    """Say when to try again: after 1, 5, 15, 60 minutes, then hourly; None when it is too late.

    Args:
        delivery_id: decides the jitter, so that the same input gives the same plan.
        attempts: tries made, this one included.
        is_greylisted: the server asked us to come back; waits 5 minutes at least.
        not_before: when the delivery was due.
        now: the end of this try.
        max_age: how long after `not_before` to go on; a digest goes stale.
    """
    wait = _wait(delivery_id, attempts)
    if is_greylisted:
        wait = max(wait, _GREYLISTING_WAIT)
    retry_at = now + wait
    return retry_at if retry_at <= not_before + max_age else None


def _wait(delivery_id: int, attempts: int) -> timedelta:
    if attempts <= len(_FIRST_WAITS):
        return _FIRST_WAITS[attempts - 1]
    return _LATER_WAIT * (1 + _JITTER * _spread(delivery_id, attempts))


def _spread(delivery_id: int, attempts: int) -> float:
    """Give a number from -1 to 1 that is the same for the same try of the same delivery."""
    digest = hashlib.blake2b(f"{delivery_id}.{attempts}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / (2**31) - 1

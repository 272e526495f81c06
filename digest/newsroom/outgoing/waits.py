"""When an event that could not be posted is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

#: The waits after the first, second … try; the last one repeats.
_WAITS = (
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
#: An event that could not be posted for so long is given up.
MAX_AGE = timedelta(days=3)


def plan_call(attempts: int, *, at: datetime, now: datetime) -> datetime | None:
    """Return when to try again; None once the event is older than `MAX_AGE` then.

    Args:
        attempts: the number of tries until now, at least 1.
        at: when the event happened.
        now: the time.
    """
    next_at = now + _WAITS[min(attempts, len(_WAITS)) - 1]
    return next_at if next_at <= at + MAX_AGE else None

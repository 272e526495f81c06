"""When a feed is to be read again."""

from __future__ import annotations

from datetime import datetime, timedelta

#: A feed that fails is asked at least this often, or at its own interval if that is longer.
LONGEST_WAIT = timedelta(hours=24)


def is_due(
    interval: timedelta, *, checked_at: datetime | None, failures: int, now: datetime
) -> bool:
    """Whether a feed's time has come; each failure in a row doubles the wait.

    Args:
        interval: between two readings when all goes well.
        checked_at: when it was last asked; None: never.
        failures: in a row.
        now: the time; before `checked_at` where the clock was set back, and then it is due.
    """
    if checked_at is None or checked_at > now:
        return True
    # A dozen doublings of a minute are longer than the longest wait.
    wait = min(interval * (1 << min(failures, 12)), max(interval, LONGEST_WAIT))
    return now - checked_at >= wait

"""Reports a wall clock that `digest run` does not trust."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.newsroom.context import RunContext
from digest.store.clock import doubted_at, latest_time

#: How far the clock may be ahead of the latest time seen, or away from a server's.
TOLERANCE = timedelta(days=1)


def clock_problem(context: RunContext) -> str:
    """Return why `digest run` does not trust the clock; empty if it does.

    Raises:
        StoreError: the database cannot be used.
    """
    now = context.clock()
    with context.database.read() as connection:
        latest, doubted = latest_time(connection), doubted_at(connection)
    is_doubted = latest is not None and doubted is not None and now > latest + TOLERANCE
    return describe_doubt(latest, now) if is_doubted and latest else ""


def describe_doubt(latest: datetime, now: datetime) -> str:
    """Return in one line why a clock is doubted.

    Args:
        latest: the latest time seen before.
        now: what the clock says.
    """
    return (
        f"the clock says {now:%Y-%m-%d %H:%M} UTC, the last time seen was"
        f" {latest:%Y-%m-%d %H:%M} UTC, and no feed's server agrees with the clock; set the clock,"
        " or if it is right, start `digest run --trust-clock`"
    )

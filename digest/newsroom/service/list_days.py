"""Counts the subscribers' yesterday once it has passed, for the report."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from digest.newsroom.context import RunContext
from digest.store.list_days import count_days, last_day, save_days

#: At the first time, and after a long silence, so many days are counted.
_MOST = 366
_DAY = timedelta(days=1)


def count_yesterday(context: RunContext, now: datetime) -> int:
    """Count the days of each newsletter that have passed and are not counted; return their number.

    Raises:
        StoreError: the database cannot be used.
    """
    yesterday = now.date() - _DAY
    return sum(_count(context, each.name, yesterday) for each in context.newsletters)


def _count(context: RunContext, newsletter: str, yesterday: date) -> int:
    with context.database.read() as connection:
        last = last_day(connection, newsletter)
        start = max(last + _DAY if last else date.min, yesterday - _MOST * _DAY)
        days = [start + number * _DAY for number in range((yesterday - start).days + 1)]
        if not days:
            return 0
        counted = count_days(connection, newsletter, days)
    with context.database.write() as connection:
        save_days(connection, newsletter, counted)
    return len(counted)

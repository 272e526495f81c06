"""Counts the mails of the last 24 hours over each relay that has a daily limit.

A send reserves mails before it hands them over, and gives back what it did not use; so processes
that send at the same time keep to the limit together. What a killed process had reserved counts
as used.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Integer, bindparam, delete, func, select, update
from sqlalchemy.sql.dml import Insert

from digest.store.dialect import insert_into
from digest.store.tables import relayed
from subscribers.columns import UtcDateTime

#: An hour counts until its end is 24 hours old.
_COUNTED = timedelta(hours=25)
#: Counts older than this are deleted; not sooner, because a clock may be wrong by a day.
_KEPT = timedelta(days=8)


def reserve_mails(
    connection: Connection, relay: str, wanted: int, *, limit: int, now: datetime
) -> int:
    """Reserve up to `wanted` mails over a relay; return how many of them may go.

    Mails count by the hour in which they were reserved, so the limit may be reached a little early,
    never late.
    """
    connection.execute(
        delete(relayed).where(relayed.c.relay == relay, relayed.c.hour < now - _KEPT)
    )
    # Before the count, because on PostgreSQL it locks the hour's row against other processes.
    hour = now.replace(minute=0, second=0, microsecond=0)
    row = {"relay": relay, "hour": hour, "mails": wanted}
    connection.execute(_adding(connection.dialect.name), row)
    excess = mails_of_day(connection, relay, now=now) - limit
    granted = min(wanted, max(0, wanted - excess))
    return_mails(connection, relay, wanted - granted)
    return granted


@cache
def _adding(dialect: str) -> Insert:
    mails = bindparam("mails", type_=Integer)
    start = insert_into(dialect, relayed).values(
        relay=bindparam("relay"), hour=bindparam("hour"), mails=mails
    )
    return start.on_conflict_do_update(
        index_elements=[relayed.c.relay, relayed.c.hour],
        set_={"mails": relayed.c.mails + mails},
    )


def return_mails(connection: Connection, relay: str, mails: int) -> None:
    """Return reserved mails that were not handed over; too many for one hour stay counted."""
    if not mails:
        return
    newest = (
        select(func.max(relayed.c.hour))
        .where(relayed.c.relay == relay, relayed.c.mails >= mails)
        .scalar_subquery()
    )
    connection.execute(
        update(relayed)
        .where(relayed.c.relay == relay, relayed.c.hour == newest)
        .values(mails=relayed.c.mails - mails)
    )


def mails_of_day(connection: Connection, relay: str, *, now: datetime) -> int:
    """Return the mails over a relay in the last 24 hours, with those that are reserved."""
    counted = select(func.sum(relayed.c.mails)).where(
        relayed.c.relay == relay, relayed.c.hour > now - _COUNTED
    )
    return int(connection.scalar(counted) or 0)


def free_at(connection: Connection, relay: str, *, now: datetime) -> datetime:
    """Return when the oldest counted mails of a relay are 24 hours old; `now` if there are none."""
    oldest = connection.scalar(
        select(func.min(relayed.c.hour, type_=UtcDateTime())).where(
            relayed.c.relay == relay, relayed.c.hour > now - _COUNTED, relayed.c.mails > 0
        )
    )
    return oldest + _COUNTED if oldest else now

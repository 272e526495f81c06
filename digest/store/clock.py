"""The latest time that the database has seen, and a doubt about the wall clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from digest.store.dialect import insert_for
from digest.store.tables import audit, editions, feeds, meta
from subscribers.columns import UtcDateTime

_SEEN, _DOUBTED = "time_seen", "clock_doubted_at"


def database_time(connection: Connection) -> datetime:
    """Return the time of the database's clock, because those of several hosts may differ."""
    return connection.scalars(select(func.current_timestamp(type_=UtcDateTime()))).one()


def service_seen_at(connection: Connection) -> datetime | None:
    """Return when `digest run` last gave a sign of life; None if it never did.

    It stores the time it sees every minute while it runs.
    """
    return _read(connection, _SEEN)


def latest_time(connection: Connection) -> datetime | None:
    """Return the latest time seen; None for a database that has seen none.

    Before `digest run` stored one, it is the time of the latest change by a command.
    """
    if (seen := _read(connection, _SEEN)) is not None:
        return seen
    columns = (feeds.c.checked_at, editions.c.composed_at, audit.c.at)
    times = (connection.scalar(select(func.max(each, type_=UtcDateTime()))) for each in columns)
    return max((time for time in times if time is not None), default=None)


def save_time(connection: Connection, now: datetime) -> None:
    """Store a trusted time as the latest one; this ends a doubt."""
    _write(connection, _SEEN, now)
    connection.execute(delete(meta).where(meta.c.name == _DOUBTED))


def doubted_at(connection: Connection) -> datetime | None:
    """Return what the wall clock said when it was doubted; None if it is not."""
    return _read(connection, _DOUBTED)


def save_doubt(connection: Connection, latest: datetime, now: datetime) -> None:
    """Store that the wall clock is doubted, and the latest time before that."""
    _write(connection, _SEEN, latest)
    _write(connection, _DOUBTED, now)


def _read(connection: Connection, name: str) -> datetime | None:
    found = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return datetime.fromisoformat(found) if found else None


def _write(connection: Connection, name: str, time: datetime) -> None:
    new = insert_for(connection, meta).values(name=name, value=time.isoformat())
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": time.isoformat()})
    )

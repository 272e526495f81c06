"""Signs of life of the sending processes, by which one that hangs is found.

A worker's lock ends with its process (see `digest.store.locks`), so a crash is seen at once. A
process that hangs keeps its lock. Therefore the event loop of each worker renews a time here, by
the database's clock. A worker that was silent for longer than its lease hangs: its rows are
released to the others (see `digest.store.releases`). If it runs on later, its marks are refused
because the rows are not its own any more; an outcome that it learns late still counts.
"""

from __future__ import annotations

import math
import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, func, select

from digest.models import DeliveryState, EditionState
from digest.store.clock import database_time
from digest.store.deliveries import IS_HELD
from digest.store.dialect import insert_for
from digest.store.engine import Database
from digest.store.tables import deliveries, editions, workers
from digest.text.counted import counted

#: Seconds between two signs of life.
BEAT_S = 30.0
#: How long a worker may be silent, in seconds, with the default timeouts.
LEASE_S = 900
#: How much longer than the longest phase of a handover the lease is, in seconds.
_SLACK_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class HungWorker:
    """A worker that was silent for longer than its lease."""

    name: str
    edition_id: int
    host: str
    #: The process id on that host.
    process: int
    #: The last sign of life, by the database's clock.
    seen_at: datetime
    #: How long ago that was.
    silent_for: timedelta
    #: Mails that it still holds: claimed or being handed over.
    holds: int

    def __str__(self) -> str:
        minutes = int(self.silent_for.total_seconds() // 60)
        return (
            f"worker {self.name[:8]} on host {self.host}, process {self.process}: last seen"
            f" {counted(minutes, 'minute')} ago, holds {counted(self.holds, 'mail')};"
            " end that process if it hangs"
        )


class Refusal(StrEnum):
    """Why a mark was refused."""

    #: The subscriber has left or is suppressed.
    SKIPPED = "skipped"
    #: The row is not this worker's any more.
    TAKEN_OVER = "taken over"
    #: The edition is not being sent: it was paused, cancelled or closed meanwhile.
    HELD = "held"


def lease_for(longest_phase_s: float) -> int:
    """Return a lease, in seconds, that is longer than the longest phase of a handover."""
    return max(LEASE_S, math.ceil(longest_phase_s) + _SLACK_S)


# --- signs of life ------------------------------------------------------------------------------


def beat(connection: Connection, worker: str, edition_id: int, *, lease_s: int = LEASE_S) -> None:
    """Store a sign of life of a worker of this process; the first one adds the worker."""
    now = database_time(connection)
    new = insert_for(connection, workers).values(
        name=worker,
        edition_id=edition_id,
        host=socket.gethostname()[:255],
        process=os.getpid(),
        lease_s=lease_s,
        started_at=now,
        seen_at=now,
    )
    connection.execute(new.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))


def forget_workers(connection: Connection, names: Collection[str]) -> None:
    """Delete workers that hold no rows any more."""
    connection.execute(delete(workers).where(workers.c.name.in_(names)))


def known_workers(connection: Connection) -> frozenset[str]:
    """Return the names of all workers that are not forgotten, alive or dead."""
    return frozenset(connection.execute(select(workers.c.name)).scalars())


def living_workers(database: Database) -> frozenset[str]:
    """Return the names of the workers whose process lives, on any machine.

    Raises:
        StoreError: the database cannot be read.
    """
    with database.read() as connection:
        known = known_workers(connection)
        return known - database.dead_workers(connection, known)


def editions_being_sent(database: Database) -> tuple[int, ...]:
    """Return the editions of which a living process sends mails, on any machine.

    The schema may be an older one; one without signs of life has none.

    Raises:
        StoreError: the database cannot be read.
    """
    with database.read() as connection:
        if not connection.dialect.has_table(connection, workers.name):
            return ()
    living = living_workers(database)
    query = select(workers.c.edition_id).where(workers.c.name.in_(living)).distinct()
    with database.read() as connection:
        return tuple(connection.scalars(query.order_by(workers.c.edition_id)))


def silent_workers(connection: Connection) -> frozenset[str]:
    """Return the names of the workers whose lease is over."""
    return frozenset(_silent(connection))


def list_hung(connection: Connection) -> tuple[HungWorker, ...]:
    """Return the workers whose lease is over, for `status`; the longest silent first.

    A crashed worker is among them until the next send or freeze releases its rows.
    """
    silent = _silent(connection)
    if not silent:
        return ()
    found = connection.execute(
        select(workers)
        .where(workers.c.name.in_(silent))
        .order_by(workers.c.seen_at, workers.c.name)
    ).all()
    return tuple(
        HungWorker(
            name=row.name,
            edition_id=row.edition_id,
            host=row.host,
            process=row.process,
            seen_at=row.seen_at,
            silent_for=silent[row.name],
            holds=_count_held(connection, row.edition_id, row.name),
        )
        for row in found
    )


def _silent(connection: Connection) -> dict[str, timedelta]:
    now = database_time(connection)
    rows = connection.execute(select(workers.c.name, workers.c.seen_at, workers.c.lease_s)).all()
    silence = {row.name: (now - row.seen_at, timedelta(seconds=row.lease_s)) for row in rows}
    return {name: silent for name, (silent, lease) in silence.items() if silent > lease}


def _count_held(connection: Connection, edition_id: int, worker: str) -> int:
    held = select(func.count()).where(
        IS_HELD, deliveries.c.edition_id == edition_id, deliveries.c.worker == worker
    )
    return int(connection.scalar(held) or 0)


# --- refused marks ------------------------------------------------------------------------------


def why_refused(connection: Connection, delivery_ids: Collection[int]) -> dict[int, Refusal]:
    """Return why the marks of rows were refused, by the row's id."""
    rows = connection.execute(
        select(deliveries.c.id, deliveries.c.state, editions.c.state.label("edition"))
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .where(deliveries.c.id.in_(delivery_ids))
    ).all()
    return {row.id: _refusal(row.state, row.edition) for row in rows}


def _refusal(state: str, edition: str) -> Refusal:
    if edition != EditionState.SENDING:
        return Refusal.HELD
    return Refusal.SKIPPED if state == DeliveryState.SKIPPED else Refusal.TAKEN_OVER

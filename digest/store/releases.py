"""Releases the rows of workers whose process has ended or hangs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from digest.models import DeliveryState, Released
from digest.store.crashes import note_crashes
from digest.store.deliveries import IS_HELD, give_back
from digest.store.engine import Database
from digest.store.tables import deliveries, editions
from digest.store.workers import forget_workers, known_workers, silent_workers

#: Rows that a worker has, of all editions; each edition's are found by the index of open rows.
_IS_HELD_ANYWHERE = and_(
    IS_HELD,
    deliveries.c.edition_id.in_(select(editions.c.id).where(editions.c.finished_at.is_(None))),
)


def busy_workers(connection: Connection) -> frozenset[str]:
    """Return the names of the workers with claimed rows, running or dead."""
    held = select(deliveries.c.worker).where(_IS_HELD_ANYWHERE)
    return frozenset(connection.execute(held.distinct()).scalars())


def release_workers(connection: Connection, workers: Collection[str], *, now: datetime) -> Released:
    """Release the rows of these workers: handed ones become `unknown`, claimed ones go back."""
    held_by_them = deliveries.c.worker.in_(workers)
    pending = connection.execute(give_back(_IS_HELD_ANYWHERE, held_by_them))
    # The name stays: if the worker runs after all, the outcome it records still counts.
    unknown = connection.execute(
        update(deliveries)
        .where(_IS_HELD_ANYWHERE, held_by_them, deliveries.c.state == DeliveryState.HANDING)
        .values(state=DeliveryState.UNKNOWN, reason="interrupted", ended_at=now)
    )
    return Released(pending=pending.rowcount, unknown=unknown.rowcount)


def release_claim(connection: Connection, edition_id: int, worker: str, *, at: datetime) -> None:
    """Undo the claim that a worker made at a time, if it was committed.

    For a claim whose connection was lost: nobody was given its rows.
    """
    connection.execute(
        give_back(
            IS_HELD,
            deliveries.c.edition_id == edition_id,
            deliveries.c.worker == worker,
            deliveries.c.claimed_at == at,
        )
    )


def release_dead(connection: Connection, database: Database, *, now: datetime) -> Released:
    """Release the rows of workers whose process has ended, or that hang.

    One that hangs stays known, so that `status` names it until it ends or runs on. An edition whose
    workers crash again and again without a mail is paused.
    """
    silent = silent_workers(connection)
    known = known_workers(connection)
    dead = database.dead_workers(connection, busy_workers(connection) | known)
    crashed = database.crashed_workers(connection, dead)
    fault = note_crashes(connection, crashed) if crashed else ""
    forget_workers(connection, dead)
    gone = dead | silent
    released = release_workers(connection, gone, now=now) if gone else Released()
    return replace(released, fault=fault)

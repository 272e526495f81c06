"""Reads the figures of an installation for its metrics, and whether it is ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.errors import DigestError
from digest.models import EditionState, SlotState
from digest.newsroom.context import RunContext
from digest.newsroom.copied import why_a_copy
from digest.scheduler.slots import next_slot
from digest.store import editions
from digest.store.claims import next_due
from digest.store.engine import Connection
from digest.store.feeds import FeedHealth, list_feeds
from digest.store.figures import count_now
from digest.store.handed import total_handed
from digest.store.slots import list_slots
from digest.store.totals import count_editions, count_unknown, count_waiting_notices


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionFigures:
    """An edition that is being sent, or is paused."""

    edition_id: int
    newsletter: str
    #: Deliveries by state.
    deliveries: Mapping[str, int]
    #: Seconds since its oldest waiting mail was due; 0 if none is.
    lag_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of an installation."""

    #: By newsletter and state.
    editions: Mapping[tuple[str, str], int]
    unfinished: tuple[EditionFigures, ...]
    #: By newsletter and finished edition, the deliveries that wait for `digest resolve`.
    unknown: Mapping[tuple[str, int], int]
    #: The configured feeds that were fetched before.
    feeds: tuple[FeedHealth, ...]
    #: Mails handed over, of all newsletters, since the database was created.
    handed_over: int
    #: Mails outside editions that wait: confirmations, alerts.
    notices: int
    #: Whether unsubscribes wait in the journal.
    has_leavings: bool
    #: By newsletter and cadence, the next slot.
    next_slots: Mapping[tuple[str, str], datetime]
    #: By newsletter and cadence, the number of missed slots among the last 50.
    missed: Mapping[tuple[str, str], int]


def read_figures(context: RunContext) -> Figures:
    """Read the figures by index; the deliveries of finished editions are not counted.

    Raises:
        StoreError: the database cannot be used.
    """
    now = context.clock()
    urls = {source.url for source in context.sources}
    with context.database.read() as connection:
        unsent = [
            each
            for newsletter in context.newsletters
            for each in editions.unsent_editions(connection, newsletter.name)
            if each.state in (EditionState.SENDING, EditionState.PAUSED) and each.frozen_at
        ]
        return Figures(
            editions=count_editions(connection),
            unfinished=tuple(
                EditionFigures(
                    edition_id=each.id,
                    newsletter=each.newsletter,
                    deliveries=dict(count_now(connection, each.id).accounting.shown),
                    lag_s=_lag(connection, each.id, now),
                )
                for each in unsent
            ),
            unknown=count_unknown(connection),
            feeds=tuple(each for each in list_feeds(connection) if each.url in urls),
            handed_over=total_handed(connection),
            notices=count_waiting_notices(connection),
            has_leavings=not context.journal.is_empty,
            next_slots=_next_slots(context, now),
            missed=_missed(context, connection, now),
        )


def why_not_ready(context: RunContext) -> str:
    """Return why this process cannot serve now; empty if it can."""
    try:
        with context.database.read() as connection:
            total_handed(connection)
        return why_a_copy(context)
    except DigestError as error:
        return str(error)


def _lag(connection: Connection, edition_id: int, now: datetime) -> float:
    due = next_due(connection, edition_id, now=now)
    return max(0.0, (now - due).total_seconds()) if due else 0.0


def _next_slots(context: RunContext, now: datetime) -> dict[tuple[str, str], datetime]:
    return {
        (newsletter.name, cadence.name): next_slot(
            cadence.settings.schedule, cadence.settings.zone, after=now
        ).due_at
        for newsletter in context.newsletters
        for cadence in newsletter.cadences
    }


def _missed(
    context: RunContext, connection: Connection, now: datetime
) -> dict[tuple[str, str], int]:
    return {
        (newsletter.name, cadence.name): sum(
            slot.state is SlotState.MISSED
            for slot in list_slots(connection, newsletter.name, cadence.name, until=now)
        )
        for newsletter in context.newsletters
        for cadence in newsletter.cadences
    }

"""Counts an edition's deliveries by what happened to them; only reads.

Each function is one pass over the rows of one edition. None is indexed beyond the edition, because
an index would cost every mail of a send.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.models import DeliveryState
from digest.store.attempts import PUT_OFF
from digest.store.deliveries import IS_DEFERRED, IS_HELD
from digest.store.tables import deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """The number of deliveries with one state, reason and relay."""

    state: DeliveryState
    reason: str
    #: `host:port`; empty if none answered.
    relay: str
    count: int
    #: The earliest next try of these; None if none waits for one.
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCount:
    """The number of deliveries with one reply."""

    #: None if no server answered.
    code: int | None
    text: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyWorker:
    """A sending process that has deliveries in hand."""

    name: str
    claimed: int
    #: Being handed over at this moment.
    handing: int
    #: When it claimed the oldest of these.
    since: datetime | None


def count_outcomes(connection: Connection, edition_id: int) -> tuple[OutcomeCount, ...]:
    """Count an edition's deliveries by state, reason and relay, the most frequent first."""
    kind = (deliveries.c.state, deliveries.c.reason, deliveries.c.relay)
    query = (
        select(*kind, func.count(), func.min(deliveries.c.next_at))
        .where(deliveries.c.edition_id == edition_id)
        .group_by(*kind)
        .order_by(func.count().desc(), *kind)
    )
    return tuple(
        OutcomeCount(
            state=DeliveryState(state), reason=reason, relay=relay, count=count, next_at=next_at
        )
        for state, reason, relay, count, next_at in connection.execute(query)
    )


def count_replies(
    connection: Connection, edition_id: int, state: DeliveryState, *, most: int
) -> tuple[ReplyCount, ...]:
    """Count the replies to deliveries in one state, the most frequent first, at most `most`."""
    reply = (deliveries.c.reply_code, deliveries.c.reply_text)
    query = (
        select(*reply, func.count())
        .where(deliveries.c.edition_id == edition_id, deliveries.c.state == state)
        .group_by(*reply)
        .order_by(func.count().desc(), *reply)
        .limit(most)
    )
    return tuple(
        ReplyCount(code=code, text=text, count=count)
        for code, text, count in connection.execute(query)
    )


def busy_with(connection: Connection, edition_id: int) -> tuple[BusyWorker, ...]:
    """Return the workers that have deliveries of an edition in hand, by name.

    It reads only these deliveries, by the index of open ones.
    """
    kind = (deliveries.c.worker, deliveries.c.state)
    rows = connection.execute(
        select(*kind, func.count(), func.min(deliveries.c.claimed_at))
        .where(IS_HELD, deliveries.c.edition_id == edition_id)
        .group_by(*kind)
    ).all()
    return tuple(
        BusyWorker(
            name=name,
            claimed=sum(r[2] for r in rows if r[:2] == (name, DeliveryState.CLAIMED)),
            handing=sum(r[2] for r in rows if r[:2] == (name, DeliveryState.HANDING)),
            since=min((r[3] for r in rows if r[0] == name and r[3]), default=None),
        )
        for name in sorted({row[0] for row in rows})
    )


def last_refusal(connection: Connection, edition_id: int) -> str:
    """Return the reply to the deferred row that was tried last, or its reason; empty if none."""
    row = connection.execute(
        select(deliveries.c.reply_code, deliveries.c.reply_text, deliveries.c.reason)
        .where(
            IS_DEFERRED,
            deliveries.c.edition_id == edition_id,
            deliveries.c.reason != PUT_OFF,  # no server said that
        )
        .order_by(deliveries.c.claimed_at.desc(), deliveries.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return ""
    return f"{row.reply_code} {row.reply_text}" if row.reply_code else str(row.reason)

"""Counts an edition's deliveries without reading the rows that were sent.

The sent ones are counted as they are marked; the others are few, or found by an index over the
rows that are not sent. So the page of a send costs the same for every number of subscribers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    Connection,
    Dialect,
    Integer,
    bindparam,
    func,
    select,
    text,
    union_all,
)

from digest.models import Accounting, DeliveryState
from digest.store.deliveries import IS_DEFERRED, IS_HELD
from digest.store.dialect import FixedStatement, insert_for, insert_into, stored_time
from digest.store.tables import deliveries, edition_figures, editions, sent_minutes
from subscribers.columns import UtcDateTime

#: `sent_minutes.worker` of mails that no process sent in that minute.
_COUNTED_LATER = ""
#: The condition of the index over deliveries that ended without success; as text, because SQLite
#: compares it as written. It is tested at each mark, and a list of states takes five times as long.
IS_BAD = text("deliveries.ended_at IS NOT NULL AND deliveries.state <> 'sent'")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonFigure:
    """The number of deliveries that ended without success, by state and reason."""

    state: DeliveryState
    #: As stored; empty if the reply is all that is known.
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """An edition's deliveries, counted."""

    accounting: Accounting
    #: The most frequent first.
    reasons: tuple[ReasonFigure, ...]
    #: When they were counted; None if that was now.
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteCount:
    """The mails that relays accepted in one minute."""

    minute: datetime
    mails: int


# --- counting what is sent ------------------------------------------------------------------------


def add_sent(
    connection: Connection, worker: str, edition_id: int, mails: int, *, now: datetime
) -> None:
    """Add to the number of an edition's sent mails, in the transaction of their marks."""
    minute = stored_time(connection.dialect, minute_of(now))
    adding = _adding(connection.dialect)
    adding.run(connection, by=worker, edition=edition_id, number=mails, minute=minute)


def minute_of(time: datetime) -> datetime:
    """Return the minute under which a mail is counted."""
    return time.replace(second=0, microsecond=0)


def add_assumed(connection: Connection, edition_id: int, mails: int, *, now: datetime) -> None:
    """Add mails that count as sent although no process saw it."""
    add_sent(connection, _COUNTED_LATER, edition_id, mails, now=now)


@cache
def _adding(dialect: Dialect) -> FixedStatement:
    number = bindparam("number", type_=Integer)
    start = insert_into(dialect.name, sent_minutes).values(
        edition_id=bindparam("edition"),
        minute=bindparam("minute", type_=UtcDateTime()),
        worker=bindparam("by"),
        mails=number,
    )
    upsert = start.on_conflict_do_update(
        index_elements=[sent_minutes.c.edition_id, sent_minutes.c.minute, sent_minutes.c.worker],
        set_={"mails": sent_minutes.c.mails + number},
    )
    return FixedStatement(upsert, dialect, "by", "edition", "number", "minute")


def list_minutes(
    connection: Connection, edition_id: int, *, since: datetime | None = None
) -> tuple[MinuteCount, ...]:
    """Return how many mails were accepted in each minute that had some, in order."""
    wanted = [sent_minutes.c.edition_id == edition_id, sent_minutes.c.worker != _COUNTED_LATER]
    if since is not None:
        wanted.append(sent_minutes.c.minute >= minute_of(since))
    rows = connection.execute(
        select(sent_minutes.c.minute, func.sum(sent_minutes.c.mails))
        .where(*wanted)
        .group_by(sent_minutes.c.minute)
        .order_by(sent_minutes.c.minute)
    )
    return tuple(MinuteCount(minute=minute, mails=int(mails)) for minute, mails in rows)


# --- reading --------------------------------------------------------------------------------------


def count_now(
    connection: Connection, edition_id: int, *, reasons: tuple[ReasonFigure, ...] | None = None
) -> Figures:
    """Count an edition's deliveries as they are; reads no row that is sent or waits its turn.

    Args:
        connection: an open connection.
        edition_id: the edition.
        reasons: the result of `count_reasons` of a moment ago, to be used instead of counting.
    """
    frozen = connection.scalar(select(editions.c.frozen_count).where(editions.c.id == edition_id))
    sent = connection.scalar(
        select(func.sum(sent_minutes.c.mails)).where(sent_minutes.c.edition_id == edition_id)
    )
    if reasons is None:
        reasons = count_reasons(connection, edition_id)
    found: Counter[str] = Counter({DeliveryState.SENT: int(sent or 0)})
    for each in reasons:
        found[each.state] += each.count
    found.update(_count_busy(connection, edition_id))
    found[DeliveryState.PENDING] = max(0, int(frozen or 0) - found.total())
    accounting = Accounting(
        frozen=int(frozen or 0), **{str(state): found[state] for state in DeliveryState}
    )
    return Figures(accounting=accounting, reasons=reasons)


def read_figures(
    connection: Connection, edition_id: int, *, reasons: tuple[ReasonFigure, ...] | None = None
) -> Figures:
    """Return the stored figures of an edition that has ended; for another one, as `count_now`."""
    return read_stored(connection, (edition_id,)).get(edition_id) or count_now(
        connection, edition_id, reasons=reasons
    )


def read_stored(connection: Connection, edition_ids: Collection[int]) -> dict[int, Figures]:
    """Return the stored figures of those editions that have ended, by id."""
    rows = connection.execute(
        select(edition_figures, editions.c.frozen_count)
        .join(editions, editions.c.id == edition_figures.c.edition_id)
        # One that was opened again by `digest resolve` has not ended.
        .where(edition_figures.c.edition_id.in_(edition_ids), editions.c.finished_at.is_not(None))
    )
    return {
        row.edition_id: Figures(
            accounting=Accounting(
                frozen=row.frozen_count,
                sent=row.sent,
                failed=row.failed,
                unknown=row.unknown,
                skipped=row.skipped,
            ),
            reasons=tuple(
                ReasonFigure(state=DeliveryState(state), reason=reason, count=count)
                for state, reason, count in json.loads(row.reasons)
            ),
            counted_at=row.counted_at,
        )
        for row in rows
    }


def count_reasons(connection: Connection, edition_id: int) -> tuple[ReasonFigure, ...]:
    """Count the deliveries that ended without success; reads the index of each of them."""
    kind = (deliveries.c.state, deliveries.c.reason)
    rows = connection.execute(
        select(*kind, func.count())
        .where(IS_BAD, deliveries.c.edition_id == edition_id)
        .group_by(*kind)
        .order_by(func.count().desc(), *kind)
    )
    return tuple(
        ReasonFigure(state=DeliveryState(state), reason=reason, count=count)
        for state, reason, count in rows
    )


def _count_busy(connection: Connection, edition_id: int) -> dict[str, int]:
    """Count the open deliveries that are not simply waiting for their turn."""
    # In one statement, but each part by the index that has no other rows.
    in_hand, deferred = (
        select(deliveries.c.state, func.count().label("number"))
        .where(deliveries.c.edition_id == edition_id, condition)
        .group_by(deliveries.c.state)
        for condition in (IS_HELD, IS_DEFERRED)
    )
    rows = connection.execute(union_all(in_hand, deferred))
    return {row.state: row.number for row in rows}


def store_figures(
    connection: Connection, edition_id: int, accounting: Accounting, *, now: datetime
) -> None:
    """Store the figures of an edition that has ended, in the transaction that ended it."""
    reasons = count_reasons(connection, edition_id)
    values = {
        "counted_at": now,
        "sent": accounting.sent,
        "failed": accounting.failed,
        "unknown": accounting.unknown,
        "skipped": accounting.skipped,
        "reasons": json.dumps([[str(each.state), each.reason, each.count] for each in reasons]),
    }
    new = insert_for(connection, edition_figures).values(edition_id=edition_id, **values)
    connection.execute(
        new.on_conflict_do_update(index_elements=[edition_figures.c.edition_id], set_=values)
    )


def first_sent_at(connection: Connection, edition_id: int) -> datetime | None:
    """Return the minute in which the first mail was accepted; None if none was."""
    found: datetime | None = connection.scalar(
        select(func.min(sent_minutes.c.minute, type_=UtcDateTime())).where(
            sent_minutes.c.edition_id == edition_id, sent_minutes.c.worker != _COUNTED_LATER
        )
    )
    return found


def rate_of(
    minutes: Collection[MinuteCount],
    now: datetime,
    *,
    over: timedelta,
    since: datetime | None = None,
) -> float:
    """Return the mails per second in the last time `over`, from whole minutes.

    `since` is when the send began; None if that is not known.
    """
    recent = [each for each in minutes if each.minute > now - over - timedelta(minutes=1)]
    if not recent:
        return 0.0
    start = min(each.minute for each in recent)
    span = now - (max(start, since) if since else start)
    return sum(each.mails for each in recent) / max(span.total_seconds(), 1.0)

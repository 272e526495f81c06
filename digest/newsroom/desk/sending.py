"""Reads what the page of a send shows: how far it is, what holds it, what did not arrive.

It reads no row that was sent or waits its turn, and counts many that failed only now and then, so
it costs the same for every audience.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.models import Accounting, DeliveryState, EditionState, SendHold, StoredEdition
from digest.newsroom.clock import clock_problem
from digest.newsroom.context import RunContext
from digest.newsroom.desk.heads import head_of
from digest.newsroom.desk.recent import RecentFigures
from digest.newsroom.desk.report import EditionResult, result_of
from digest.newsroom.desk.rows import EditionHead
from digest.newsroom.editions import named_edition
from digest.newsroom.hours import is_ahead, shown_hour
from digest.newsroom.order import is_service_running
from digest.newsroom.reason_words import reason_in_words
from digest.newsroom.status import SendingState, holds_of, sending_state
from digest.store import figures
from digest.store.delivery_list import ListedDelivery, list_bad, list_deferred
from digest.store.engine import Connection
from digest.store.figures import MinuteCount, rate_of
from digest.store.orders import SendOrder, find_order
from digest.store.outcomes import BusyWorker, busy_with
from digest.store.waiting import count_waiting
from digest.store.workers import list_hung

__all__ = ["ListedDelivery", "MinuteCount", "Progress", "SendOrder", "SendingPage", "with_rate"]

#: Mails of a list on one page.
MOST_LISTED = 25
#: The rate is that of the last minutes.
_OVER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """The mails that ended, or wait, for one reason."""

    state: DeliveryState
    #: As stored; empty if the server's words are all that is known.
    reason: str
    meaning: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of the send of an edition."""

    edition_id: int
    state: EditionState
    paused_reason: str
    accounting: Accounting
    #: When it was counted, if it has ended; None: now.
    counted_at: datetime | None
    #: Why mails were not sent, the most frequent reason first.
    reasons: tuple[ReasonRow, ...]
    #: Mails per second in the last minutes; 0 if nothing is sent.
    rate: float
    #: When it will be done at this rate; None if that is not known.
    done_at: datetime | None
    #: The mails of each minute.
    minutes: tuple[MinuteCount, ...]
    holds: tuple[SendHold, ...]
    sending: SendingState
    workers: tuple[BusyWorker, ...]
    #: Sending processes that hang, one line each.
    hung: tuple[str, ...]
    is_service_running: bool
    #: The last order to send it.
    order: SendOrder | None
    now: datetime

    @property
    def is_live(self) -> bool:
        """Whether the figures change by themselves."""
        waits = self.order is not None and self.order.ended_at is None
        return self.state is EditionState.SENDING or waits

    @property
    def has_unknown(self) -> bool:
        """Whether some of its mails were never answered."""
        return self.accounting.unknown > 0

    @property
    def percent(self) -> int:
        """The share of the mails that have ended, rounded down."""
        account = self.accounting
        return 100 * account.ended // account.frozen if account.frozen else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingPage:
    """Everything that the page of a send shows."""

    head: EditionHead
    progress: Progress
    frozen_at: datetime | None
    finished_at: datetime | None
    #: Its hour in words, and whether it has not come.
    hour: str
    is_ahead: bool
    #: Subscribers who get no edition until its unknown mails are resolved.
    waiting: int
    #: Some of its unknown mails.
    unknown: tuple[ListedDelivery, ...]
    #: None before the freeze.
    result: EditionResult | None


def with_rate(progress: Progress, rate: float) -> Progress:
    """Return the same progress with a rate that was measured."""
    # A deferred mail waits for its own time.
    left = progress.accounting.open - progress.accounting.deferred
    done_at = progress.now + timedelta(seconds=left / rate) if rate and left else None
    return replace(progress, rate=rate, done_at=done_at)


def read_progress(context: RunContext, edition_id: int, recent: RecentFigures) -> Progress:
    """Return how far the send of an edition is.

    Raises:
        UsageError: the edition does not exist.
        StoreError: the database cannot be used.
    """
    problem, is_running = clock_problem(context), is_service_running(context)
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        now = context.clock()
        counted = recent.read(connection, edition_id, now=now)
        return _progress(connection, stored, counted, now, problem, is_running)


def read_sending(context: RunContext, edition_id: int, recent: RecentFigures) -> SendingPage:
    """Return what the page of a send shows; raises as `read_progress`."""
    problem, is_running, now = clock_problem(context), is_service_running(context), context.clock()
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        counted = recent.read(connection, edition_id, now=now)
        progress = _progress(connection, stored, counted, now, problem, is_running)
        waiting = count_waiting(connection, stored.newsletter)
        unknown = DeliveryState.UNKNOWN
        some = list_bad(connection, edition_id, unknown, most=10) if progress.has_unknown else ()
        is_frozen = stored.frozen_at is not None
        result = result_of(connection, stored, counted) if is_frozen else None
    return SendingPage(
        head=head_of(context, stored),
        progress=progress,
        frozen_at=stored.frozen_at,
        finished_at=stored.finished_at,
        hour="" if stored.is_extra else shown_hour(context, stored),
        is_ahead=is_ahead(context, stored, now),
        waiting=sum(each.subscribers for each in waiting if each.edition_id == edition_id),
        unknown=some,
        result=result,
    )


def _progress(
    connection: Connection,
    stored: StoredEdition,
    counted: figures.Figures,
    now: datetime,
    clock_problem: str,
    is_service_running: bool,
) -> Progress:
    minutes = figures.list_minutes(connection, stored.id)
    sending = sending_state(connection, stored, now)
    is_sending = stored.state is EditionState.SENDING
    hung = list_hung(connection) if is_sending else ()
    progress = Progress(
        edition_id=stored.id,
        state=stored.state,
        paused_reason=stored.paused_reason,
        accounting=counted.accounting,
        counted_at=counted.counted_at,
        reasons=tuple(map(_reason_row, counted.reasons)),
        rate=0.0,
        done_at=None,
        minutes=minutes,
        holds=holds_of(stored, sending, clock_problem, now),
        sending=sending,
        workers=busy_with(connection, stored.id) if is_sending else (),
        hung=tuple(str(each) for each in hung if each.edition_id == stored.id),
        is_service_running=is_service_running,
        order=find_order(connection, stored.id),
        now=now,
    )
    if not is_sending:
        return progress
    return with_rate(progress, rate_of(minutes, now, over=_OVER, since=stored.frozen_at))


def _reason_row(each: figures.ReasonFigure) -> ReasonRow:
    return ReasonRow(
        state=each.state,
        reason=each.reason,
        meaning=reason_in_words(each.reason) or "the server refused it",
        count=each.count,
    )


def list_mails(
    context: RunContext,
    edition_id: int,
    state: DeliveryState,
    *,
    reason: str | None,
    after: int = 0,
    most: int = MOST_LISTED,
) -> tuple[ListedDelivery, ...]:
    """Return a page of the mails that were not sent; arguments as for `list_bad`.

    Raises:
        UsageError: the edition does not exist.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        named_edition(connection, edition_id)
        return _list_mails(connection, edition_id, state, reason, after, most)


def _list_mails(
    connection: Connection,
    edition_id: int,
    state: DeliveryState,
    reason: str | None,
    after: int,
    most: int,
) -> tuple[ListedDelivery, ...]:
    if state is DeliveryState.DEFERRED:
        return list_deferred(connection, edition_id, most=most)
    return list_bad(connection, edition_id, state, reason=reason, after=after, most=most)

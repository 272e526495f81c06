"""Reads the status of the editions and feeds, and of one edition in detail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.composer.snapshot import edition_from_json
from digest.models import (
    Accounting,
    AuditEntry,
    EditionState,
    PollResults,
    SendHold,
    StoredEdition,
)
from digest.newsroom.clock import clock_problem
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.newsroom.outcomes import RelayCount, StateOutcome, read_relays, read_states
from digest.newsroom.outgoing.shown import ShownWebhook, list_webhooks
from digest.pipeline.poll import read_results
from digest.sender.retry import LONGEST_WAIT
from digest.store import unknown_deliveries
from digest.store.audience_counts import count_without_category
from digest.store.audit import entries_of
from digest.store.bounces import count_bounces
from digest.store.claims import next_due
from digest.store.edition_list import ListedEdition, list_editions
from digest.store.engine import Connection
from digest.store.feeds import FeedHealth, list_feeds
from digest.store.outcomes import (
    BusyWorker,
    OutcomeCount,
    busy_with,
    count_outcomes,
    last_refusal,
)
from digest.store.unknown_deliveries import UnknownDelivery
from digest.store.waiting import Waiting, count_waiting
from digest.store.workers import list_hung

__all__ = [
    "BusyWorker",
    "EditionStatus",
    "FeedHealth",
    "ListedEdition",
    "OldSender",
    "RelayCount",
    "SendingState",
    "StateOutcome",
    "Status",
    "Waiting",
    "holds_of",
    "read_edition",
    "read_status",
    "sending_state",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingState:
    """Why an edition that is being sent is not done yet."""

    #: Why mails are not accepted, from the last run or the last deferred mail; empty: they are.
    last_error: str = ""
    #: When it is tried again; None if nothing waits.
    next_try: datetime | None = None
    #: Whether `digest send` would try some of its mails at once.
    can_try_now: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The status of the installation or of one newsletter."""

    #: Newest first.
    editions: tuple[ListedEdition, ...]
    #: The configured feeds that were read, or tried, before.
    feeds: tuple[FeedHealth, ...]
    #: By newsletter, the confirmed subscribers whose choice matches none of its categories: they
    #: get no mail. Newsletters without any are left out.
    without_category: Mapping[str, int]
    #: By edition; empty for one that is not being sent.
    sending: Mapping[int, SendingState]
    #: Subscribers who get no edition until `digest resolve`.
    waiting: tuple[Waiting, ...]
    #: Why `digest run` does not trust the clock; empty if it does.
    clock_problem: str = ""
    #: The webhooks that get events, and how they answer.
    webhooks: tuple[ShownWebhook, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OldSender:
    """An address that an edition was frozen with, and that the configuration has changed since."""

    #: Such as `envelope sender`.
    what: str
    frozen: str
    configured: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStatus:
    """The status of one edition."""

    edition: StoredEdition
    accounting: Accounting
    #: The deliveries of each state, and why they have it.
    states: tuple[StateOutcome, ...]
    #: The answers of each relay.
    relays: tuple[RelayCount, ...]
    #: Why nothing of it is sent at this moment, and what changes that.
    holds: tuple[SendHold, ...]
    #: The processes that have deliveries of it in hand.
    workers: tuple[BusyWorker, ...]
    #: Sending processes that hang, one line each.
    hung: tuple[str, ...]
    #: What its mails keep although the configuration has changed.
    old_senders: tuple[OldSender, ...]
    #: Deliveries that were handed over and never answered, at most a thousand.
    unknown: tuple[UnknownDelivery, ...]
    #: The audit rows of the edition, oldest first.
    history: tuple[AuditEntry, ...]
    #: Empty if it is not being sent.
    sending: SendingState
    #: Subscribers who get no edition until the unknown deliveries of this one are resolved.
    waiting: int
    #: Persons whose mail came back or who complained, by what was reported.
    bounces: Mapping[str, int]
    #: The answers to its poll until now; None if its mails have no poll.
    poll: PollResults | None = None


def read_status(context: RunContext, newsletter: str | None) -> Status:
    """Return the editions of a newsletter, or of all, and the feeds, with one query for each list.

    Raises:
        StoreError: the database cannot be used.
    """
    problem, webhooks = clock_problem(context), list_webhooks(context)
    now = context.clock()
    urls = {source.url for source in context.sources}
    with context.database.read() as connection:
        counts = {
            each.name: count_without_category(connection, each.name, each.categories, each.segment)
            for each in context.newsletters
            if newsletter in (None, each.name)
        }
        listed = list_editions(connection, newsletter)
        return Status(
            editions=listed,
            without_category={name: count for name, count in counts.items() if count},
            sending={
                each.edition.id: sending_state(connection, each.edition, now) for each in listed
            },
            feeds=tuple(feed for feed in list_feeds(connection) if feed.url in urls),
            waiting=count_waiting(connection, newsletter),
            clock_problem=problem,
            webhooks=webhooks,
        )


def read_edition(context: RunContext, edition_id: int) -> EditionStatus:
    """Return the status of one edition.

    It takes one pass over its deliveries, and one more for each state whose replies are shown; the
    other queries are indexed.

    Raises:
        UsageError: the edition does not exist.
        StoreError: the database cannot be used.
    """
    now, problem = context.clock(), clock_problem(context)
    with context.database.read() as connection:
        edition = named_edition(connection, edition_id)
        waiting = count_waiting(connection, edition.newsletter)
        counts = count_outcomes(connection, edition_id)
        sending = sending_state(connection, edition, now)
        return EditionStatus(
            edition=edition,
            accounting=_account(edition, counts),
            states=read_states(connection, edition_id, counts),
            relays=read_relays(counts),
            holds=holds_of(edition, sending, problem, now),
            workers=busy_with(connection, edition_id),
            hung=tuple(
                str(each) for each in list_hung(connection) if each.edition_id == edition_id
            ),
            old_senders=_old_senders(context, edition),
            unknown=unknown_deliveries.list_unknown(connection, edition_id),
            history=entries_of(connection, edition_id),
            sending=sending,
            waiting=sum(each.subscribers for each in waiting if each.edition_id == edition_id),
            bounces=count_bounces(connection, edition_id),
            poll=_poll_of(connection, edition),
        )


def _account(edition: StoredEdition, counts: tuple[OutcomeCount, ...]) -> Accounting:
    states = Counter[str]()
    for each in counts:
        states[each.state] += each.count
    return Accounting(frozen=edition.frozen_count, **states)


def holds_of(
    edition: StoredEdition, sending: SendingState, clock_problem: str, now: datetime
) -> tuple[SendHold, ...]:
    """Return why nothing of an edition is sent at this moment, and what changes that."""
    if edition.state is EditionState.PAUSED:
        resume = f"To continue, run `digest resume {edition.id}`."
        return (SendHold(reason=f"paused ({edition.paused_reason})", release=resume),)
    if edition.state is not EditionState.SENDING:
        return ()
    by_hand = f"`digest send {edition.id}` tries now."
    found = []
    if clock_problem:
        found.append(SendHold(reason=f"`digest run` waits: {clock_problem}", release=by_hand))
    if edition.retry_at and edition.retry_at > now:
        release = by_hand if sending.can_try_now else ""
        reason = "the relay made the last run stop"
        found.append(SendHold(reason=reason, until=edition.retry_at, release=release))
    return tuple(found)


def _old_senders(context: RunContext, edition: StoredEdition) -> tuple[OldSender, ...]:
    """Return what the edition was frozen with and is configured otherwise now."""
    now = [each.identity for each in context.newsletters if each.name == edition.newsletter]
    if edition.frozen_at is None or not now:
        return ()
    frozen_with = now[0].as_frozen(edition.sender, edition.identity)
    both = (
        ("envelope sender", frozen_with.sender, now[0].sender),
        ("address of the links", frozen_with.base_url, now[0].base_url),
        ("domain of return addresses", frozen_with.return_domain, now[0].return_domain),
    )
    return tuple(
        OldSender(what=what, frozen=frozen, configured=configured)
        for what, frozen, configured in both
        if frozen != configured
    )


def _poll_of(connection: Connection, stored: StoredEdition) -> PollResults | None:
    if not stored.asks_poll:
        return None
    return read_results(connection, stored.id, edition_from_json(stored.snapshot))


def sending_state(connection: Connection, edition: StoredEdition, now: datetime) -> SendingState:
    """Return why an edition that is being sent is not done yet; empty for any other."""
    if edition.state is not EditionState.SENDING:
        return SendingState()
    due = next_due(connection, edition.id, now=now, longest_wait=LONGEST_WAIT)
    times = [time for time in (due, edition.retry_at) if time is not None]
    return SendingState(
        last_error=edition.last_error or last_refusal(connection, edition.id),
        next_try=max(times) if due else None,
        can_try_now=due is not None and due <= now,
    )

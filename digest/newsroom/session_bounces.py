"""Counts what mail servers said about recipients during a send, as if it had been reported later.

A server that refuses a mail because there is no such mailbox, or because it is full, says what a
bounce says. What is said about the sender, the mail or the relay counts against no subscriber, and
neither does a refusal in an edition of which no server accepted a mail: then the relay may refuse
every recipient.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from digest.bounces.classes import Effect, Verdict
from digest.bounces.score import must_suppress
from digest.bounces.session import judge_refusal
from digest.errors import StoreError
from digest.models import Actor, BounceOutcome, EventKind, SessionRefusal, StoredBounce
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.store import bounces, refusals
from digest.store.engine import Connection
from digest.store.events import add_subscriber_event
from digest.text.counted import counted
from subscribers.addresses import Address
from subscribers.suppression import SuppressionReason, suppress_many

#: Failed deliveries in one transaction.
_PAGE = 500
#: Of the words of a mail server, this much is stored.
_MAX_WORDS = 500

_log = logging.getLogger(__name__)


@asynccontextmanager
async def refusals_counted(context: RunContext, *, by: Actor) -> AsyncIterator[None]:
    """Count the refusals of all editions before and after the block, which sends one.

    Before it because a process that was killed has not counted its own. After it also if the relay
    ended the run; not if the ledger cannot be written: then the next run counts them.
    """
    await asyncio.to_thread(count_all_refusals, context, by=by)
    is_writable = True
    try:
        yield
    except (StoreError, asyncio.CancelledError):  # cancelled: the database may be another one
        is_writable = False
        raise
    finally:
        if is_writable:
            await asyncio.to_thread(count_all_refusals, context, by=by)


def count_all_refusals(context: RunContext, *, by: Actor) -> int:
    """Count the refusals of all editions; return the number of subscribers whom they concern.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        waiting = refusals.list_unjudged(connection)
    return sum(count_refusals(context, edition_id, by=by) for edition_id in waiting)


def count_refusals(context: RunContext, edition_id: int, *, by: Actor) -> int:
    """Count an edition's refusals that were not counted yet, each once.

    A mailbox that does not exist (5.1.1, 5.1.10) is suppressed at once, other refusals for good if
    a later edition confirms them, and a full mailbox after five editions in a row.

    Returns:
        The number of subscribers whose mailbox was refused.

    Raises:
        StoreError: the database cannot be used; what was not counted is counted the next time.
    """
    total = 0
    while True:
        with context.database.write() as connection:
            taken, found = refusals.take_unjudged(connection, edition_id, most=_PAGE)
            total += _count(context, connection, edition_id, found, by)
        if not taken:
            return total


def _count(
    context: RunContext,
    connection: Connection,
    edition_id: int,
    found: Sequence[SessionRefusal],
    by: Actor,
) -> int:
    judged = {each.delivery_id: (each, judge_refusal(each)) for each in found}
    theirs = {key: (each, verdict) for key, (each, verdict) in judged.items() if verdict}
    if not theirs or not refusals.has_accepted(connection, edition_id):
        return 0
    addresses = refusals.lock_addresses(connection, theirs)
    gone = {
        address: theirs[key][0].person_id
        for key, address in addresses.items()
        if _add(connection, edition_id, *theirs[key]) is BounceOutcome.SUPPRESSED
    }
    if gone:
        _suppress(context, connection, edition_id, gone, by)
    return len(addresses)


def _add(
    connection: Connection, edition_id: int, refusal: SessionRefusal, verdict: Verdict
) -> BounceOutcome:
    """Store a refusal; return what must be done, which is nothing if it was stored before."""
    is_scored = verdict.effect is not Effect.SUPPRESS
    bounce = StoredBounce(
        person_id=refusal.person_id,
        edition_id=edition_id,
        report=bounces.session_report(edition_id),
        bounce_class=verdict.bounce_class,
        is_scored=is_scored,
        is_unconfirmed=verdict.effect is Effect.CONFIRM,
        outcome=BounceOutcome.COUNTED if is_scored else BounceOutcome.SUPPRESSED,
        words=f"{refusal.reply.code} {refusal.reply.text}"[:_MAX_WORDS],
        at=refusal.ended_at,
    )
    if not bounces.add_bounce(connection, bounce):
        return BounceOutcome.NOTHING
    failures = bounces.failures_in_a_row(connection, bounce.person_id) if is_scored else ()
    if is_scored and must_suppress(bounce, failures):
        bounce = replace(bounce, outcome=BounceOutcome.SUPPRESSED)
        bounces.set_outcome(connection, bounce.person_id, bounce.report, bounce.outcome)
    return bounce.outcome


def _suppress(
    context: RunContext,
    connection: Connection,
    edition_id: int,
    gone: dict[Address, int],
    by: Actor,
) -> None:
    """Suppress the addresses of persons; `gone` has the id of each."""
    newsletter = named_edition(connection, edition_id).newsletter
    reasons = dict.fromkeys(gone, (SuppressionReason.BOUNCED,))
    new = suppress_many(connection, context.keys, reasons, now=context.clock())
    add_subscriber_event(
        connection,
        EventKind.SUBSCRIBER_BOUNCED,
        newsletter,
        [person_id for address, person_id in gone.items() if address.key in new],
        how="refused",
        edition=edition_id,
    )
    record(
        context,
        connection,
        by,
        "bounce",
        newsletter=newsletter,
        edition_id=edition_id,
        detail=f"suppressed: {len(gone)}, refused by their mail servers",
    )
    _log.info(
        "edition %d: mail servers refused for good: %s",
        edition_id,
        counted(len(gone), "mailbox", "mailboxes"),
    )

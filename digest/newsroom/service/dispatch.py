"""Sends the due deliveries of all editions: new ones, deferred ones, and those left by a crash."""

from __future__ import annotations

import asyncio
import logging

from digest.errors import DigestError, StoreError
from digest.models import EditionState, StoredEdition
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.observer import observe_run
from digest.newsroom.service.notices import notify
from digest.newsroom.state import kept_state
from digest.pipeline.deliver import deliver
from digest.store.deliveries import next_due
from digest.store.editions import list_editions
from digest.store.turns import take_turn
from subscribers.errors import SubscriberError

#: How long handovers that have begun may take after `stop` is set.
GRACE_S = 20.0

_log = logging.getLogger(__name__)


async def dispatch(context: RunContext, *, stop: asyncio.Event) -> None:
    """Send the due deliveries of all newsletters at the same time, until `stop` is set.

    Raises:
        StoreError: the ledger cannot be written; no mail was sent without a mark in it.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for newsletter in context.newsletters:
                group.create_task(_send_newsletter(context, newsletter, stop))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures


async def _send_newsletter(
    context: RunContext, newsletter: NewsletterContext, stop: asyncio.Event
) -> None:
    # One process at a time, so that the relays never get more connections than configured.
    async with take_turn(context.database, f"{newsletter.name}.send") as is_ours:
        for stored in await asyncio.to_thread(_due, context, newsletter) if is_ours else ():
            if not stop.is_set():
                await _send(context, newsletter, stored, stop)


def _due(context: RunContext, newsletter: NewsletterContext) -> tuple[StoredEdition, ...]:
    """Return the editions that are due, oldest first.

    An edition without a waiting delivery is due too: a crash may have left claimed deliveries, or
    may have happened before the edition was finished.
    """
    now = context.clock()
    with context.database.read() as connection:
        under_way = [
            stored
            for stored in list_editions(connection, newsletter.name)
            if stored.state is EditionState.SENDING
        ]
        next_at = {stored.id: next_due(connection, stored.id) for stored in under_way}
    return tuple(each for each in reversed(under_way) if (next_at[each.id] or now) <= now)


async def _send(
    context: RunContext, newsletter: NewsletterContext, stored: StoredEdition, stop: asyncio.Event
) -> None:
    try:
        async with kept_state(context):
            report = await deliver(
                context.database,
                stored,
                newsletter.writer,
                keys=context.keys,
                open_mailer=context.open_mailer,
                connections=context.connections,
                max_age=newsletter.max_age,
                clock=context.clock,
                stop=stop,
                grace_s=GRACE_S,
            )
    except StoreError:
        raise  # storing the alert would fail too
    except (DigestError, SubscriberError) as error:
        await asyncio.to_thread(_report_failure, context, stored, str(error))
        return
    observe_run(context.observer, stored.id, report)


def _report_failure(context: RunContext, stored: StoredEdition, reason: str) -> None:
    _log.error("edition %d cannot be sent now: %s", stored.id, reason)
    text = (
        f"{stored.newsletter}: edition {stored.id} cannot be sent now: {reason}\n"
        f"It is tried again at every tick; see `digest status {stored.id}`."
    )
    key = f"{stored.newsletter}/{stored.cadence}/{stored.local_at}/send/{reason}"
    notify(context.database, "alert", key, text, context.alerts.recipients, now=context.clock())

"""Sends the due deliveries of all editions: new ones, deferred ones, and those left by a crash."""

from __future__ import annotations

import asyncio
import logging

from digest.errors import DigestError, StoreError
from digest.models import EditionState, StoredEdition
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.observer import observe_run
from digest.newsroom.service.trouble import alert_of_trouble
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
    may have happened before the edition was finished. One that the relay stopped waits.
    """
    now = context.clock()
    with context.database.read() as connection:
        under_way = [
            stored
            for stored in list_editions(connection, newsletter.name)
            if stored.state is EditionState.SENDING
            and (stored.retry_at is None or stored.retry_at <= now)
        ]
        next_at = {stored.id: next_due(connection, stored.id) for stored in under_way}
    return tuple(each for each in reversed(under_way) if (next_at[each.id] or now) <= now)


async def _send(
    context: RunContext, newsletter: NewsletterContext, stored: StoredEdition, stop: asyncio.Event
) -> None:
    try:
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
        await asyncio.to_thread(_report, context, stored, error)
        return
    observe_run(context.observer, stored.id, report)
    if report.trouble:
        await asyncio.to_thread(_report, context, stored, report.trouble)


def _report(context: RunContext, stored: StoredEdition, error: Exception) -> None:
    _log.error("edition %d: not all mails can be sent now: %s", stored.id, error)
    alert_of_trouble(context, stored, error)

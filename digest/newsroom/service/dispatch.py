"""Sends the due deliveries of all editions: new ones, deferred ones, and those left by a crash."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from digest.errors import RelayRefusal, RelaySetupError
from digest.models import SENDER, EditionState, StoredEdition
from digest.newsroom.bounced_editions import guard_import
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.observer import observe_run
from digest.newsroom.self_service.leaving import Leavings
from digest.newsroom.service.fence import Fence, in_one_line, is_expected, report_failure
from digest.newsroom.service.trouble import alert_of_trouble
from digest.newsroom.session_bounces import refusals_counted
from digest.newsroom.state import kept_state
from digest.pipeline.deliver import deliver
from digest.sender.retry import LONGEST_WAIT, is_due
from digest.store.claims import next_due
from digest.store.editions import list_editions
from digest.store.turns import take_turn
from digest.store.workers import list_hung

#: How long handovers that have begun may take after `stop` is set.
GRACE_S = 20.0
#: A try may be this much early: the clock of a run and that of a tick differ a little.
_SLACK = timedelta(seconds=1)

_log = logging.getLogger(__name__)


async def dispatch(context: RunContext, *, stop: asyncio.Event, fence: Fence | None = None) -> None:
    """Send the due deliveries of all newsletters at the same time, until `stop` is set.

    What fails in one newsletter is reported, and the others go on; `fence` has the failures of
    earlier calls.

    Raises:
        StoreError: the ledger cannot be written; no mail was sent without a mark in it.
    """
    fence = fence or Fence()
    try:
        async with asyncio.TaskGroup() as group:
            for newsletter in context.newsletters:
                group.create_task(_take_turn(context, newsletter, stop, fence))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures


async def _take_turn(
    context: RunContext, newsletter: NewsletterContext, stop: asyncio.Event, fence: Fence
) -> None:
    # One process at a time, so that the relays never get more connections than configured. One that
    # hangs does not give its turn back.
    async with take_turn(context.database, f"{newsletter.name}.send") as is_ours:
        if is_ours or await asyncio.to_thread(_is_hung, context, newsletter):
            await send_newsletter(context, newsletter, stop, fence)


async def send_newsletter(
    context: RunContext, newsletter: NewsletterContext, stop: asyncio.Event, fence: Fence
) -> None:
    """Send the due deliveries of one newsletter, whether or not another process does so too.

    Raises:
        StoreError: the ledger cannot be written; no mail was sent without a mark in it.
    """

    async def send_due() -> bool:
        for stored in await asyncio.to_thread(find_due, context, newsletter):
            if not stop.is_set():
                await fence.run(
                    f"edition {stored.id}",
                    context.clock(),
                    partial(_send, context, newsletter, stored, stop),
                    partial(_report, context, stored),
                )
        return True

    def report(error: Exception) -> None:
        report_failure(context, newsletter.name, error, now=context.clock())

    await fence.run(f"{newsletter.name}/sending", context.clock(), send_due, report)


def _is_hung(context: RunContext, newsletter: NewsletterContext) -> bool:
    """Return whether a process that sends one of a newsletter's editions hangs."""
    with context.database.read() as connection:
        hung = {each.edition_id for each in list_hung(connection)}
        return bool(hung) and any(
            stored.id in hung for stored in list_editions(connection, newsletter.name)
        )


def find_all_due(context: RunContext) -> tuple[int, ...]:
    """Return the ids of all editions that are due."""
    return tuple(stored.id for each in context.newsletters for stored in find_due(context, each))


def find_due(context: RunContext, newsletter: NewsletterContext) -> tuple[StoredEdition, ...]:
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
            and (stored.retry_at is None or is_due(stored.retry_at, now + _SLACK))
        ]
        next_at = {
            stored.id: next_due(connection, stored.id, now=now, longest_wait=LONGEST_WAIT)
            for stored in under_way
        }
    return tuple(each for each in reversed(under_way) if (next_at[each.id] or now) <= now)


async def _send(
    context: RunContext, newsletter: NewsletterContext, stored: StoredEdition, stop: asyncio.Event
) -> bool:
    try:
        async with kept_state(context), refusals_counted(context, by=SENDER):
            report = await deliver(
                context.database,
                stored,
                newsletter.identity,
                keys=context.keys,
                open_mailer=context.open_mailer,
                relays=context.relays,
                canary=context.canary,
                guard=partial(guard_import, context, stored.id, by=SENDER),
                max_age=newsletter.max_age,
                clock=_steady(context.clock),
                stop=stop,
                grace_s=GRACE_S,
                before_marks=Leavings.of(context).take_all,
            )
    except (RelayRefusal, RelaySetupError) as error:
        # The edition knows when it is tried again; `find_due` leaves it alone until then.
        await asyncio.to_thread(_report, context, stored, error)
        return True
    observe_run(context.observer, stored.id, report)
    if report.trouble:
        await asyncio.to_thread(_report, context, stored, report.trouble)
    return True


def _steady(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """Return a clock that goes on evenly if the given one jumps, so that no mail expires by it."""
    start, since = clock(), time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - since)


def _report(context: RunContext, stored: StoredEdition, error: Exception) -> None:
    _log.error(
        "edition %d: not all mails can be sent now: %s",
        stored.id,
        in_one_line(error),
        exc_info=None if is_expected(error) else error,
    )
    alert_of_trouble(context, stored, error)

"""Posts the events that wait to the operator's webhooks, apart from everything else.

Each webhook is called on its own, one event after another: one that does not answer delays neither
the others nor any mail. An event is posted at least once; after a crash, perhaps twice with the
same id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from digest.errors import FeedError, GoneError
from digest.models import EventKind, WebhookCall, WebhookRule
from digest.newsroom.context import Endpoint, RunContext
from digest.newsroom.outgoing.signing import body_of, headers_of
from digest.newsroom.outgoing.waits import plan_call
from digest.readers.web.fetch import Fetcher
from digest.store import events

#: Calls of one webhook in one round, and failures in a row that end it.
_MOST, _MOST_FAILURES = 200, 3
_CLAIMED = 20
#: How long one process has claimed calls for itself; longer than they can take.
_LEASE = timedelta(minutes=15)
#: What is stored of a failure.
_MAX_WORDS = 200

_log = logging.getLogger(__name__)


def register(context: RunContext) -> None:
    """Store which webhooks are configured, so that events are stored for them from now on.

    Raises:
        StoreError: the database cannot be used.
    """
    rules = tuple(
        WebhookRule(key=each.key, wants=_wants(context, each))
        for each in sorted(context.endpoints, key=lambda endpoint: endpoint.key)
    )
    with context.database.read() as connection:
        known = events.list_rules(connection)
    if known != rules:
        with context.database.write() as connection:
            events.save_rules(connection, rules, now=context.clock())


def _wants(context: RunContext, endpoint: Endpoint) -> Mapping[EventKind, tuple[str, ...]]:
    wants = dict.fromkeys(endpoint.events, endpoint.newsletters)
    if EventKind.EDITION_WAITING in wants:
        # Only where an approval is needed does a draft wait for it.
        reviewed = {each.name for each in context.newsletters if each.is_reviewed}
        waiting = tuple(sorted(reviewed & set(endpoint.newsletters or reviewed)))
        del wants[EventKind.EDITION_WAITING]
        wants |= {EventKind.EDITION_WAITING: waiting} if waiting else {}
    return wants


async def post_events(context: RunContext) -> int:
    """Post what is due to every webhook; return the number of events that were accepted.

    Raises:
        StoreError: the database cannot be used.
    """
    await asyncio.to_thread(register, context)
    if not context.endpoints:
        return 0
    async with context.open_fetcher() as fetcher:
        counts = await asyncio.gather(
            *(_post_to(context, each, fetcher) for each in context.endpoints)
        )
    return sum(counts)


async def _post_to(context: RunContext, endpoint: Endpoint, fetcher: Fetcher) -> int:
    posted, failures = 0, 0
    for _ in range(_MOST // _CLAIMED):
        calls = await asyncio.to_thread(_claim, context, endpoint)
        for place, call in enumerate(calls):
            if await _post(context, endpoint, fetcher, call):
                posted, failures = posted + 1, 0
            else:
                failures += 1
            if failures >= _MOST_FAILURES:
                await asyncio.to_thread(_release, context, calls[place + 1 :])
                return posted
        if len(calls) < _CLAIMED:
            break
    return posted


async def _post(
    context: RunContext, endpoint: Endpoint, fetcher: Fetcher, call: WebhookCall
) -> bool:
    body, now = body_of(call), context.clock()
    headers = headers_of(call.public_id, body, endpoint.secret, now=now)
    try:
        await fetcher.call(
            endpoint.url, json=body, headers=headers, allow_private=endpoint.allow_private
        )
    except FeedError as error:
        is_over = isinstance(error, GoneError)
        await asyncio.to_thread(_defer, context, endpoint, call, error.reason, is_over=is_over)
        return False
    await asyncio.to_thread(_end, context, call)
    return True


def _claim(context: RunContext, endpoint: Endpoint) -> tuple[WebhookCall, ...]:
    now = context.clock()
    with context.database.read() as connection:
        if not events.has_due_calls(connection, endpoint.key, now=now):
            return ()
    with context.database.write() as connection:
        return events.claim_calls(
            connection, endpoint.key, now=now, until=now + _LEASE, most=_CLAIMED
        )


def _release(context: RunContext, calls: Sequence[WebhookCall]) -> None:
    if calls:
        with context.database.write() as connection:
            events.release_calls(connection, calls)


def _end(context: RunContext, call: WebhookCall) -> None:
    with context.database.write() as connection:
        events.end_call(connection, call, now=context.clock())


def _defer(
    context: RunContext, endpoint: Endpoint, call: WebhookCall, reason: str, *, is_over: bool
) -> None:
    now, problem = context.clock(), reason[:_MAX_WORDS]
    next_at = None if is_over else plan_call(call.attempts, at=call.at, now=now)
    # Anyone who has such an address can use it, so the log has only its host.
    host = urlsplit(endpoint.url).hostname
    fate = "given up" if next_at is None else f"tried again at {next_at:%H:%M} UTC"
    _log.warning("webhook at %s: %s not accepted (%s); %s", host, call.kind, problem, fate)
    with context.database.write() as connection:
        if next_at is None:
            events.end_call(connection, call, now=now, problem=problem)
        else:
            events.retry_call(connection, call, now=now, next_at=next_at, problem=problem)

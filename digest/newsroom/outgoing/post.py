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


_Rules = tuple[WebhookRule, ...]


class Registration:
    """Stores the webhooks of one configuration once, and notices if another process replaces them.

    It does not put them back: two processes would replace each other's for ever, and what waits for
    a webhook is given up each time.
    """

    def __init__(self) -> None:
        self._stored: _Rules | None = None
        self._is_replaced = False

    def keep(self, context: RunContext) -> None:
        """Store the webhooks, or look whether they are still in force.

        Raises:
            StoreError: the database cannot be used.
        """
        if self._stored is None:
            self._stored = register(context)
            return
        with context.database.read() as connection:
            is_replaced = events.list_rules(connection) != self._stored
        if is_replaced and not self._is_replaced:
            _log.error(
                "another process has replaced the webhooks in this database by those of its own"
                " configuration; give every `digest run` the same [[webhooks]], then restart this"
                " one"
            )
        self._is_replaced = is_replaced


def register(context: RunContext) -> _Rules:
    """Store which webhooks are configured, so that events are stored for them from now on.

    Returns:
        What is stored now.

    Raises:
        StoreError: the database cannot be used.
    """
    rules = tuple(
        WebhookRule(key=each.key, wants=_wants(context, each))
        for each in sorted(context.endpoints, key=lambda endpoint: endpoint.key)
    )
    with context.database.read() as connection:
        known = events.list_rules(connection)
    if gone := {each.key for each in known} - {each.key for each in rules}:
        _log.warning(
            "%s not in this configuration; the events that waited for them are given up. If"
            " another `digest run` uses this database, give both the same [[webhooks]].",
            "1 webhook is" if len(gone) == 1 else f"{len(gone)} webhooks are",
        )
    if known != rules:
        with context.database.write() as connection:
            events.save_rules(connection, rules, now=context.clock())
    return rules


def _wants(context: RunContext, endpoint: Endpoint) -> Mapping[EventKind, tuple[str, ...]]:
    wants = dict.fromkeys(endpoint.events, endpoint.newsletters)
    if EventKind.EDITION_WAITING in wants:
        # Only where an approval is needed does a draft wait for it.
        reviewed = {each.name for each in context.newsletters if each.is_reviewed}
        waiting = tuple(sorted(reviewed & set(endpoint.newsletters or reviewed)))
        del wants[EventKind.EDITION_WAITING]
        wants |= {EventKind.EDITION_WAITING: waiting} if waiting else {}
    return wants


async def post_events(context: RunContext, registration: Registration) -> int:
    """Post what is due to every webhook; return the number of events that were accepted.

    Raises:
        StoreError: the database cannot be used.
    """
    await asyncio.to_thread(registration.keep, context)
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

"""Notices: each is stored once, and its delivery is tried until it succeeds or is too old."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from digest.errors import DigestError
from digest.newsroom.context import WEBHOOK
from digest.sender.retry import plan_retry
from digest.store.engine import Database
from digest.store.notices import (
    Notice,
    add_notices,
    claim_notices,
    end_notice,
    retry_notice,
)

#: A notice that could not be delivered within this time is dropped.
MAX_AGE = timedelta(days=3)
#: How long one process has a claimed notice for itself; longer than any try takes.
_LEASE = timedelta(minutes=10)

_log = logging.getLogger(__name__)


class Undeliverable(DigestError):
    """A notice is not sent, and not tried again: it is needed no longer, or no person has it."""


#: Delivers one notice; raises `Undeliverable`, or another `DigestError` to be called again.
Channel = Callable[[Notice], Awaitable[None]]


def notify(
    database: Database,
    kind: str,
    key: str,
    text: str,
    recipients: tuple[str, ...],
    *,
    now: datetime,
) -> bool:
    """Store a notice for each recipient who did not get it yet.

    Args:
        database: the database, from which `deliver_notices` takes the notices.
        kind: `approval` or `alert`.
        key: the key of the event; a recipient gets one notice of the same kind and key.
        text: the text; its first line is the mail's subject.
        recipients: mail addresses, and `WEBHOOK`.
        now: the time.

    Returns:
        Whether a notice was stored.
    """
    if not recipients:
        return False
    with database.write() as connection:
        return add_notices(connection, kind, key, text, recipients, now=now) > 0


async def deliver_notices(
    database: Database,
    send_mail: Channel,
    post_webhook: Channel | None = None,
    *,
    now: datetime,
    to_people: bool = False,
) -> int:
    """Deliver the due notices; after a failure try again after 1, 5, 15, 60 minutes, then hourly.

    If a process dies between the delivery and its record, the notice is delivered twice.

    Args:
        database: the database with the notices.
        send_mail: the channel of mail addresses; it raises `DigestError` if it fails.
        post_webhook: the channel of the webhook; None if none is configured any more.
        now: the time.
        to_people: whether to deliver those to subscribers; else those to operators.

    Returns:
        The number of notices delivered.
    """
    sent = 0
    for notice in await asyncio.to_thread(_claim, database, now, to_people=to_people):
        channel = post_webhook if notice.recipient == WEBHOOK else send_mail
        sent += await _deliver(database, notice, channel, now)
    return sent


async def _deliver(
    database: Database, notice: Notice, channel: Channel | None, now: datetime
) -> bool:
    try:
        if channel is not None:
            await channel(notice)
    except Undeliverable as error:
        _log.info("notice %d (%s) is not sent: %s", notice.id, notice.kind, error)
        await asyncio.to_thread(_end, database, notice, now, is_sent=False)
        return False
    except DigestError as error:
        _log.warning("notice %s could not be delivered: %s", notice.key, error)
        await asyncio.to_thread(_defer, database, notice, now)
        return False
    await asyncio.to_thread(_end, database, notice, now, is_sent=channel is not None)
    return channel is not None


def _claim(database: Database, now: datetime, *, to_people: bool) -> tuple[Notice, ...]:
    with database.write() as connection:
        return claim_notices(connection, now=now, until=now + _LEASE, to_people=to_people)


def _end(database: Database, notice: Notice, now: datetime, *, is_sent: bool) -> None:
    with database.write() as connection:
        end_notice(connection, notice.id, is_sent=is_sent, now=now)


def _defer(database: Database, notice: Notice, now: datetime) -> None:
    next_at = plan_retry(
        delivery_id=notice.id,
        attempts=notice.attempts,
        is_greylisted=False,
        not_before=notice.created_at,
        now=now,
        max_age=MAX_AGE,
    )
    with database.write() as connection:
        if next_at is None:
            end_notice(connection, notice.id, is_sent=False, now=now)
        else:
            retry_notice(connection, notice.id, next_at=next_at)

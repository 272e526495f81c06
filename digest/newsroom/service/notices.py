"""Telling people: a notice is written once, and tried until it is heard."""

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

#: An alert that nobody heard for so long is no news any more.
MAX_AGE = timedelta(days=3)
#: How long one process keeps what it took; longer than any try.
_LEASE = timedelta(minutes=10)

_log = logging.getLogger(__name__)

#: Hands one notice over.
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
    """Write a notice to each recipient who was not told of it yet.

    Args:
        database: where notices wait until `deliver_notices` hands them over.
        kind: `approval` or `alert`.
        key: what it is about; the same kind and key is told once.
        text: the first line is the mail's subject.
        recipients: mail addresses, and `WEBHOOK`.
        now: the time.

    Returns:
        Whether anything was written.
    """
    if not recipients:
        return False
    with database.write() as connection:
        return add_notices(connection, kind, key, text, recipients, now=now) > 0


async def deliver_notices(
    database: Database,
    send_mail: Channel,
    post_webhook: Channel | None,
    *,
    now: datetime,
) -> int:
    """Hand over what is due; what fails is tried again after 1, 5, 15, 60 minutes, then hourly.

    A process that dies between the handing over and the note of it tells twice, not never.

    Args:
        database: where the notices wait.
        send_mail: hands a notice to its address; raises `DigestError` where it cannot.
        post_webhook: the same for the webhook; None where none is configured any more.
        now: the time.

    Returns:
        How many were handed over.
    """
    sent = 0
    for notice in await asyncio.to_thread(_claim, database, now):
        channel = post_webhook if notice.recipient == WEBHOOK else send_mail
        sent += await _hand_over(database, notice, channel, now)
    return sent


async def _hand_over(
    database: Database, notice: Notice, channel: Channel | None, now: datetime
) -> bool:
    try:
        if channel is not None:
            await channel(notice)
    except DigestError as error:
        _log.warning("notice %s not told: %s", notice.key, error)
        await asyncio.to_thread(_put_off, database, notice, now)
        return False
    await asyncio.to_thread(_end, database, notice, now, is_sent=channel is not None)
    return channel is not None


def _claim(database: Database, now: datetime) -> tuple[Notice, ...]:
    with database.write() as connection:
        return claim_notices(connection, now=now, until=now + _LEASE)


def _end(database: Database, notice: Notice, now: datetime, *, is_sent: bool) -> None:
    with database.write() as connection:
        end_notice(connection, notice.id, is_sent=is_sent, now=now)


def _put_off(database: Database, notice: Notice, now: datetime) -> None:
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

"""Backs up the database from time to time, by one process at a time."""

from __future__ import annotations

import asyncio
import logging

from digest.errors import DigestError
from digest.models import SCHEDULE
from digest.newsroom import backup
from digest.newsroom.context import RunContext
from digest.newsroom.service.fence import Fence, in_one_line
from digest.newsroom.service.notices import notify

_log = logging.getLogger(__name__)


async def back_up_when_due(context: RunContext, fence: Fence) -> None:
    """Write a backup if the last one is too old; a failure is alerted and tried again later.

    Args:
        context: the installation's context.
        fence: the failed turns of earlier ticks.

    Raises:
        StoreError: the database cannot be used.
    """
    every, now = context.backups.every, context.clock()
    if every is None or not fence.is_due(backup.TURN, now):
        return
    if not await asyncio.to_thread(backup.is_due, context, every):
        return
    try:
        done = await asyncio.to_thread(backup.back_up, context, by=SCHEDULE)
    except DigestError as error:
        fence.failed(backup.TURN, now)
        await asyncio.to_thread(_report, context, in_one_line(error))
        return
    fence.passed(backup.TURN)
    _log.info("backup written: %s", done.path)


def _report(context: RunContext, reason: str) -> None:
    _log.error("the backup failed and is tried again: %s", reason)
    now, recipients = context.clock(), context.alerts.recipients
    text = f"the backup failed: {reason}\nIt is tried again; `digest backup` makes one at once."
    notify(context.database, "alert", f"backup/{now:%Y-%m-%d}/{reason}", text, recipients, now=now)

"""Wakes the workers of an installation from a process that does no jobs itself."""

from __future__ import annotations

import logging

import psycopg
from procrastinate.exceptions import ConnectorException

from digest.jobs.queue import open_queue

_log = logging.getLogger(__name__)


async def wake_workers(address: str, editions: tuple[int, ...]) -> None:
    """Wake workers for editions with due mails; a queue that cannot be used is logged.

    Args:
        address: the database, as libpq reads it.
        editions: the editions.
    """
    if not editions:
        return
    try:
        async with open_queue(address) as queue:
            await queue.wake(editions)
    except (ConnectorException, psycopg.Error) as error:
        _log.warning("no worker was woken; each looks at every tick: %s", error)

"""Runs a worker: does the jobs of the queue, and looks at the ledger at every tick by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from procrastinate.exceptions import ConnectorException

from digest.app import App
from digest.errors import DigestError
from digest.jobs.queue import Queue, open_queue

#: Seconds between two looks for jobs whose worker has died.
_RECOVER_EVERY_S = 30.0
#: Seconds until a queue that failed is opened again.
_OPEN_AGAIN_S = 2.0

_log = logging.getLogger(__name__)


async def run_worker(
    app: App, address: str, stop: asyncio.Event, *, every_s: float, trusts_clock: bool = False
) -> None:
    """Send beside the other processes of the installation, until `stop` is set.

    Args:
        app: the configured application.
        address: the database, as libpq reads it.
        stop: ends the work after the mails in hand.
        every_s: seconds between two looks at the ledger.
        trusts_clock: whether the clock is not doubted.
    """
    # It logs each lost connection with a traceback; what matters is logged here, in one line.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    helper = app.newsroom.helper(stop, trusts_clock=trusts_clock)

    async def do_jobs() -> None:
        async with open_queue(address, send=helper.send, give_up=helper.give_up) as queue:
            jobs = asyncio.create_task(queue.work(editions_at_once=len(app.newsroom.newsletters)))
            recovering = asyncio.create_task(_recover(queue))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait((jobs, stopped), return_when=asyncio.FIRST_COMPLETED)
            for task in (recovering, stopped, jobs):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await jobs

    replaying = asyncio.create_task(app.newsroom.replay_leavings(stop))
    await asyncio.gather(
        _repeat(do_jobs, stop, _OPEN_AGAIN_S, "the queue"),
        _repeat(helper.look, stop, every_s, "the ledger"),
    )
    await helper.finish()
    await replaying


async def _repeat(
    work: Callable[[], Awaitable[None]], stop: asyncio.Event, every_s: float, name: str
) -> None:
    """Do a piece of work again and again; whatever fails in it is logged, and it is done again."""
    while not stop.is_set():
        try:
            await work()
        except Exception as error:
            is_expected = isinstance(error, (DigestError, ConnectorException))
            detail = None if is_expected else error
            _log.error("%s cannot be used and is tried again: %s", name, error, exc_info=detail)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_s)


async def _recover(queue: Queue) -> None:
    while True:
        try:
            await queue.recover()
        except (ConnectorException, DigestError) as error:
            _log.warning("jobs of dead workers are looked for again: %s", error)
        await asyncio.sleep(_RECOVER_EVERY_S)

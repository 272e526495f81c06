"""The queue that wakes workers: Procrastinate's tables in the installation's PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

#: How often a job is tried, also if its worker dies, before its edition is given up.
MAX_TRIES = 5
#: Seconds without a sign of life after which a worker's job is tried by another.
STALLED_S = 120.0
_BEAT_S = 10.0
#: Seconds between two looks for a job by a worker that was not told of one.
_LOOK_S = 5.0
#: Seconds until a failed job is tried again: 4, 16, 64, 256.
_WAIT_S = 4
#: How long an ended job that failed is kept for the operator, in hours.
_KEPT_H = 7 * 24
_QUEUE, _TASK = "digest", "digest.send"
#: A pool that waits longer for a connection gives up; the ledger is looked at anyway.
_PATIENCE_S = 5.0

#: Sends an edition; returns why it failed, or nothing.
Send = Callable[[int], Awaitable[str]]
#: Gives an edition up, with the reason.
GiveUp = Callable[[int, str], object]

_log = logging.getLogger(__name__)


class Failed(Exception):
    """An edition could not be sent; the queue tries it again."""


class Queue:
    """Jobs of the form "edition 12 has due mails", at most one waiting for each edition."""

    def __init__(self, app: procrastinate.App) -> None:
        self._app = app

    async def wake(self, editions: tuple[int, ...]) -> None:
        """Wake a worker for each edition, unless a job for it waits already.

        A queue that cannot be used is logged: every worker looks at the ledger by itself.
        """
        for edition_id in editions:
            name = f"edition {edition_id}"
            deferrer = self._app.configure_task(_TASK, queue=_QUEUE, queueing_lock=name)
            try:
                await deferrer.defer_async(edition_id=edition_id)
            except AlreadyEnqueued:
                continue
            except ConnectorException as error:
                _log.warning("no worker was woken: %s", _line(error))
                return

    async def work(self, *, editions_at_once: int) -> None:
        """Do jobs until cancelled; then wait for those in hand.

        Raises:
            ConnectorException: the database cannot be used.
        """
        await self._app.run_worker_async(
            queues=[_QUEUE],
            concurrency=editions_at_once,
            fetch_job_polling_interval=_LOOK_S,
            update_heartbeat_interval=_BEAT_S,
            stalled_worker_timeout=STALLED_S,
            install_signal_handlers=False,
            delete_jobs="successful",
        )

    async def recover(self, *, after_s: float = STALLED_S) -> int:
        """Let the jobs of dead workers be done again; return their number.

        Raises:
            ConnectorException: the database cannot be used.
        """
        manager, number = self._app.job_manager, 0
        for job in await manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=after_s):
            # Another worker may do the same at this moment.
            with suppress(ConnectorException):
                await self._recover(job)
                number += 1
        await manager.delete_old_jobs(nb_hours=_KEPT_H, queue=_QUEUE, include_failed=True)
        return number

    async def _recover(self, job: Job) -> None:
        manager = self._app.job_manager
        if job.attempts + 1 >= MAX_TRIES:
            # The ledger knows whether those workers sent anything, and pauses the edition if not.
            await manager.finish_job(job, Status.FAILED, delete_job=False)
            _log.error("job %s was lost %d times with its worker; it is dropped", job.id, MAX_TRIES)
            return
        try:
            await manager.retry_job(job)
        except ConnectorException:
            # A newer job waits for the same edition: this one is not needed any more.
            await manager.finish_job(job, Status.ABORTED, delete_job=True)


@asynccontextmanager
async def open_queue(
    address: str,
    *,
    send: Send | None = None,
    give_up: GiveUp | None = None,
    wait_s: int = _WAIT_S,
) -> AsyncIterator[Queue]:
    """Open the queue for the block.

    Args:
        address: the database, as libpq reads it.
        send: does the jobs; None in a process that only wakes others.
        give_up: is told of an edition that failed too often.
        wait_s: seconds until a failed job is tried again; each further wait is so many times it.

    Raises:
        ConnectorException: the database cannot be used.
    """
    connector = procrastinate.PsycopgConnector(
        conninfo=address,
        min_size=1,
        max_size=4,
        timeout=_PATIENCE_S,
        kwargs={"application_name": "digest queue"},
    )
    app = procrastinate.App(connector=connector)
    _add_task(app, send or _not_here, give_up or _ignore, wait_s)
    async with app.open_async():
        yield Queue(app)


def _add_task(app: procrastinate.App, send: Send, give_up: GiveUp, wait_s: int) -> None:
    tries = procrastinate.RetryStrategy(max_attempts=MAX_TRIES - 1, exponential_wait=wait_s)

    @app.task(name=_TASK, queue=_QUEUE, pass_context=True, retry=tries)
    async def _send(context: procrastinate.JobContext, edition_id: int) -> None:
        reason = await send(edition_id)
        if not reason:
            return
        if context.job.attempts + 1 >= MAX_TRIES:
            await asyncio.to_thread(give_up, edition_id, reason)
        raise Failed(reason)


async def _not_here(_edition_id: int) -> str:
    raise AssertionError("this process does no jobs")


def _ignore(_edition_id: int, _reason: str) -> None:
    """Do nothing."""


def _line(error: BaseException) -> str:
    return str(error.__cause__ or error).strip().partition("\n")[0]

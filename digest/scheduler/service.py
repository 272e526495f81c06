"""Runs jobs at a fixed interval in a process that runs for months.

The timer does not know what is due: it calls each job at every tick, and the job reads the
database. A job that is late or fails is called again at the next tick.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

#: Seconds that running jobs get to finish after the stop signal; then they are cancelled.
DRAIN_S = 25.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work that runs at every tick, never twice at the same time."""

    name: str
    work: Callable[[], Awaitable[None]]


async def run_jobs(
    jobs: Sequence[Job],
    *,
    every_s: float,
    stop: asyncio.Event,
    on_failure: Callable[[str, Exception], None],
    drain_s: float = DRAIN_S,
) -> None:
    """Run the jobs now and then every `every_s` seconds, until `stop` is set.

    Running jobs then get at most `drain_s` seconds to finish. The exception of a job is passed to
    `on_failure`, and the job runs again at the next tick.
    """
    at_work: set[asyncio.Task[None]] = set()
    scheduler = _scheduler()
    for job in jobs:
        scheduler.add_job(
            partial(_run, job, at_work, on_failure, stop),
            IntervalTrigger(seconds=every_s, timezone=UTC),
            name=job.name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        await stop.wait()
    finally:
        # No shutdown yet: it would cancel the running jobs.
        scheduler.remove_all_jobs()
        # A run that the timer has handed over and that has not begun yet ends here.
        await asyncio.sleep(0)
        await _drain(at_work, drain_s)
        scheduler.shutdown(wait=False)


def _scheduler() -> AsyncIOScheduler:
    # Without `misfire_grace_time=None` a tick that is a second late is dropped silently.
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    # APScheduler warns at each tick that finds the job still running, which is normal here.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return AsyncIOScheduler(timezone=UTC, job_defaults=defaults)


async def _run(
    job: Job,
    at_work: set[asyncio.Task[None]],
    on_failure: Callable[[str, Exception], None],
    stop: asyncio.Event,
) -> None:
    if stop.is_set():
        return
    # A separate task, because the scheduler's task may be cancelled before the job is finished.
    task = asyncio.create_task(_guarded(job, on_failure), name=job.name)
    at_work.add(task)
    task.add_done_callback(at_work.discard)
    await asyncio.wait([task])


async def _guarded(job: Job, on_failure: Callable[[str, Exception], None]) -> None:
    try:
        await job.work()
    except Exception as error:
        # After any error the other jobs go on, and this one runs again at the next tick.
        on_failure(job.name, error)


async def _drain(at_work: set[asyncio.Task[None]], drain_s: float) -> None:
    if not at_work:
        return
    _, left = await asyncio.wait(set(at_work), timeout=drain_s)
    for task in left:
        _log.warning("%s: not finished in time; cancelled", task.get_name())
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)

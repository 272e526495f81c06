"""The ticks of a process that runs for months.

The timer knows nothing of what is due: it only asks, again and again, in intervals, and what is
asked looks into the database. A job that is late or fails is asked again at the next tick.
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

#: What is in hand at the word to stop may take as long; then it is cut off.
DRAIN_S = 25.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something that is asked at every tick, never twice at a time."""

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
    """Run the jobs in intervals, at once for the first time, until `stop` is set.

    Jobs in hand are then waited for, at most `drain_s`. One that raises is told to `on_failure`
    and runs again at the next tick.
    """
    at_work: set[asyncio.Task[None]] = set()
    scheduler = _scheduler()
    for job in jobs:
        scheduler.add_job(
            partial(_run, job, at_work, on_failure),
            IntervalTrigger(seconds=every_s, timezone=UTC),
            name=job.name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        await stop.wait()
    finally:
        # Not shut down yet: that would cut off what is in hand.
        scheduler.remove_all_jobs()
        await _drain(at_work, drain_s)
        scheduler.shutdown(wait=False)


def _scheduler() -> AsyncIOScheduler:
    # Without `misfire_grace_time=None` a tick that is a second late is dropped unseen.
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    # A tick that finds the one before still at work says so at each interval: no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return AsyncIOScheduler(timezone=UTC, job_defaults=defaults)


async def _run(
    job: Job, at_work: set[asyncio.Task[None]], on_failure: Callable[[str, Exception], None]
) -> None:
    # A task of its own: the scheduler's may be cancelled before it is finished.
    task = asyncio.create_task(_guarded(job, on_failure), name=job.name)
    at_work.add(task)
    task.add_done_callback(at_work.discard)
    await asyncio.wait([task])


async def _guarded(job: Job, on_failure: Callable[[str, Exception], None]) -> None:
    try:
        await job.work()
    except Exception as error:
        # Whatever it was, the other jobs go on, and this one is asked again.
        on_failure(job.name, error)


async def _drain(at_work: set[asyncio.Task[None]], drain_s: float) -> None:
    if not at_work:
        return
    _, left = await asyncio.wait(set(at_work), timeout=drain_s)
    for task in left:
        _log.warning("%s was cut off", task.get_name())
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)

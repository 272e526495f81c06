from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random

import pytest

from digest.scheduler.service import Job, run_jobs

pytestmark = pytest.mark.anyio

TICK_S = 0.01


@dataclass
class Watched:
    """Counts its calls, and ends the run after some."""

    stop: asyncio.Event
    enough: int = 3
    takes_s: float = 0
    asked: int = 0
    finished: int = 0
    at_once: int = 0
    failures: list[tuple[str, Exception]] = field(default_factory=list)

    async def work(self) -> None:
        self.asked += 1
        self.at_once += 1
        assert self.at_once == 1
        if self.asked >= self.enough:
            self.stop.set()
        await asyncio.sleep(self.takes_s)
        self.at_once -= 1
        self.finished += 1

    async def fail(self) -> None:
        await self.work()
        raise ValueError("broken")

    def note(self, job: str, error: Exception) -> None:
        self.failures.append((job, error))


async def run(watched: Watched, *jobs: Job, drain_s: float = 5) -> None:
    async with asyncio.timeout(120):
        await run_jobs(
            jobs, every_s=TICK_S, stop=watched.stop, on_failure=watched.note, drain_s=drain_s
        )


async def test_a_job_runs_repeatedly_until_it_is_stopped() -> None:
    watched = Watched(asyncio.Event())
    await run(watched, Job(name="work", work=watched.work))
    assert watched.asked == watched.finished >= 3


async def test_a_running_job_is_not_started_again() -> None:
    watched = Watched(asyncio.Event(), takes_s=5 * TICK_S)
    await run(watched, Job(name="slow", work=watched.work))
    assert (watched.finished, watched.failures) == (3, [])


async def test_a_failing_job_is_reported_and_started_again() -> None:
    watched = Watched(asyncio.Event())
    await run(watched, Job(name="bad", work=watched.fail))
    assert [(job, str(error)) for job, error in watched.failures[:3]] == [("bad", "broken")] * 3


async def test_one_job_does_not_delay_another() -> None:
    watched = Watched(asyncio.Event())
    started = asyncio.Event()

    async def hang() -> None:
        started.set()
        await watched.stop.wait()

    await run(watched, Job(name="hangs", work=hang), Job(name="work", work=watched.work))
    assert started.is_set()
    assert watched.asked >= 3


async def test_running_work_is_finished_first() -> None:
    watched = Watched(asyncio.Event(), enough=1, takes_s=0.2)
    await run(watched, Job(name="slow", work=watched.work))
    assert watched.finished == 1


async def test_work_that_takes_too_long_is_cancelled() -> None:
    watched = Watched(asyncio.Event(), enough=1, takes_s=60)
    await run(watched, Job(name="endless", work=watched.work), drain_s=0.05)
    assert watched.finished == 0


async def test_a_stop_at_the_moment_of_a_tick_leaves_no_job_running_and_logs_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lengths, running = Random(5), 0

    async def work() -> None:
        nonlocal running
        running += 1
        await asyncio.sleep(lengths.uniform(0, 2 * TICK_S))
        running -= 1

    for _ in range(60):
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(lengths.uniform(2, 4) * TICK_S, stop.set)
        await run(Watched(stop), *(Job(name=name, work=work) for name in "abcde"))
        assert running == 0
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []

"""`digest worker`: sends beside others on PostgreSQL, woken by the queue or by its own look."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from digest.app import App
from digest.errors import Refused
from digest.jobs.queue import MAX_TRIES, open_queue
from digest.jobs.waking import wake_workers
from digest.models import Actor
from tests.support.databases import database_url
from tests.support.forks import Started
from tests.support.kill_harness import SlowServer, compose_edition, slow_server, wait_until
from tests.support.project import Project

SUBSCRIBERS = 120
#: Mails per second of the relay, and the time over which no more may come, in seconds.
RATE, WINDOW_S = 50, 10.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SlowServer]:
    with slow_server(tmp_path, "PIPELINING") as server:
        yield server


def frozen(folder: Path, server: SlowServer, *, subscribers: int, rate: str = "") -> Project:
    """Return a project on PostgreSQL with a frozen edition."""
    project = Project(folder)
    url = database_url("postgresql", folder)
    compose_edition(project, server.port, subscribers=subscribers, connections=2, database=url)
    project.change_config("connections = 2", f"connections = 2\n{rate}")
    ask(project, "DELETE FROM procrastinate_jobs")
    ask(project, "DELETE FROM procrastinate_workers")
    app = App.load(project.config)
    (draft,) = app.newsroom.find_sendable("", None)
    app.newsroom.freeze(draft, by=Actor(name="test"))
    app.database.close()
    return project


def look_every(project: Project, seconds: float) -> None:
    project.change_config("[fetch]", f"[run]\ntick_s = {seconds}\n\n[fetch]")


def ask(project: Project, query: str) -> Any:
    """Run a statement; return the first value of its result."""
    database = App.load(project.config).database
    with closing(database), database.write() as connection:
        result = connection.execute(text(query))
        return result.scalar() if result.returns_rows else None


def address_of(project: Project) -> str:
    return App.load(project.config).server_address


@contextmanager
def working(project: Project, number: int) -> Iterator[list[Started]]:
    """Run workers for the block; each must end with 0."""
    log = project.folder / "workers.log"
    workers = [project.start("worker", err=log) for _ in range(number)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.terminate()
        codes = [worker.wait(timeout=60) for worker in workers]
    assert codes == [0] * number, log.read_text()


def test_with_sqlite_it_says_in_one_line_that_it_needs_postgresql(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9)
    result = project.run("worker")
    assert result.code == 2
    assert result.err.startswith("digest: digest worker needs PostgreSQL")
    assert len(result.err.splitlines()) == 1


def test_a_new_machine_joins_once(tmp_path: Path, server: SlowServer) -> None:
    project = Project(tmp_path)
    url = f"sqlite:///{project.database}"
    compose_edition(project, server.port, subscribers=2, connections=1, database=url)
    assert project.run("send").code == 0
    (tmp_path / "other").mkdir()
    project.change_config("[fetch]", f'[state]\nfolder = "{tmp_path / "other"}"\n\n[fetch]')
    app = App.load(project.config)
    with closing(app.database):
        with pytest.raises(Refused, match="moved or copied"):
            app.newsroom.check_state()
        assert "has joined" in app.newsroom.join_state()
        assert app.newsroom.check_state() == app.newsroom.join_state() == ""


def test_no_machine_joins_a_restored_database_before_it_is_adopted(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9)
    project.add_subscribers(1)
    copy = str(tmp_path / "copy.db")
    assert project.run("backup", copy).code == 0
    assert project.run("restore", copy).code == 0
    state = tmp_path / f"{project.database.name}.state"
    state.unlink(missing_ok=True)
    app = App.load(project.config)
    with closing(app.database):
        with pytest.raises(Refused, match="--adopt"):
            app.newsroom.join_state()
        assert not state.exists()
        assert project.run("restore", "--adopt", "--seen", "now").code == 0
        state.unlink()
        assert "has joined" in app.newsroom.join_state()


def test_workers_that_are_never_woken_look_at_every_tick(
    tmp_path: Path, server: SlowServer
) -> None:
    project = frozen(tmp_path, server, subscribers=SUBSCRIBERS)
    look_every(project, 0.2)
    with working(project, 2):
        wait_until(lambda: server.count() == SUBSCRIBERS)
    assert set(server.reached().values()) == {1}
    wait_until(lambda: ask(project, "SELECT state FROM editions") == "finished")


def test_a_job_of_a_worker_that_died_is_done_by_another(tmp_path: Path, server: SlowServer) -> None:
    project = frozen(tmp_path, server, subscribers=SUBSCRIBERS)
    edition_id = ask(project, "SELECT id FROM editions")
    ask(
        project, "UPDATE editions SET state = 'paused'"
    )  # so that its look at the start finds nothing
    look_every(project, 3600)
    server.wait_at(20)
    lost = project.start("worker", err=tmp_path / "lost.log")
    wait_until(lambda: ask_workers(project) > 0)
    time.sleep(2)
    ask(project, "UPDATE editions SET state = 'sending'")
    for _ in range(3):  # they do not pile up
        asyncio.run(wake_workers(address_of(project), (edition_id,)))
    wait_until(lambda: server.count() >= 20)
    lost.kill()
    lost.wait()
    server.wait_at(None)
    doing = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    assert ask(project, doing) == 1
    asyncio.run(recover(project))
    assert ask(project, doing) == 0
    with working(project, 1):
        wait_until(lambda: ask(project, "SELECT state FROM editions") == "finished")
        wait_until(lambda: ask(project, "SELECT count(*) FROM procrastinate_jobs") == 0)
    assert set(server.reached().values()) == {1}


def ask_workers(project: Project) -> int:
    return int(ask(project, "SELECT count(*) FROM procrastinate_workers"))


async def recover(project: Project) -> int:
    async with open_queue(address_of(project)) as queue:
        return await queue.recover(after_s=0)


@pytest.mark.anyio
async def test_a_job_that_keeps_failing_is_given_up(tmp_path: Path) -> None:
    project = Project(tmp_path)
    url = database_url("postgresql", tmp_path)
    project.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9, database=url)
    ask(project, "DELETE FROM procrastinate_jobs")
    tries: list[int] = []
    given_up: list[tuple[int, str]] = []
    is_given_up, loop = asyncio.Event(), asyncio.get_running_loop()

    async def fail(edition_id: int) -> str:
        tries.append(edition_id)
        return "its text is damaged"

    def give_up(edition_id: int, reason: str) -> None:
        given_up.append((edition_id, reason))
        loop.call_soon_threadsafe(is_given_up.set)

    async with open_queue(address_of(project), send=fail, give_up=give_up, wait_s=0) as queue:
        await queue.wake((7,))
        working = asyncio.create_task(queue.work(editions_at_once=1))
        await asyncio.wait_for(is_given_up.wait(), 60)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert tries == [7] * MAX_TRIES
    assert given_up == [(7, "its text is damaged")]


def test_an_edition_that_is_given_up_is_paused_with_an_alert(
    tmp_path: Path, server: SlowServer
) -> None:
    project = frozen(tmp_path, server, subscribers=3)
    project.change_config("[fetch]", '[alerts]\nemail = ["editor@example.net"]\n\n[fetch]')
    app = App.load(project.config)
    edition_id = int(ask(project, "SELECT id FROM editions"))

    async def give_up() -> None:
        app.newsroom.helper(asyncio.Event()).give_up(edition_id, "its text is damaged")
        app.database.close()

    asyncio.run(give_up())
    assert ask(project, "SELECT paused_reason FROM editions") == "it failed: its text is damaged"
    assert "digest resume" in ask(project, "SELECT text FROM notices")


def test_three_workers_keep_to_the_rate_of_the_relay_together(
    tmp_path: Path, server: SlowServer
) -> None:
    subscribers = 16 * RATE
    project = frozen(tmp_path, server, subscribers=subscribers, rate=f"rate = {RATE}")
    look_every(project, 0.2)
    samples: list[tuple[float, int]] = []

    def sampled() -> bool:
        samples.append((time.monotonic(), server.count()))
        return samples[-1][1] >= subscribers

    with working(project, 2):
        wait_until(lambda: sampled() or server.count() > 3 * RATE, poll_s=0.01)
        with working(project, 1):  # one that comes later
            wait_until(sampled, poll_s=0.01)
    assert most_in(samples, WINDOW_S) <= 1.1 * RATE * WINDOW_S
    # And the rate is used: the machine may be slow, but not by half.
    first = next(at for at, count in samples if count)
    assert subscribers / (samples[-1][0] - first) > 0.5 * RATE
    assert set(server.reached().values()) == {1}


def most_in(samples: list[tuple[float, int]], seconds: float) -> int:
    """Return the most mails within any time of this length."""
    most, start = 0, 0
    for at, count in samples:
        while samples[start][0] < at - seconds:
            start += 1
        most = max(most, count - samples[start][1])
    return most


def test_an_edition_whose_senders_crash_without_a_mail_is_paused(
    tmp_path: Path, server: SlowServer
) -> None:
    project = Project(tmp_path)
    url = f"sqlite:///{project.database}"
    compose_edition(project, server.port, subscribers=3, connections=1, database=url)
    for _ in range(6):  # the sixth finds what the fifth left
        before = ("tests.support.deaths:die_at_build",)
        crashed = project.start("send", before=before)
        code = crashed.wait()
    assert code == 1
    status = json.loads(project.run("status", "1", "--json").out)
    assert status["state"] == "paused"
    assert status["paused_reason"] == "its senders crashed 5 times without a mail"
    assert project.run("resume", "1").code == 0
    assert project.run("send").code == 0

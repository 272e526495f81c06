"""Real `digest run` processes: several on one database, and one that is stopped repeatedly."""

from __future__ import annotations

import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.support.figures import IS_PROOF, record
from tests.support.kill_harness import SlowServer, slow_server, stop_in_mid_send, wait_until
from tests.support.project import Project, Result, rss

#: How often each number of processes starts at once.
ROUNDS = 100 if IS_PROOF else 2
STOPS = 200 if IS_PROOF else 3
SUBSCRIBERS = 40
#: Enough that every stop comes during a send.
MANY_SUBSCRIBERS = 60 * STOPS

pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600 if IS_PROOF else 1800)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlowServer]:
    with slow_server(tmp_path_factory.mktemp("server")) as server:
        yield server


def prepare(folder: Path, server: SlowServer, subscribers: int) -> Project:
    """Return a project with collected posts and a slot that was due a minute ago."""
    project = Project(folder)
    with HTTPServer(host="127.0.0.1") as site:
        feed = rss("A bridge is mended", "A mill turns again", "A clock is late")
        site.expect_request("/feed").respond_with_data(feed, content_type="application/rss+xml")
        project.write_config(
            feed_url=site.url_for("/feed"), smtp_port=server.port, schedule="Mon 07:00"
        )
        project.change_config("[fetch]", "[run]\ntick_s = 0.2\n\n[fetch]")
        project.add_subscribers(subscribers)
        assert project.run("collect").code == 0
    add_slot(project, datetime.now(UTC) - timedelta(minutes=1))
    return project


def add_slot(project: Project, due_at: datetime) -> None:
    ask(
        project,
        "INSERT INTO slots (newsletter, cadence, local_at, due_at, state)"
        " VALUES ('weekly', 'weekly', ?, ?, 'due')",
        f"{due_at:%Y-%m-%dT%H:%M}",
        f"{due_at:%Y-%m-%d %H:%M:00.000000}",
    )


def ask(project: Project, query: str, *values: str) -> list[Any]:
    with closing(sqlite3.connect(project.database, timeout=30)) as connection, connection:
        return connection.execute(query, values).fetchall()


def is_finished(project: Project) -> bool:
    return ask(project, "SELECT 1 FROM editions WHERE state = 'finished'") != []


@contextmanager
def running(project: Project, count: int = 1, *more: str) -> Iterator[None]:
    """Run this number of processes for the block, then stop them in order."""
    errors = [project.folder / f"errors-{number}" for number in range(count)]
    started = [project.start("run", *more, err=each) for each in errors]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        codes = [process.wait(timeout=300) for process in started]
        said = "".join(each.read_text("utf-8") for each in errors)
    assert codes == [0] * count, said
    assert [line for line in said.splitlines() if " ERROR " in line] == []


# --- several at once ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, server: SlowServer) -> Project:
    return prepare(tmp_path_factory.mktemp("prepared"), server, SUBSCRIBERS)


@pytest.mark.parametrize("count", [2, 4, 8] if IS_PROOF else [4])
def test_several_runs_at_once_make_one_edition_and_one_mail_per_subscriber(
    prepared: Project, server: SlowServer, tmp_path: Path, count: int
) -> None:
    editions = twice = missed = 0
    for number in range(ROUNDS):
        project = Project(tmp_path / f"copy-{number}")
        shutil.copytree(prepared.folder, project.folder)
        before = server.reached()
        with running(project, count):
            wait_until(lambda: is_finished(project), poll_s=0.02)  # noqa: B023  # waited for here
            time.sleep(0.2)  # one more tick, for the processes that come second
        assert ask(project, "SELECT state, frozen_count FROM editions") == [
            ("finished", SUBSCRIBERS)
        ]
        reached = server.reached() - before
        assert (len(reached), set(reached.values())) == (SUBSCRIBERS, {1})
        assert ask(project, "SELECT count(*) FROM deliveries WHERE state = 'sent'") == [
            (SUBSCRIBERS,)
        ]
        editions += ask(project, "SELECT count(*) FROM editions")[0][0]
        twice += sum(mails > 1 for mails in reached.values())
        missed += SUBSCRIBERS - len(reached)
    record(
        f"run-{count}-processes",
        command="make proof",
        processes=count,
        rounds=ROUNDS,
        subscribers=SUBSCRIBERS,
        editions=editions,
        twice=twice,
        missed=missed,
    )


# --- stopped during a send ----------------------------------------------------------------------


def test_a_process_stopped_repeatedly_loses_and_repeats_nothing(
    server: SlowServer, tmp_path: Path
) -> None:
    project = prepare(tmp_path, server, MANY_SUBSCRIBERS)
    before = server.arrived()
    start = partial(project.start, "run")
    most_mails = MANY_SUBSCRIBERS // (STOPS + 5) // 2
    codes = stop_in_mid_send(start, server, times=STOPS - 1, most_mails=most_mails)
    assert codes == [0] * STOPS
    assert not is_finished(project)
    assert (
        ask(project, "SELECT DISTINCT state FROM deliveries WHERE state NOT IN ('sent', 'pending')")
        == []
    )
    with running(project):
        wait_until(lambda: is_finished(project), poll_s=0.05, most_s=30 * STOPS)
    states = ask(project, "SELECT state, count(*) FROM deliveries GROUP BY state")
    assert states == [("sent", MANY_SUBSCRIBERS)]
    arrived = server.arrived() - before
    assert (len(arrived), set(arrived.values())) == (MANY_SUBSCRIBERS, {1})
    record(
        "run-stopped",
        command="make proof",
        stops=STOPS,
        subscribers=MANY_SUBSCRIBERS,
        unknown=dict(states).get("unknown", 0),
        twice=sum(count > 1 for count in arrived.values()),
    )


# --- signals and faults -------------------------------------------------------------------------


def test_a_new_configuration_is_read_on_hangup_and_a_bad_one_changes_nothing(
    prepared: Project, tmp_path: Path
) -> None:
    project = Project(tmp_path / "copy")
    shutil.copytree(prepared.folder, project.folder)
    ask(project, "DELETE FROM slots")
    names = "SELECT DISTINCT cadence FROM slots ORDER BY cadence"
    process = subprocess.Popen(
        project.command("run"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_until(lambda: ask(project, names) == [("weekly",)], poll_s=0.05)
        good = project.config.read_text("utf-8")
        project.change_config("schedule =", "shedule =")
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        refused = ""
        while "cannot reload the configuration" not in refused:
            refused = process.stderr.readline()
            assert refused, "ended early"
        both = 'cadences = { weekly = "Mon 07:00", daily = "daily 07:00" }'
        project.config.write_text(good.replace('schedule = "Mon 07:00"', both), "utf-8")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: ask(project, names) == [("daily",), ("weekly",)], poll_s=0.05)
    finally:
        process.terminate()
    process.communicate(timeout=300)
    assert process.returncode == 0
    assert "did you mean 'schedule'" in refused


def test_run_serves_the_pages_until_it_is_stopped(prepared: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "copy")
    shutil.copytree(prepared.folder, project.folder)
    ports = [_free_port(), _free_port()]
    pages = f'[web]\npublic = "127.0.0.1:{ports[0]}"\nadmin = "127.0.0.1:{ports[1]}"\n'
    project.change_config("[fetch]", f"{pages}\n[fetch]")
    with running(project, 1, "--serve"):
        wait_until(lambda: all(map(_answers, ports)), poll_s=0.05)
    assert not any(map(_answers, ports))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    # A connection is not enough: the port is taken before the server serves.
    with socket.socket() as probe:
        probe.settimeout(5)
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return False
        probe.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return probe.recv(1) != b""


def test_a_damaged_database_is_refused_at_the_start(prepared: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "copy")
    shutil.copytree(prepared.folder, project.folder)
    project.database.write_bytes(b"no database at all " * 500)
    _assert_told(project.run("run"), 4, "damaged")


def test_a_read_only_database_is_reported_at_the_start(prepared: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "copy")
    shutil.copytree(prepared.folder, project.folder)
    name = f"sqlite:///file:{project.database}?mode=ro&uri=true"
    project.change_config("sqlite:///digest.db", name)
    _assert_told(project.run("run"), 75, "read-only")


def _assert_told(result: Result, code: int, words: str) -> None:
    assert (result.code, result.err.count("\n")) == (code, 1)
    assert words in result.err

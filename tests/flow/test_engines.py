"""The real commands on each engine: an edition from feed to inbox, a kill in between, the demo."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import insert, select

from digest.store.engine import Database
from digest.store.tables import editions, slots
from tests.support.databases import ENGINES, database_url
from tests.support.figures import IS_PROOF
from tests.support.kill_harness import SlowServer, wait_until
from tests.support.project import Project, rss

SUBSCRIBERS = 300 if IS_PROOF else 160
EVERYBODY = {f"subscriber{number}@example.net" for number in range(SUBSCRIBERS)}


#: SQLite is killed and shared in files of its own.
_ON_THE_SERVER = pytest.mark.parametrize(
    "engine", ENGINES if IS_PROOF else ["postgresql"], indirect=True
)

pytestmark = pytest.mark.proof


@pytest.fixture
def composed(engine: str, tmp_path: Path, httpserver: HTTPServer, relay: SlowServer) -> Project:
    """Return a project with a draft for many subscribers."""
    feed = rss("A bridge is mended", "A mill turns again", "A clock is late")
    httpserver.expect_request("/feed").respond_with_data(feed, content_type="application/rss+xml")
    project = Project(tmp_path)
    project.write_config(
        feed_url=httpserver.url_for("/feed"),
        smtp_port=relay.port,
        connections=4,
        database=database_url(engine, tmp_path),
    )
    project.add_subscribers(SUBSCRIBERS)
    assert project.run("collect").code == 0
    assert project.run("compose").code == 0
    return project


def kill_after(project: Project, relay: SlowServer, mails: int) -> None:
    """Start a send and kill it after this number of further mails."""
    last = relay.count() + mails
    relay.wait_at(last + 10)  # else it might be done before this is
    process = project.start("send")
    wait_until(lambda: relay.count() >= last or process.poll() is not None)
    process.kill()
    assert process.wait() == -9
    relay.wait_at(None)


def test_an_edition_reaches_every_subscriber_once(composed: Project, relay: SlowServer) -> None:
    sent = composed.run("send", "--json")
    assert sent.code == 0
    assert sent.data["deliveries"]["sent"] == SUBSCRIBERS
    assert relay.reached() == dict.fromkeys(EVERYBODY, 1)
    assert composed.run("send").code == 3


@_ON_THE_SERVER
def test_two_sends_at_once_share_the_edition(composed: Project, relay: SlowServer) -> None:
    assert composed.run("send", "--dry-run").code == 0
    sends = [composed.start("send") for _ in range(2)]
    codes = {send.wait(60) for send in sends}
    assert codes <= {0, 1, 4}  # the other may have frozen it, or still send
    assert composed.run("send").code in (0, 3)
    assert relay.reached() == dict.fromkeys(EVERYBODY, 1)


COMMANDS = (
    ("config", "check"),
    ("db", "upgrade", "--json"),
    ("plan",),
    ("status",),
    ("check",),
    ("compose", "--explain"),
    ("preview", "--out", "preview"),
    ("send", "--dry-run"),
    ("feeds", "list"),
    ("subscribers", "export"),
    ("subscribers", "show", "subscriber1@example.net"),
    ("subscribers", "suppress", "subscriber2@example.net"),
)


def test_other_commands_serve_both_engines(composed: Project) -> None:
    for command in COMMANDS:
        result = composed.run(*command)
        assert "Traceback" not in result.err
        assert (command, result.code, result.err) == (command, 0, "")


@_ON_THE_SERVER
def test_a_send_that_is_killed_goes_on_and_resolve_settles_the_rest(
    composed: Project, relay: SlowServer
) -> None:
    for _ in range(3):
        kill_after(composed, relay, 30)
    code = composed.run("send").code
    status = composed.run("status", "1", "--json").data
    in_doubt = {row["address"] for row in status["unknown"]}
    # Many in doubt are a problem that the exit code tells.
    assert code == (1 if len(in_doubt) > max(SUBSCRIBERS * 0.05, 2) else 0)
    assert set(relay.reached().values()) == {1}
    assert EVERYBODY - set(relay.reached()) - in_doubt == set()
    assert 0 < len(in_doubt) <= 3 * 4
    assert composed.run("resolve", "1", "--resend").code == 0
    assert composed.run("send", "1").code == 0
    account = composed.run("status", "1", "--json").data["deliveries"]
    assert account["sent"] == account["frozen"] == SUBSCRIBERS
    assert set(relay.reached()) == EVERYBODY


def test_several_runs_on_a_server_make_one_edition(
    tmp_path: Path, httpserver: HTTPServer, relay: SlowServer
) -> None:
    feed = rss("A bridge is mended", "A mill turns again")
    httpserver.expect_request("/feed").respond_with_data(feed, content_type="application/rss+xml")
    project, url = Project(tmp_path), database_url("postgresql", tmp_path)
    project.write_config(feed_url=httpserver.url_for("/feed"), smtp_port=relay.port, database=url)
    project.change_config("[fetch]", "[run]\ntick_s = 0.2\n\n[fetch]")
    project.add_subscribers(40)
    assert project.run("collect").code == 0
    with closing(Database(url)) as database:
        announce(database, datetime.now(UTC) - timedelta(minutes=1))
        with running(project, 3):
            wait_until(lambda: edition_states(database) == ["finished"], poll_s=0.1)
            time.sleep(0.5)  # one more tick, for the processes that come second
        assert edition_states(database) == ["finished"]
    assert set(relay.reached().values()) == {1}
    assert len(relay.reached()) == 40


def announce(database: Database, due_at: datetime) -> None:
    """Store a slot of the newsletter that is due."""
    slot = {"local_at": f"{due_at:%Y-%m-%dT%H:%M}", "due_at": due_at, "state": "due"}
    with database.write() as connection:
        connection.execute(insert(slots), slot | {"newsletter": "weekly", "cadence": "weekly"})


def edition_states(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(editions.c.state)))


@contextmanager
def running(project: Project, count: int) -> Iterator[None]:
    """Run this number of `digest run` processes for the block, then stop them in order."""
    started = [project.start("run") for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        codes = [process.wait(timeout=300) for process in started]
    assert codes == [0] * count


@pytest.mark.skipif(not IS_PROOF, reason="the proof runs the demo on this engine too")
@pytest.mark.timeout(1800)
def test_the_demo_serves_postgresql(tmp_path: Path) -> None:
    url = database_url("postgresql", tmp_path)
    command = [sys.executable, "-m", "digest", "demo", "--database", url]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list((tmp_path / "demo-out").glob("digest.db*"))

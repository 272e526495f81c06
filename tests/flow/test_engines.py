"""The real commands on each engine: an edition from feed to inbox, a kill in between, the demo."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.databases import ENGINES, database_url
from tests.kill_harness import SlowServer, slow_server, wait_until
from tests.project import Project, rss

SUBSCRIBERS = 300
EVERYBODY = {f"subscriber{number}@example.net" for number in range(SUBSCRIBERS)}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[SlowServer]:
    with slow_server(tmp_path) as server:
        yield server


@pytest.fixture
def composed(engine: str, tmp_path: Path, httpserver: HTTPServer, relay: SlowServer) -> Project:
    """Return a project with a draft for 300 subscribers."""
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
    """Start a send and kill it after so many more mails."""
    last = relay.count() + mails
    process = subprocess.Popen(project.command("send"), stdout=subprocess.DEVNULL)
    wait_until(lambda: relay.count() >= last or process.poll() is not None)
    process.kill()
    assert process.wait() == -9


def test_an_edition_reaches_everybody_once(composed: Project, relay: SlowServer) -> None:
    sent = composed.run("send", "--json")
    assert (sent.code, sent.err) == (0, "")
    assert sent.data["deliveries"]["sent"] == SUBSCRIBERS
    assert relay.reached() == dict.fromkeys(EVERYBODY, 1)
    assert composed.run("send").code == 3


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


def test_a_send_that_is_killed_goes_on_and_resolve_settles_the_rest(
    composed: Project, relay: SlowServer
) -> None:
    for _ in range(3):
        kill_after(composed, relay, 30)
    assert composed.run("send").code == 0
    status = composed.run("status", "1", "--json").data
    in_doubt = {row["address"] for row in status["unknown"]}
    assert set(relay.reached().values()) == {1}
    assert EVERYBODY - set(relay.reached()) - in_doubt == set()
    assert 0 < len(in_doubt) <= 3 * 4
    assert composed.run("resolve", "1", "--resend").code == 0
    assert composed.run("send", "1").code == 0
    account = composed.run("status", "1", "--json").data["deliveries"]
    assert account["sent"] == account["frozen"] == SUBSCRIBERS
    assert set(relay.reached()) == EVERYBODY


@pytest.mark.timeout(300)
def test_the_demo_serves_postgresql(tmp_path: Path) -> None:
    url = database_url("postgresql", tmp_path)
    command = [sys.executable, "-m", "digest", "demo", "--database", url]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list((tmp_path / "demo-out").glob("digest.db*"))

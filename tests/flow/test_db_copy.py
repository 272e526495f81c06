"""`digest db copy`: an installation moves from SQLite to PostgreSQL and back."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import empty_url
from tests.support.kill_harness import (
    SlowServer,
    compose_edition,
    handles,
    slow_server,
    wait_until,
)
from tests.support.project import Project

SUBSCRIBERS = 60


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SlowServer]:
    with slow_server(tmp_path, "PIPELINING") as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, server: SlowServer) -> Project:
    """A project with a draft for its subscribers."""
    project = Project(tmp_path)
    url = f"sqlite:///{project.database}"
    compose_edition(project, server.port, subscribers=SUBSCRIBERS, connections=2, database=url)
    return project


def use(project: Project, old: str, new: str) -> None:
    project.change_config(f'url = "{old}"', f'url = "{new}"')


def test_an_installation_moves_to_postgresql_in_mid_send_and_back(
    project: Project, server: SlowServer, tmp_path: Path
) -> None:
    sqlite, postgres = f"sqlite:///{project.database}", empty_url("postgresql", tmp_path)
    server.wait_at(20)
    send = project.start("send")
    wait_until(lambda: server.count() >= 20)
    send.terminate()
    server.wait_at(None)
    send.wait()

    copied = project.run("db", "copy", postgres)
    assert copied.code == 0, copied.err
    assert f"people: {SUBSCRIBERS} rows, equal on both sides." in copied.out
    refused = project.run("send")
    assert refused.code == 4
    assert "which sends now; change database.url" in refused.err

    use(project, sqlite, postgres)
    sent = project.run("send")
    assert sent.code == 0, sent.err + sent.out
    assert set(server.reached().values()) == {1}
    assert len(server.reached()) == SUBSCRIBERS
    # New rows are numbered after the copied ones.
    people = project.folder / "more.csv"
    people.write_text("email\nlate@example.net\n", "utf-8")
    assert project.run("subscribers", "import", str(people), "--consent", "form").code == 0

    back = project.run("db", "copy", f"sqlite:///{tmp_path / 'back.db'}", "--json")
    assert back.code == 0, back.err
    assert {table["name"]: table["rows"] for table in back.data["tables"]}["people"] == 61
    use(project, postgres, f"sqlite:///{tmp_path / 'back.db'}")
    assert project.run("send").code == 3
    assert project.run("status", "1", "--json").data["deliveries"]["sent"] == SUBSCRIBERS


def test_a_database_with_rows_is_no_target(project: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "other")
    other.folder.mkdir()
    other.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9)
    other.add_subscribers(1)
    result = project.run("db", "copy", f"sqlite:///{other.database}")
    assert (result.code, "not empty (table people)" in result.err) == (4, True)
    assert project.run("send", "--dry-run").code == 0


def test_a_running_process_is_refused(project: Project, tmp_path: Path) -> None:
    serving = project.start("run")
    try:
        wait_until(lambda: handles(serving.pid, signal.SIGTERM))
        time.sleep(0.5)
        result = project.run("db", "copy", f"sqlite:///{tmp_path / 'new.db'}")
    finally:
        serving.terminate()
        serving.wait()
    assert (result.code, "other processes use it" in result.err) == (4, True)
    assert project.run("db", "copy", f"sqlite:///{tmp_path / 'new.db'}").code == 0


def test_a_copy_that_was_killed_sends_nothing_and_begins_again(
    project: Project, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    killed = project.start(
        "db", "copy", url, before=("tests.support.deaths:die_at_table", "deliveries")
    )
    assert killed.wait() == -9
    sqlite = f"sqlite:///{project.database}"
    use(project, sqlite, url)
    refused = project.run("send")
    assert (refused.code, "unfinished copy" in refused.err) == (4, True)
    use(project, url, sqlite)
    assert project.run("db", "copy", url).code == 0
    use(project, sqlite, url)
    assert project.run("send").code == 0

"""`digest send` stopped with SIGTERM repeatedly, and suspended while another process goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from digest.store.engine import Database
from digest.store.tables import deliveries
from tests.support.databases import as_text, database_url
from tests.support.figures import IS_PROOF, record
from tests.support.forks import Started
from tests.support.kill_harness import (
    SlowServer,
    compose_edition,
    slow_server,
    stop_one,
    wait_until,
)
from tests.support.project import Project

pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600)]

CONNECTIONS = 4
STOPS = {"sqlite": 200 if IS_PROOF else 8, "postgresql": 50 if IS_PROOF else 3}
#: Most mails of a stopped send; enough that several connections are in use.
MOST_MAILS = 30
#: The seconds that a stopped send may take for mails in hand.
GRACE_S = 30
#: More than one process claims at a time.
MANY = 640


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SlowServer]:
    with slow_server(tmp_path, "PIPELINING") as server:
        yield server


@pytest.fixture
def database(engine: str, tmp_path: Path) -> Iterator[Database]:
    """Return the database of the project, for tests."""
    with closing(Database(database_url(engine, tmp_path), state=tmp_path)) as database:
        yield database


def composed(database: Database, folder: Path, server: SlowServer, subscribers: int) -> Project:
    project = Project(folder)
    compose_edition(
        project,
        server.port,
        subscribers=subscribers,
        connections=CONNECTIONS,
        database=as_text(database.url),
    )
    return project


def sending_at_a_closed_gate(project: Project, database: Database, server: SlowServer) -> Started:
    """Start a send, and return when each of its connections waits for a reply.

    Then it holds no lock of the database that would keep another process waiting.
    """
    most = 20
    server.wait_at(most)
    process = project.start("send")
    wait_until(lambda: server.count() > most)  # from now on no mail is answered
    wait_until(lambda: server.count() - counts(database).get("sent", 0) == CONNECTIONS)
    return process


def counts(database: Database) -> dict[str, int]:
    """Return the number of rows in each state."""
    query = select(deliveries.c.state, func.count().label("number")).group_by(deliveries.c.state)
    with database.read() as connection:
        return {row.state: row.number for row in connection.execute(query)}


def test_a_stopped_send_finishes_the_mails_in_hand_and_releases_the_rest(
    engine: str, database: Database, tmp_path: Path, server: SlowServer
) -> None:
    stops = STOPS[engine]
    subscribers = (MOST_MAILS // 2 + 20) * stops
    project = composed(database, tmp_path, server, subscribers)
    seconds = []
    for _ in range(stops):
        code, lasted_s = stop_one(partial(project.start, "send"), server, most_mails=MOST_MAILS)
        seconds.append(lasted_s)
        after = counts(database)
        assert code == 1  # mails are left to send
        assert set(after) == {"sent", "pending"}
        assert after["sent"] == server.count()
    assert project.run("send").code == 0
    assert counts(database) == {"sent": subscribers}
    arrived = server.reached()
    assert (len(arrived), set(arrived.values())) == (subscribers, {1})
    assert max(seconds) < GRACE_S
    record(
        "stop-send" if engine == "sqlite" else f"stop-send-{engine}",
        command="make proof",
        subscribers=subscribers,
        stops=stops,
        connections=CONNECTIONS,
        sent=len(arrived),
        twice=sum(count > 1 for count in arrived.values()),
        unknown=0,
        longest_stop_s=round(max(seconds), 2),
    )


def test_a_closed_terminal_leaves_no_mail_unknown(
    database: Database, tmp_path: Path, server: SlowServer
) -> None:
    project = composed(database, tmp_path, server, 2 * MOST_MAILS)
    start = partial(project.start, "send")
    code, _ = stop_one(start, server, most_mails=MOST_MAILS, by=signal.SIGHUP)
    assert code == 1  # mails are left to send
    after = counts(database)
    assert set(after) == {"sent", "pending"}
    assert after["sent"] == server.count()


def test_a_stop_begins_no_other_edition(
    database: Database, tmp_path: Path, server: SlowServer
) -> None:
    project = composed(database, tmp_path, server, 2 * MOST_MAILS)
    config = project.config.read_text("utf-8")
    weekly = config[config.index("[[newsletters]]") :]
    project.config.write_text(config + weekly.replace('"weekly"', '"other"'), "utf-8")
    people, consent = str(tmp_path / "people.csv"), ("--consent", "paper form")
    assert project.run("subscribers", "import", people, "--newsletter", "other", *consent).code == 0
    assert project.run("compose", "--newsletter", "other").code == 0
    errors = tmp_path / "errors.txt"
    start = partial(project.start, "send", err=errors)
    code, _ = stop_one(start, server, most_mails=MOST_MAILS)
    assert code == 1
    assert "stopped; 1 more edition not begun" in errors.read_text("utf-8")
    after = counts(database)
    assert after["sent"] == server.count()
    assert sum(after.values()) == 2 * MOST_MAILS


def test_a_suspended_send_goes_on_with_its_own_rows_only(
    database: Database, tmp_path: Path, server: SlowServer
) -> None:
    project = composed(database, tmp_path, server, MANY)
    suspended = sending_at_a_closed_gate(project, database, server)
    suspended.send_signal(signal.SIGSTOP)
    server.wait_at(None)
    assert project.run("send").code == 1  # the rows of the suspended one are left
    meanwhile = counts(database)
    suspended.send_signal(signal.SIGCONT)
    assert suspended.wait(60) == 0
    assert set(meanwhile) == {"sent", "claimed", "handing"}
    assert meanwhile["handing"] == CONNECTIONS
    assert counts(database) == {"sent": MANY}
    arrived = server.reached()
    assert (len(arrived), set(arrived.values())) == (MANY, {1})

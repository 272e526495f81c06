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
STOPS = 200 if IS_PROOF else 8
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


def composed(folder: Path, server: SlowServer, subscribers: int) -> Project:
    project = Project(folder)
    compose_edition(
        project,
        server.port,
        subscribers=subscribers,
        connections=CONNECTIONS,
        database="sqlite:///digest.db",
    )
    return project


def sending_at_a_closed_gate(project: Project, server: SlowServer) -> Started:
    """Start a send, and return when each of its connections waits for a reply.

    Then it holds no lock of the database that would keep another process waiting.
    """
    most = 20
    server.wait_at(most)
    process = project.start("send")
    wait_until(lambda: server.count() > most)  # from now on no mail is answered
    wait_until(lambda: server.count() - counts(project).get("sent", 0) == CONNECTIONS)
    return process


def counts(project: Project) -> dict[str, int]:
    """Return the number of rows in each state."""
    query = select(deliveries.c.state, func.count().label("number")).group_by(deliveries.c.state)
    database = Database(f"sqlite:///{project.database}", state=project.folder)
    with closing(database), database.read() as connection:
        return {row.state: row.number for row in connection.execute(query)}


def test_a_stopped_send_finishes_the_mails_in_hand_and_releases_the_rest(
    tmp_path: Path, server: SlowServer
) -> None:
    subscribers = (MOST_MAILS // 2 + 20) * STOPS
    project = composed(tmp_path, server, subscribers)
    seconds = []
    for _ in range(STOPS):
        code, lasted_s = stop_one(partial(project.start, "send"), server, most_mails=MOST_MAILS)
        seconds.append(lasted_s)
        after = counts(project)
        assert code == 1  # mails are left to send
        assert set(after) == {"sent", "pending"}
        assert after["sent"] == server.count()
    assert project.run("send").code == 0
    assert counts(project) == {"sent": subscribers}
    arrived = server.reached()
    assert (len(arrived), set(arrived.values())) == (subscribers, {1})
    assert max(seconds) < GRACE_S
    record(
        "stop-send",
        command="make proof",
        subscribers=subscribers,
        stops=STOPS,
        connections=CONNECTIONS,
        sent=len(arrived),
        twice=sum(count > 1 for count in arrived.values()),
        unknown=0,
        longest_stop_s=round(max(seconds), 2),
    )


def test_a_suspended_send_goes_on_with_its_own_rows_only(
    tmp_path: Path, server: SlowServer
) -> None:
    project = composed(tmp_path, server, MANY)
    suspended = sending_at_a_closed_gate(project, server)
    suspended.send_signal(signal.SIGSTOP)
    server.wait_at(None)
    assert project.run("send").code == 1  # the rows of the suspended one are left
    meanwhile = counts(project)
    suspended.send_signal(signal.SIGCONT)
    assert suspended.wait(60) == 0
    assert set(meanwhile) == {"sent", "claimed", "handing"}
    assert meanwhile["handing"] == CONNECTIONS
    assert counts(project) == {"sent": MANY}
    arrived = server.reached()
    assert (len(arrived), set(arrived.values())) == (MANY, {1})

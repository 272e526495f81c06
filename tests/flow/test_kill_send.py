"""`digest send` killed repeatedly, with many subscribers and a slow mail server."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.support.figures import IS_PROOF, record
from tests.support.kill_harness import KILLS, kill_in_mid_send, slow_server
from tests.support.project import Project, rss

# The kills run in the first test, and take long on a busy machine.
pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600)]

SUBSCRIBERS = 2000 if IS_PROOF else 600
CONNECTIONS = 4


@dataclass(frozen=True)
class Aftermath:
    """The status and the server's mails after the last send ended normally."""

    database: Path
    #: `digest status 1 --json`.
    status: dict[str, Any]
    arrived: Counter[str]
    reached: Counter[str]
    codes: tuple[int, ...]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """Send an edition under kills, then to its end."""
    folder = tmp_path_factory.mktemp("kill")
    project = Project(folder)
    with slow_server(folder) as server:
        _compose(project, server.port)
        send, most_mails = partial(project.start, "send"), SUBSCRIBERS // (KILLS + 2)
        codes = [kill_in_mid_send(send, server, most_mails=most_mails) for _ in range(KILLS)]
        codes.append(project.run("send").code)
        found = Aftermath(
            database=project.database,
            status=project.run("status", "1", "--json").data,
            arrived=server.arrived(),
            reached=server.reached(),
            codes=tuple(codes),
        )
    _write_down(found)
    return found


def _write_down(found: Aftermath) -> None:
    in_doubt = {row["address"] for row in found.status["unknown"]}
    record(
        "kill-send",
        command="make proof",
        subscribers=SUBSCRIBERS,
        kills=KILLS,
        connections=CONNECTIONS,
        sent=found.status["deliveries"]["sent"],
        twice=sum(count > 1 for count in found.reached.values()),
        lost=SUBSCRIBERS - len(in_doubt | set(found.reached)),
        unknown=len(in_doubt),
        unknown_and_not_arrived=len(in_doubt - set(found.reached)),
    )


def _compose(project: Project, smtp_port: int) -> None:
    with HTTPServer(host="127.0.0.1") as site:
        feed = rss("A bridge is mended", "A mill turns again", "A clock is late")
        site.expect_request("/feed").respond_with_data(feed, content_type="application/rss+xml")
        project.write_config(
            feed_url=site.url_for("/feed"), smtp_port=smtp_port, connections=CONNECTIONS
        )
        project.add_subscribers(SUBSCRIBERS)
        assert project.run("collect").code == 0
        assert project.run("compose").code == 0


def test_every_send_but_the_last_was_killed(aftermath: Aftermath) -> None:
    assert aftermath.codes == (-9,) * KILLS + (0,)


def test_no_subscriber_gets_it_twice(aftermath: Aftermath) -> None:
    assert set(aftermath.arrived.values()) == set(aftermath.reached.values()) == {1}


def test_no_subscriber_is_lost(aftermath: Aftermath) -> None:
    in_doubt = {row["address"] for row in aftermath.status["unknown"]}
    everybody = {f"subscriber{number}@example.net" for number in range(SUBSCRIBERS)}
    assert everybody - set(aftermath.reached) - in_doubt == set()
    assert aftermath.status["deliveries"]["sent"] == len(everybody - in_doubt)


def test_at_most_one_mail_for_each_connection_and_kill_is_unknown(aftermath: Aftermath) -> None:
    assert aftermath.status["deliveries"]["unknown"] <= KILLS * CONNECTIONS


def test_the_totals_match_and_the_edition_is_finished(aftermath: Aftermath) -> None:
    account = aftermath.status["deliveries"]
    assert account["frozen"] == SUBSCRIBERS == account["sent"] + account["unknown"]
    assert (aftermath.status["state"], aftermath.status["is_closed"]) == ("finished", True)


def test_the_database_is_sound_and_no_lock_of_the_dead_is_left(aftermath: Aftermath) -> None:
    with closing(sqlite3.connect(aftermath.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert list(Path(f"{aftermath.database}.workers").iterdir()) == []

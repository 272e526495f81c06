"""Workers on PostgreSQL that are killed while the server is restarted again and again."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from digest.errors import ExitCode
from digest.store.engine import Database
from digest.store.migrate import upgrade
from tests.support.databases import as_text
from tests.support.figures import IS_PROOF, record
from tests.support.forks import Started
from tests.support.kill_harness import SlowServer, compose_edition, slow_server, wait_until
from tests.support.postgres import OwnServer, own_server
from tests.support.project import Project

pytestmark = [pytest.mark.proof, pytest.mark.long, pytest.mark.timeout(3600)]

WORKERS, CONNECTIONS = 4, 4
SUBSCRIBERS = 10_000 if IS_PROOF else 2_000
RESTARTS, KILLS = (50, 100) if IS_PROOF else (5, 10)
#: The longest time without a mail; it only detects a hang.
_STUCK_S = 120.0


@dataclass(frozen=True)
class Aftermath:
    """The status and the mails after the edition was finished."""

    status: dict[str, Any]
    reached: Counter[str]
    restarts: int
    kills: int

    @property
    def in_doubt(self) -> set[str]:
        return {row["address"] for row in self.status["unknown"]}

    @property
    def everybody(self) -> set[str]:
        return {f"subscriber{number}@example.net" for number in range(SUBSCRIBERS)}


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    folder = tmp_path_factory.mktemp("outages")
    project = Project(folder)
    with own_server() as postgres, slow_server(folder, "PIPELINING") as server:
        with closing(Database(as_text(postgres.url("postgres")), state=folder)) as database:
            upgrade(database)
        url = as_text(postgres.url("postgres"))
        compose_edition(
            project, server.port, subscribers=SUBSCRIBERS, connections=CONNECTIONS, database=url
        )
        project.change_config("[fetch]", "[run]\ntick_s = 0.5\n\n[fetch]")
        _freeze(project)
        started = time.monotonic()
        workers = Workers(project)
        _disturb(postgres, server, workers)
        workers.start_ended()
        wait_until(lambda: _is_finished(project), poll_s=0.5, most_s=_STUCK_S)
        seconds = time.monotonic() - started
        workers.end()
        found = Aftermath(
            status=project.run("status", "1", "--json").data,
            reached=server.reached(),
            restarts=RESTARTS,
            kills=workers.killed,
        )
    _write_down(found, seconds)
    return found


def _freeze(project: Project) -> None:
    """Freeze the edition by a send that is killed after its first mails."""
    send = project.start("send")
    wait_until(lambda: _has_mails(project))
    send.kill()
    send.wait()


def _has_mails(project: Project) -> bool:
    status = project.run("status", "1", "--json").data
    return bool(status["deliveries"]["sent"])


def _is_finished(project: Project) -> bool:
    result = project.run("status", "1", "--json")
    return result.code == 0 and result.data["state"] == "finished"


class Workers:
    """Four workers, of which killed ones are replaced at once."""

    def __init__(self, project: Project) -> None:
        self._start: Callable[[], Started] = lambda: project.start(
            "worker", err=project.folder / "workers.log"
        )
        self._running = [self._start() for _ in range(WORKERS)]
        self.killed = 0

    def kill_one(self) -> None:
        """Kill one and start another."""
        place = random.randrange(WORKERS)
        self._running[place].kill()
        # One that begins while the server is away ends with 75, as every command does.
        assert self._running[place].wait() in (-signal.SIGKILL, ExitCode.TRY_LATER)
        self._running[place] = self._start()
        self.killed += 1

    def start_ended(self) -> None:
        """Start those again that began while the server was away, as systemd does."""
        for place, worker in enumerate(self._running):
            if worker.poll() is not None:
                assert worker.poll() == ExitCode.TRY_LATER
                self._running[place] = self._start()

    def end(self) -> None:
        """Stop all; each ends with 0."""
        for worker in self._running:
            worker.terminate()
        assert [worker.wait(timeout=60) for worker in self._running] == [0] * WORKERS


def _disturb(postgres: OwnServer, server: SlowServer, workers: Workers) -> None:
    """Restart the server and kill workers, each at a random point of the send."""

    def restart() -> None:
        postgres.restart(random.choice((signal.SIGINT, signal.SIGQUIT)))

    blows: list[Callable[[], None]] = [restart] * RESTARTS + [workers.kill_one] * KILLS
    random.shuffle(blows)
    step = (SUBSCRIBERS - server.count()) // (len(blows) + 1)
    for blow in blows:
        # The server answers only so many mails before the next blow, so that all come in time.
        last = server.count() + random.randint(1, step)
        server.wait_at(last)
        deadline = time.monotonic() + _STUCK_S
        while server.count() < last:
            assert time.monotonic() < deadline, "no mail comes any more"
            workers.start_ended()
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.02))
        blow()
    server.wait_at(None)


def _write_down(found: Aftermath, seconds: float) -> None:
    record(
        "worker-outages-postgresql",
        command="make proof",
        subscribers=SUBSCRIBERS,
        workers=WORKERS,
        connections=CONNECTIONS,
        restarts=found.restarts,
        kills=found.kills,
        seconds=round(seconds),
        load_average=round(os.getloadavg()[2], 1),
        sent=found.status["deliveries"]["sent"],
        twice=sum(count > 1 for count in found.reached.values()),
        lost=len(found.everybody - set(found.reached) - found.in_doubt),
        unknown=len(found.in_doubt),
        unknown_and_not_arrived=len(found.in_doubt - set(found.reached)),
    )


def test_no_subscriber_gets_it_twice(aftermath: Aftermath) -> None:
    assert set(aftermath.reached.values()) == {1}


def test_no_subscriber_is_lost(aftermath: Aftermath) -> None:
    assert aftermath.everybody - set(aftermath.reached) - aftermath.in_doubt == set()
    assert aftermath.status["deliveries"]["sent"] == len(aftermath.everybody - aftermath.in_doubt)


def test_unknown_mails_are_at_most_one_for_each_connection_and_kill(aftermath: Aftermath) -> None:
    blows = aftermath.kills + 1 + WORKERS * aftermath.restarts
    assert aftermath.status["deliveries"]["unknown"] <= blows * CONNECTIONS


def test_the_edition_is_finished_and_all_blows_fell(aftermath: Aftermath) -> None:
    account = aftermath.status["deliveries"]
    assert account["frozen"] == SUBSCRIBERS == account["sent"] + account["unknown"]
    assert (aftermath.kills, aftermath.status["state"]) == (KILLS, "finished")

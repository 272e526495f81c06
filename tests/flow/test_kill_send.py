"""`digest send` killed repeatedly, with many subscribers and a slow mail server."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from digest.store.engine import Database
from tests.support.databases import database_url
from tests.support.figures import IS_PROOF, record
from tests.support.kill_harness import (
    compose_edition,
    kill_in_mid_send,
    slow_server,
    wait_until_unlocked,
)
from tests.support.project import Project

# The kills run in the setup of each plan's first test, and take long on a busy machine.
pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600)]

CONNECTIONS = 4
#: Of the unknown mails, the share that may really be undelivered; few kills say little of it.
UNDELIVERED_SHARE = 0.2 if IS_PROOF else 0.5


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The kills of one edition."""

    #: The name of its figures under `bench/results`.
    name: str
    subscribers: int
    #: Processes killed, all together.
    kills: int
    #: Processes that send at the same time, and are killed at the same time.
    processes: int = 1
    engine: str = "sqlite"
    #: What the mail server offers: without PIPELINING, each command waits for its reply.
    extensions: tuple[str, ...] = ("PIPELINING",)


PLANS = (
    [
        Plan(name="kill-send", subscribers=10_000, kills=200),
        Plan(name="kill-send-4-processes", subscribers=10_000, kills=200, processes=4),
        Plan(name="kill-send-plain", subscribers=2_500, kills=50, extensions=()),
        Plan(name="kill-send-postgresql", subscribers=2_500, kills=50, engine="postgresql"),
        Plan(
            name="kill-send-postgresql-4-processes",
            subscribers=2_500,
            kills=48,
            processes=4,
            engine="postgresql",
        ),
    ]
    if IS_PROOF
    else [
        Plan(name="chain", subscribers=700, kills=20),
        Plan(name="plain", subscribers=150, kills=3, extensions=()),
    ]
)


@dataclass(frozen=True)
class Aftermath:
    """The status and the server's mails after the last send ended normally."""

    plan: Plan
    database: Database
    #: `digest status 1 --json`.
    status: dict[str, Any]
    arrived: Counter[str]
    reached: Counter[str]
    codes: tuple[int, ...]
    seconds: float

    @property
    def in_doubt(self) -> set[str]:
        """The addresses whose mail is unknown."""
        return {row["address"] for row in self.status["unknown"]}

    @property
    def everybody(self) -> set[str]:
        """All addresses."""
        return {f"subscriber{number}@example.net" for number in range(self.plan.subscribers)}

    @property
    def lost(self) -> set[str]:
        """The addresses that got no mail and are not listed as unknown."""
        return self.everybody - set(self.reached) - self.in_doubt


@pytest.fixture(scope="module", params=PLANS, ids=lambda plan: plan.name)
def aftermath(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    """Send an edition under kills, then to its end."""
    plan: Plan = request.param
    folder = tmp_path_factory.mktemp(plan.name)
    project = Project(folder)
    url = database_url(plan.engine, folder)
    with slow_server(folder, *plan.extensions) as server:
        compose_edition(
            project,
            server.port,
            subscribers=plan.subscribers,
            connections=CONNECTIONS,
            database=url,
        )
        started = time.monotonic()
        kill = partial(kill_in_mid_send, partial(project.start, "send"), server)
        rounds = plan.kills // plan.processes
        most_mails = plan.subscribers // (rounds + 2)
        codes = kill(most_mails=0)  # it freezes the edition, and several at once share it then
        while len(codes) < plan.kills:
            processes = min(plan.processes, plan.kills - len(codes))
            codes += kill(most_mails=most_mails, processes=processes)
        codes.append(project.run("send").code)
        found = Aftermath(
            plan=plan,
            database=Database(url, state=folder),
            status=project.run("status", "1", "--json").data,
            arrived=server.arrived(),
            reached=server.reached(),
            codes=tuple(codes),
            seconds=time.monotonic() - started,
        )
    _write_down(found)
    yield found
    found.database.close()


def _write_down(found: Aftermath) -> None:
    figures = asdict(found.plan)
    figures["extensions"] = " ".join(found.plan.extensions)
    record(
        figures.pop("name"),
        command="make proof",
        **figures,
        connections=CONNECTIONS,
        seconds=round(found.seconds),
        # Of the last 15 minutes: other programs on the machine move the points of the kills.
        load_average=round(os.getloadavg()[2], 1),
        sent=found.status["deliveries"]["sent"],
        twice=sum(count > 1 for count in found.reached.values()),
        lost=len(found.lost),
        unknown=len(found.in_doubt),
        unknown_and_not_arrived=len(found.in_doubt - set(found.reached)),
    )


def test_every_send_but_the_last_was_killed(aftermath: Aftermath) -> None:
    *killed, last = aftermath.codes
    assert killed == [-9] * aftermath.plan.kills
    assert last in (0, 1)  # 1: so many unknown mails are a problem for the operator


def test_no_subscriber_gets_it_twice(aftermath: Aftermath) -> None:
    assert set(aftermath.arrived.values()) == set(aftermath.reached.values()) == {1}


def test_no_subscriber_is_lost(aftermath: Aftermath) -> None:
    assert aftermath.lost == set()
    assert aftermath.status["deliveries"]["sent"] == len(aftermath.everybody - aftermath.in_doubt)


def test_at_most_one_mail_for_each_connection_and_kill_is_unknown(aftermath: Aftermath) -> None:
    assert aftermath.status["deliveries"]["unknown"] <= aftermath.plan.kills * CONNECTIONS


def test_most_unknown_mails_have_arrived(aftermath: Aftermath) -> None:
    undelivered = aftermath.in_doubt - set(aftermath.reached)
    assert len(undelivered) <= UNDELIVERED_SHARE * len(aftermath.in_doubt)


def test_the_totals_match_and_the_edition_is_finished(aftermath: Aftermath) -> None:
    account = aftermath.status["deliveries"]
    assert account["frozen"] == aftermath.plan.subscribers == account["sent"] + account["unknown"]
    assert (aftermath.status["state"], aftermath.status["is_closed"]) == ("finished", True)


def test_the_database_is_sound_and_no_lock_of_the_dead_is_left(aftermath: Aftermath) -> None:
    if aftermath.plan.engine == "postgresql":
        wait_until_unlocked(aftermath.database)
        return
    path = Path(str(aftermath.database.url.database))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert list(Path(f"{path}.workers").iterdir()) == []

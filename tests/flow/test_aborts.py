"""A send killed at each labelled step: what it leaves, and what the next process makes of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.models import DeliveryState
from digest.store.engine import Database
from digest.store.tables import deliveries, editions
from tests.support.aborts import HANDING, SENT, SERVER_STEPS, STEPS, Step
from tests.support.databases import database_url
from tests.support.forks import Started
from tests.support.kill_harness import compose_edition, wait_until_unlocked
from tests.support.project import Project
from tests.support.smtp_sink import ScriptedSink, say, serving

SUBSCRIBERS = 40
CONNECTIONS = 4
_KILLED = -9
#: Steps that are also killed on PostgreSQL, one after another in one edition.

States = dict[int, DeliveryState]


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """One edition after a kill, and after the process that finished it."""

    code: int
    #: The rows of the step.
    rows: frozenset[int]
    killed: States
    was_finished: bool
    #: The exit code of the second process.
    last_code: int
    finished: States
    is_finished: bool
    #: How often the server accepted each row's mail.
    accepted: dict[int, int]


@pytest.fixture(scope="module")
def aftermaths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Aftermath]:
    """Kill a send at each step, all at once, each with a database and a server of its own."""
    folder = tmp_path_factory.mktemp("aborts")
    with ExitStack() as stack:
        sinks = {label: stack.enter_context(serving(_sink())) for label in STEPS}
        template = _claimed_by_the_dead(folder / "template")
        projects = {label: Project(folder / str(n)) for n, label in enumerate(STEPS)}
        for label, project in projects.items():
            shutil.copytree(template.folder, project.folder)
            project.change_config("port = 1\n", f"port = {sinks[label].port}\n")
        codes = _wait({label: _start(each, label) for label, each in projects.items()})
        databases = {label: _open(each) for label, each in projects.items()}
        for database in databases.values():
            stack.callback(database.close)
        killed = {label: _read(database) for label, database in databases.items()}
        last_codes = _wait({label: each.start("send", "1") for label, each in projects.items()})
        finished = {label: _read(database) for label, database in databases.items()}
        return {
            label: Aftermath(
                code=codes[label],
                rows=_rows(projects[label]),
                killed=killed[label][0],
                was_finished=killed[label][1],
                last_code=last_codes[label],
                finished=finished[label][0],
                is_finished=finished[label][1],
                accepted=_accepted(databases[label], sinks[label]),
            )
            for label in STEPS
        }


@pytest.fixture(params=STEPS)
def label(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def step(label: str) -> Step:
    return STEPS[label]


@pytest.fixture
def aftermath(aftermaths: dict[str, Aftermath], label: str) -> Aftermath:
    return aftermaths[label]


def _sink() -> ScriptedSink:
    """Return a server that accepts first, and replies a little later."""
    later = (0.003, say("250 2.0.0 queued"))
    return ScriptedSink(extensions=("PIPELINING",), script={("*", "dot"): later})


def _compose(project: Project, smtp_port: int, database: str) -> None:
    compose_edition(
        project,
        smtp_port,
        subscribers=SUBSCRIBERS,
        connections=CONNECTIONS,
        database=database,
    )


def _claimed_by_the_dead(folder: Path) -> Project:
    """Return a project with an edition whose rows a killed process holds; its relay is port 1."""
    folder.mkdir()
    project = Project(folder)
    _compose(project, 1, "sqlite:///digest.db")
    assert _start(project, "claim committed").wait(60) == _KILLED
    return project


def _start(project: Project, label: str, where: str = "") -> Started:
    """Start a send that dies at a step."""
    note = str(project.folder / "rows")
    return project.start("send", before=("tests.support.aborts:abort_at", label, note, where))


def _wait(processes: dict[str, Started]) -> dict[str, int]:
    return {label: process.wait(120) for label, process in processes.items()}


def _rows(project: Project) -> frozenset[int]:
    return frozenset(json.loads((project.folder / "rows").read_text("ascii")))


def _open(project: Project) -> Database:
    return Database(f"sqlite:///{project.database}", state=project.folder)


def _read(database: Database) -> tuple[States, bool]:
    """Return the state of each row, and whether the edition is finished."""
    with database.read() as connection:
        rows = connection.execute(select(deliveries.c.id, deliveries.c.state)).all()
        state = connection.execute(select(editions.c.state)).scalar_one()
    return {row.id: DeliveryState(row.state) for row in rows}, state == "finished"


def _accepted(database: Database, sink: ScriptedSink) -> dict[int, int]:
    with database.read() as connection:
        people = connection.exec_driver_sql(
            "SELECT d.id, p.address FROM deliveries d JOIN people p ON p.id = d.subscriber_id"
        ).all()
    return {row.id: sink.accepted[row.address] for row in people}


def _in_doubt(states: States) -> set[int]:
    return {row for row, state in states.items() if state is HANDING}


# --- right after the kill -------------------------------------------------------------------------


def test_each_step_is_reached_and_killed(aftermath: Aftermath) -> None:
    assert aftermath.code == _KILLED
    assert len(aftermath.killed) == SUBSCRIBERS


def test_a_kill_leaves_the_states_of_its_step(aftermath: Aftermath, step: Step) -> None:
    assert {aftermath.killed[row] for row in aftermath.rows} == ({step.state} - {None})
    others = {state for row, state in aftermath.killed.items() if row not in aftermath.rows}
    assert others <= step.others
    assert aftermath.was_finished == step.is_finished


def test_at_most_one_mail_for_each_connection_is_being_handed_over(aftermath: Aftermath) -> None:
    assert len(_in_doubt(aftermath.killed)) <= CONNECTIONS


# --- after the next process -----------------------------------------------------------------------


def test_the_next_process_finishes_the_edition(aftermath: Aftermath, step: Step) -> None:
    assert aftermath.is_finished
    in_doubt = len(_in_doubt(aftermath.killed))
    has_problems = in_doubt > 2  # more than 5 % of the subscribers
    assert aftermath.last_code == (3 if step.is_finished else int(has_problems))


def test_only_mails_being_handed_over_become_unknown_and_no_mail_is_lost_or_sent_twice(
    aftermath: Aftermath,
) -> None:
    in_doubt = _in_doubt(aftermath.killed)
    for row, state in aftermath.finished.items():
        assert state is (DeliveryState.UNKNOWN if row in in_doubt else SENT)
        assert aftermath.accepted[row] == 1 or (row in in_doubt and not aftermath.accepted[row])


def test_a_mail_arrives_if_its_content_had_left(aftermath: Aftermath, step: Step) -> None:
    arrived = [aftermath.accepted[row] for row in aftermath.rows]
    has_arrived = step.has_arrived or step.state is not HANDING
    assert arrived == [int(has_arrived)] * len(aftermath.rows)


# --- PostgreSQL -----------------------------------------------------------------------------------


@pytest.fixture
def on_the_server(tmp_path: Path) -> Iterator[tuple[Project, Database, ScriptedSink]]:
    url = database_url("postgresql", tmp_path)
    with serving(_sink()) as sink:
        project = Project(tmp_path)
        _compose(project, sink.port, url)
        database = Database(url, state=tmp_path)
        yield project, database, sink
        database.close()


def test_kills_at_several_steps_on_postgresql_lose_and_repeat_nothing(
    on_the_server: tuple[Project, Database, ScriptedSink],
) -> None:
    project, database, sink = on_the_server
    in_doubt: set[int] = set()
    for label, step in SERVER_STEPS.items():
        assert _start(project, label, "server").wait(60) == _KILLED
        wait_until_unlocked(database)
        states, _ = _read(database)
        assert {states[row] for row in _rows(project)} == {step.state}
        assert len(_in_doubt(states)) <= CONNECTIONS
        in_doubt |= _in_doubt(states)
    project.run("send")
    states, is_finished = _read(database)
    assert is_finished
    assert {row for row, state in states.items() if state is DeliveryState.UNKNOWN} == in_doubt
    assert {states[row] for row in states if row not in in_doubt} == {SENT}
    accepted = _accepted(database, sink)
    assert all(accepted[row] == 1 or (row in in_doubt and not accepted[row]) for row in states)

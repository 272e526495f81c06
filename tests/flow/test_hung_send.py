"""A sending process that hangs past its lease: another one takes over, and the first runs on."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from digest.models import Actor, Message
from digest.newsroom.send import find_sendable, freeze_now
from digest.newsroom.service.dispatch import dispatch
from digest.sender.attempt import Attempt, Fate
from digest.store.claims import claim_due
from digest.store.deliveries import mark_handing
from digest.store.releases import release_dead
from digest.store.workers import HungWorker, beat, list_hung
from tests.support.desk_work import Desk
from tests.support.figures import IS_PROOF, record, share
from tests.support.forks import Started
from tests.support.kill_harness import SlowServer, slow_server, wait_until
from tests.support.mailers import Mark, OneByOne

pytestmark = [pytest.mark.proof, pytest.mark.timeout(7200 if IS_PROOF else 300)]

SUBSCRIBERS = 60
EVERYBODY = {f"subscriber{number}@example.net" for number in range(SUBSCRIBERS)}
CONNECTIONS = 2
ROUNDS = 200 if IS_PROOF else 1


def test_no_mail_is_lost_or_sent_twice(tmp_path: Path) -> None:
    unknown, rounds = 0, share(range(ROUNDS))
    for number in rounds:
        folder = tmp_path / str(number)
        folder.mkdir()
        with slow_server(folder) as relay:
            unknown += hang_once(folder, relay, after=5 + number % 40)
    assert unknown <= len(rounds) * CONNECTIONS
    record(
        "hung-send", rounds=len(rounds), subscribers=SUBSCRIBERS, unknown=unknown, twice=0, lost=0
    )


def hang_once(folder: Path, relay: SlowServer, *, after: int) -> int:
    """Let one process hang after this number of mails; return how many are unknown at the end."""
    desk = Desk.open(folder)
    desk.project.change_config("port = 9", f"port = {relay.port}")
    desk.add_post("The bridge on the hill")
    desk.add_subscribers(SUBSCRIBERS)
    desk.compose()
    relay.wait_at(after + 5)
    first = desk.project.start("send", "--now")
    wait_until(lambda: relay.count() >= after or first.poll() is not None)
    pause(first, desk.project.database)
    (hung,) = let_lease_end(desk)
    assert (hung.process, hung.edition_id) == (first.pid, 1)
    assert 0 < hung.holds <= SUBSCRIBERS
    relay.wait_at(None)
    assert desk.project.run("send", "1").code in (0, 1)  # 1: too many are unknown for now
    assert relay.count() >= SUBSCRIBERS - CONNECTIONS
    first.send_signal(signal.SIGCONT)
    first.wait(timeout=120)
    return check(desk, relay)


def pause(process: Started, database: Path) -> None:
    """Stop a process at a moment at which it does not hold the database's write lock."""
    while True:
        process.send_signal(signal.SIGSTOP)
        with closing(sqlite3.connect(database, isolation_level=None, timeout=0.2)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError:
                process.send_signal(signal.SIGCONT)
                time.sleep(0.01)
            else:
                return


def let_lease_end(desk: Desk) -> tuple[HungWorker, ...]:
    """Move the last signs of life into the past; return the workers that hang."""
    with closing(sqlite3.connect(desk.project.database)) as connection:
        connection.execute("UPDATE workers SET seen_at = datetime('now', '-16 minutes')")
        connection.commit()
    with desk.app.database.read() as connection:
        return list_hung(connection)


def check(desk: Desk, relay: SlowServer) -> int:
    with closing(sqlite3.connect(desk.project.database)) as connection:
        rows = connection.execute(
            "SELECT address, deliveries.state FROM deliveries JOIN people ON people.id ="
            " subscriber_id"
        ).fetchall()
    unknown = {address for address, state in rows if state == "unknown"}
    assert {state for _, state in rows} <= {"sent", "unknown"}
    assert len(rows) == SUBSCRIBERS
    assert set(relay.reached().values()) == {1}
    assert EVERYBODY - unknown <= set(relay.reached())
    assert len(unknown) <= CONNECTIONS
    return len(unknown)


class Letterbox(OneByOne):
    """Takes every mail."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        if not await mark():
            return Attempt(fate=Fate.SKIPPED)
        self.taken.append(message.recipient)
        return Attempt(fate=Fate.SENT)


def test_digest_run_does_not_wait_for_the_turn_of_a_process_that_hangs(tmp_path: Path) -> None:
    desk, box = Desk.open(tmp_path), Letterbox()
    desk.add_post("The bridge on the hill")
    desk.add_subscribers(3)
    desk.compose()
    app = desk.app
    app.__dict__["open_mailer"] = lambda: box
    (draft,) = find_sendable(app, "", None, is_at_once=True)
    freeze_now(app, draft, by=Actor(name="e"), any_audience=True, is_at_once=True)
    with desk.app.database.worker() as hung, desk.app.database.take_turn("weekly.send") as is_ours:
        assert is_ours
        with app.database.write() as connection:
            beat(connection, hung, draft.id)
            claim_due(connection, draft.id, hung, now=app.clock())
        asyncio.run(dispatch(app, stop=asyncio.Event()))
        assert box.taken == []
        let_lease_end(desk)
        asyncio.run(dispatch(app, stop=asyncio.Event()))
    assert len(set(box.taken)) == len(box.taken) == 3


def test_mails_of_a_process_that_hangs_are_not_sent_again_or_lost_while_it_lives(
    tmp_path: Path,
) -> None:
    desk = Desk.open(tmp_path)
    desk.add_post("The bridge on the hill")
    desk.add_subscribers(3)
    desk.compose()
    app = desk.app
    (draft,) = find_sendable(app, "", None, is_at_once=True)
    freeze_now(app, draft, by=Actor(name="e"), any_audience=True, is_at_once=True)
    with app.database.worker() as hung:
        with app.database.write() as connection:
            beat(connection, hung, draft.id)
            (first, *_) = claim_due(connection, draft.id, hung, now=app.clock()).deliveries
            mark_handing(connection, [first.id], hung, now=app.clock())
        let_lease_end(desk)
        with app.database.write() as connection:
            assert release_dead(connection, app.database, now=app.clock()).unknown == 1
        for how in ("--resend", "--assume-lost"):
            refused = desk.run("resolve", "1", how)
            assert refused.code == 4
            assert f"process {os.getpid()}" in refused.err
    assert desk.run("resolve", "1", "--resend").code == 0

"""Leaving while the database is locked or an edition is being sent, over the real web pages."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from digest.app import App
from digest.models import Actor, Message
from digest.newsroom.self_service.leaving import Leavings
from digest.newsroom.send import find_sendable, freeze_now, send
from digest.sender.attempt import Attempt, Fate
from digest.sender.request import SendRequest
from digest.sender.run import run_edition
from digest.store import marks
from digest.web.doors import LEAVE_PATIENCE_S, PATIENCE_S, public_door
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.leavings import LeaveJournal, Leaving
from subscribers.tokens import Link, LinkSigner, Purpose
from tests.support.desk_work import Desk
from tests.support.figures import IS_PROOF, record
from tests.support.ledger_rows import NEWSLETTER, NOW, address, build, fixed_clock, open_ledger
from tests.support.mailers import Mark, OneByOne
from tests.support.web_server import Site, serving

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1800 if IS_PROOF else 300)]

SUBSCRIBERS, LEAVERS = (5_000, 500) if IS_PROOF else (150, 40)
HEADERS = {"content-type": "application/x-www-form-urlencoded", "host": "hill.example.org"}


@dataclass
class Relay(OneByOne):
    """Takes mails, and calls back after the tenth."""

    started: threading.Event = field(default_factory=threading.Event)
    taken: list[str] = field(default_factory=list)

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        if not await mark():
            return Attempt(fate=Fate.SKIPPED)
        self.taken.append(message.recipient)
        if len(self.taken) == 10:
            self.started.set()
        await asyncio.sleep(0)
        return Attempt(fate=Fate.SENT)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.open(tmp_path)
    desk.add_post("The bridge on the hill")
    desk.add_subscribers(SUBSCRIBERS)
    desk.compose()
    return desk


def public_pages(desk: Desk) -> ASGIApp:
    """Return the public pages as `digest serve` opens them."""
    patient, impatient = (
        App(desk.app.config, patience_s=seconds) for seconds in (PATIENCE_S, LEAVE_PATIENCE_S)
    )
    return create_public(public_door(desk.app, patient, impatient), PUBLIC)


def query(desk: Desk, text: str) -> list[str]:
    with closing(sqlite3.connect(desk.project.database)) as connection:
        return [row[0] for row in connection.execute(text)]


def leave_all(desk: Desk, site: Site) -> list[float]:
    """Post the one-click requests of the last subscribers; return how long each answer took."""
    signer = LinkSigner(desk.app.keys[0])
    gone = query(desk, f"SELECT public_id FROM people ORDER BY id DESC LIMIT {LEAVERS}")  # noqa: S608

    def leave(public_id: str) -> float:
        token = signer.sign(Purpose.LEAVE, Link(public_id=public_id, newsletter="weekly"))
        started = time.monotonic()
        answer = site.ask(f"/u/{token}", "POST", b"List-Unsubscribe=One-Click", HEADERS)
        assert answer.status == 200
        return time.monotonic() - started

    with ThreadPoolExecutor(20) as threads:
        return list(threads.map(leave, gone))


def count_left(desk: Desk) -> int:
    return len(query(desk, "SELECT 1 FROM subscriptions WHERE state = 'left'"))


def test_one_click_is_answered_while_the_database_is_locked(desk: Desk) -> None:
    with serving(public_pages(desk)) as site:
        with closing(sqlite3.connect(desk.project.database, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            took = sorted(leave_all(desk, site))
            assert count_left(desk) == 0
            holder.execute("ROLLBACK")
        Leavings.of(desk.app).take_all()
    assert count_left(desk) == LEAVERS
    # The promise is a second for each. Of many at once, a busy machine may delay some, and beside
    # other tests all.
    assert took[len(took) // 2] < (1 if IS_PROOF else 10)
    record("leave-locked", left=LEAVERS, slowest_s=round(took[-1], 2))


def test_requests_during_a_send_are_all_kept(desk: Desk) -> None:
    relay, app = Relay(), desk.app
    app.__dict__["open_mailer"] = lambda: relay
    (draft,) = find_sendable(app, "", None, is_at_once=True)
    frozen = freeze_now(app, draft, by=Actor(name="e"), any_audience=True, is_at_once=True)
    with serving(public_pages(desk)) as site, ThreadPoolExecutor(1) as thread:

        def leave_after_start() -> list[float]:
            assert relay.started.wait(120)
            return leave_all(desk, site)

        leaving = thread.submit(leave_after_start)
        account = asyncio.run(send(app, frozen)).accounting
        assert len(leaving.result()) == LEAVERS
    Leavings.of(desk.app).take_all()
    assert count_left(desk) == LEAVERS
    assert account.sent + account.skipped == SUBSCRIBERS
    assert len(relay.taken) == len(set(relay.taken)) == account.sent


def test_a_request_in_the_journal_counts_from_the_next_look_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "_BEFORE_EVERY_S", 0.0)
    database = open_ledger(tmp_path / "digest.db", 30)
    journal = LeaveJournal(database.leavings)
    relay = Relay()

    def before_marks() -> None:
        if len(relay.taken) == 10 and journal.is_empty:  # arrived while the first ten were sent
            for number in (12, 25):
                link = Link(public_id=f"public{number}", newsletter=NEWSLETTER)
                journal.append(Leaving(link=link, how="one-click", at=NOW))
        Leavings(lambda: database, journal).take_all()

    request = SendRequest(
        edition_id=1,
        build=build,
        open_mailer=lambda: relay,
        batch=10,
        before_marks=before_marks,
    )
    with closing(database):
        report = asyncio.run(run_edition(database, request, clock=fixed_clock()))
    assert (report.sent, report.skipped) == (28, 2)
    assert not {address(12), address(25)} & set(relay.taken)
    assert journal.is_empty

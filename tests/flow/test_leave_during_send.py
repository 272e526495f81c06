"""Subscribers who leave, come back or pause while an edition is being sent."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from digest.models import Actor, Message
from digest.newsroom.self_service.returning import Leavers, Offer
from digest.newsroom.send import SendReport, find_sendable, freeze_now, send
from digest.sender.attempt import Attempt, Fate
from subscribers.leavings import Leaving
from subscribers.tokens import Link
from tests.support.desk_work import NOW, Desk
from tests.support.figures import IS_PROOF, record
from tests.support.mailers import Mark, OneByOne

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1800 if IS_PROOF else 300)]

SUBSCRIBERS, LEAVERS = (10_000, 2_000) if IS_PROOF else (400, 80)
CONNECTIONS = 4

#: SQLite commits one write after the other, so the rows are in the order of the commits.
_LOG = """
CREATE TABLE order_of_commits (id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER, what TEXT);
CREATE TRIGGER log_mark AFTER UPDATE OF state ON deliveries WHEN NEW.state = 'handing'
BEGIN INSERT INTO order_of_commits (person, what) VALUES (NEW.subscriber_id, 'mark'); END;
CREATE TRIGGER log_leave AFTER UPDATE OF state ON subscriptions WHEN NEW.state = 'left'
BEGIN INSERT INTO order_of_commits (person, what) VALUES (NEW.person_id, 'leave'); END;
"""


@dataclass
class Relay(OneByOne):
    """Takes mails; remembers the order of what it sees, and calls a function after each mail."""

    steps: Iterator[int] = field(default_factory=count)
    #: When the content of a mail began, by recipient.
    began: dict[str, int] = field(default_factory=dict)
    after_mail: Callable[[int], None] = lambda _number: None

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        if not await mark():
            return Attempt(fate=Fate.SKIPPED)
        assert message.recipient not in self.began
        self.began[message.recipient] = next(self.steps)
        self.after_mail(len(self.began))
        await asyncio.sleep(0)
        return Attempt(fate=Fate.SENT)


def open_desk(folder: Path, subscribers: int) -> Desk:
    desk = Desk.open(folder)
    desk.project.change_config("connections = 2", f"connections = {CONNECTIONS}")
    desk.add_post("The bridge on the hill")
    desk.add_subscribers(subscribers)
    desk.compose()
    return desk


def send_now(desk: Desk, relay: Relay) -> SendReport:
    app = desk.app
    app.__dict__["open_mailer"] = lambda: relay
    (draft,) = find_sendable(app, "", None, is_at_once=True)
    frozen = freeze_now(app, draft, by=Actor(name="editor"), any_audience=True, is_at_once=True)
    return asyncio.run(send(app, frozen))


def links(desk: Desk) -> dict[str, Link]:
    """Return the link of each subscriber, by address."""
    with closing(sqlite3.connect(desk.project.database)) as connection:
        rows = connection.execute("SELECT address, public_id FROM people").fetchall()
    return {address: Link(public_id=public_id, newsletter="weekly") for address, public_id in rows}


def rows(desk: Desk, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(desk.project.database)) as connection:
        return connection.execute(query).fetchall()


def test_no_mail_begins_for_a_subscriber_whose_leaving_is_committed(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, SUBSCRIBERS)
    with closing(sqlite3.connect(desk.project.database)) as connection:
        connection.executescript(_LOG)
    known = links(desk)
    gone = Random(5).sample(sorted(known), LEAVERS)
    left: dict[str, int] = {}
    relay = Relay()
    started = threading.Event()

    def leave_all() -> None:
        started.wait(120)
        leavers = Leavers.of(desk.app)
        for address in gone:
            assert leavers.leave(Leaving(link=known[address], how="one-click", at=NOW))
            left[address] = next(relay.steps)

    thread = threading.Thread(target=leave_all)
    thread.start()
    relay.after_mail = lambda _number: started.set()
    report = send_now(desk, relay)
    thread.join()

    assert len(left) == LEAVERS
    after = rows(
        desk,
        "SELECT 1 FROM order_of_commits AS mark JOIN order_of_commits AS leaving"
        " ON mark.person = leaving.person AND mark.id > leaving.id"
        " WHERE mark.what = 'mark' AND leaving.what = 'leave'",
    )
    assert after == []
    mailed = [address for address in gone if address in relay.began]
    skipped = report.accounting.skipped
    # Some of each, or the leavings did not meet the run.
    assert 0 < skipped < LEAVERS
    assert len(mailed) + skipped == LEAVERS
    assert report.accounting.sent == len(relay.began) == SUBSCRIBERS - skipped
    # Handed over before the leaving was committed, and at most one on each connection at a time.
    late = [address for address in mailed if relay.began[address] > left[address]]
    assert len(late) <= CONNECTIONS * len(gone) // 100 + CONNECTIONS
    record(
        "leave-during-send",
        subscribers=SUBSCRIBERS,
        left=LEAVERS,
        mailed_before=len(mailed),
        skipped=skipped,
        marks_after_a_leave=len(after),
    )


def test_who_leaves_and_returns_during_a_run_gets_the_posts_with_the_next_edition(
    tmp_path: Path,
) -> None:
    desk = open_desk(tmp_path, 30)
    known = links(desk)
    leavers = Leavers.of(desk.app)
    turned: list[str] = []
    relay = Relay()

    def leave_somebody(number: int) -> None:
        if number == 5:
            waiting = sorted(set(known) - set(relay.began))[-10:]
            for address in waiting:
                leavers.leave(Leaving(link=known[address], how="page", at=NOW))
            turned.extend(waiting)

    relay.after_mail = leave_somebody
    report = send_now(desk, relay)
    back = [address for address in turned if address not in relay.began]
    assert report.accounting.skipped == len(back) > 0
    for address in turned:
        page = leavers.take(known[address], Offer.RETURN)
        assert page is not None
        assert page.is_active
    query = "SELECT address, seen_seq FROM people JOIN subscriptions ON person_id = id"
    windows: dict[str, int | None] = dict(rows(desk, query))
    assert {windows[address] for address in back} == {0}
    assert {windows[address] for address in relay.began} == {1}

    desk.add_post("The night train")
    desk.compose()
    again = Relay()
    send_now(desk, again)
    assert set(again.began) == set(known)

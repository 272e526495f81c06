"""Notes to subscribers: stored with their cause, sent soon, without an address in the database."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from digest.letter.printing.opened import open_message
from digest.models import Message, SignUp
from digest.newsroom.post_office import PostOffice
from digest.newsroom.self_service.notes import NoteKind, add_note
from digest.newsroom.self_service.sign_ups import dump_choices
from digest.sender.attempt import Attempt, Fate
from digest.store.sign_ups import (
    add_sign_up,
    find_sign_up,
    settle_sign_up,
    take_sign_up,
    unsettled_ids,
)
from subscribers.addresses import parse_address
from subscribers.erasing import erase_person
from subscribers.people import find_person
from subscribers.preferences import Preferences
from tests.support.desk_work import NOW, Desk
from tests.support.mailers import Mark, OneByOne

ADDRESS = "ann@heritage.org"
CHOICES = dump_choices(Preferences(), {})


class FakeMailer(OneByOne):
    """Takes mails, and answers each with the next of some fates."""

    def __init__(self, *fates: Fate) -> None:
        self.fates = list(fates)
        self.taken: list[Message] = []

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        await mark()
        self.taken.append(message)
        return Attempt(fate=self.fates.pop(0) if self.fates else Fate.SENT)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.open(tmp_path)
    desk.run("subscribers", "add", ADDRESS)
    return desk


def store_note(desk: Desk, key: str = "1") -> bool:
    with desk.app.database.write() as connection:
        person = find_person(connection, parse_address(ADDRESS))
        assert person is not None
        if find_sign_up(connection, person.id, "weekly") is None:
            add_sign_up(
                connection,
                SignUp(newsletter="weekly", at=NOW, address=ADDRESS, choices=CHOICES),
                "",
            )
            sign_up = take_sign_up(connection, unsettled_ids(connection)[0])
            assert sign_up is not None
            settle_sign_up(connection, sign_up, person.id, is_new=False)
        return add_note(connection, NoteKind.CONFIRM, person, "weekly", key=key, now=NOW)


def send_due(desk: Desk, mailer: FakeMailer) -> int:
    app = desk.app
    app.__dict__["open_mailer"] = lambda: mailer
    return asyncio.run(PostOffice(app, asyncio.Event()).send_due())


def test_a_note_is_mailed_once(desk: Desk) -> None:
    assert (store_note(desk), store_note(desk)) == (True, False)
    mailer = FakeMailer()
    assert (send_due(desk, mailer), send_due(desk, mailer)) == (1, 0)
    mail = open_message(mailer.taken[0].content)
    assert mailer.taken[0].recipient == ADDRESS
    assert "/c/" in mail.html
    assert "/c/" in mail.text


def test_no_row_of_a_note_holds_the_address(desk: Desk) -> None:
    store_note(desk)
    with sqlite3.connect(desk.app.database.name) as connection:
        rows = list(connection.execute("SELECT * FROM notices"))
    assert len(rows) == 1
    assert ADDRESS not in str(rows)


def test_a_note_goes_with_its_person(desk: Desk) -> None:
    store_note(desk)
    app = desk.app
    with app.database.write() as connection:
        erase_person(connection, app.keys, parse_address(ADDRESS), now=NOW)
    assert send_due(desk, FakeMailer()) == 0


def test_a_note_to_a_mailbox_that_does_not_exist_is_not_tried_again(desk: Desk) -> None:
    store_note(desk)
    assert send_due(desk, FakeMailer(Fate.REFUSED)) == 0
    mailer = FakeMailer()
    assert (send_due(desk, mailer), mailer.taken) == (0, [])


def test_a_note_that_a_relay_puts_off_is_tried_later(desk: Desk) -> None:
    store_note(desk)
    assert send_due(desk, FakeMailer(Fate.TRANSIENT)) == 0
    with sqlite3.connect(desk.app.database.name) as connection:
        assert list(connection.execute("SELECT state, attempts FROM notices")) == [("pending", 1)]

"""The public pages on a database that was put back or copied: only leaving works."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from digest.models import Actor
from digest.newsroom.adopt import adopt
from digest.newsroom.figures import why_not_ready
from digest.newsroom.self_service.leaving import Leavings
from digest.newsroom.state import check_state
from digest.store.copying import mark_moved
from digest.store.epoch import Origin, renew_epoch
from digest.web.doors import public_door
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.leavings import LeaveJournal
from subscribers.people import find_person, find_subscription
from subscribers.preferences import State
from subscribers.tokens import Link, LinkSigner, Purpose
from tests.support.desk_work import Desk
from tests.support.web_server import Answer, serving

FORM = {"content-type": "application/x-www-form-urlencoded", "host": "hill.example.org"}
CHANGES = ("/subscribe/weekly", "/api/subscribe/weekly", "/p/x", "/unsubscribe", "/c/x", "/d/x")


class Pages:
    """The pages of a newsletter with one subscriber."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk.open(folder)
        self.desk.add_subscribers(1)
        self.app = self.desk.app
        check_state(self.app)

    def ask(self, path: str, body: str = "") -> Answer:
        with serving(create_public(public_door(self.app, self.app), PUBLIC)) as site:
            return site.ask(path, "POST" if body else "GET", body.encode(), FORM)

    @property
    def token(self) -> str:
        with self.app.database.read() as connection:
            address = parse_address("subscriber0@example.net", allow_reserved=True)
            person = find_person(connection, address)
        assert person is not None
        link = Link(public_id=person.public_id, newsletter="weekly")
        return LinkSigner(self.app.keys[0]).sign(Purpose.LEAVE, link)

    @property
    def has_left(self) -> bool:
        with self.app.database.read() as connection:
            found = find_subscription(connection, 1, "weekly")
        return found is not None and found.state is State.LEFT


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    return Pages(tmp_path)


@pytest.fixture
def restored(pages: Pages) -> Pages:
    """Return the pages on a database that `digest restore` wrote."""
    with pages.app.database.write() as connection:
        renew_epoch(connection, Origin.RESTORED)
    return pages


def test_a_restored_database_takes_no_sign_ups_and_says_so_to_the_monitor(
    restored: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        serving(create_public(public_door(restored.app, restored.app), PUBLIC)) as site,
    ):
        for path in CHANGES:
            answer = site.ask(path, "POST", b"email=new@hill.net", FORM)
            assert (answer.status, answer.headers["retry-after"]) == (503, "30"), path
        assert site.ask("/subscribe/weekly", headers=FORM).status == 200
    assert "the pages store only who leaves, in the journal" in caplog.text
    assert "restored or copied?" in why_not_ready(restored.app)


def test_who_leaves_a_restored_database_is_kept_until_one_may_send(restored: Pages) -> None:
    answer = restored.ask(f"/u/{restored.token}", "List-Unsubscribe=One-Click")
    assert (answer.status, "You have left" in answer.text) == (200, True)
    assert Leavings.of(restored.app).take() == 0
    assert not restored.has_left
    # Another database, put in its place, would learn it in the same way.
    adopt(restored.app, seen_now=True, by=Actor(name="anna"))
    assert why_not_ready(restored.app) == ""
    assert Leavings.of(restored.app).take() == 1
    assert restored.has_left


def test_another_choice_on_the_page_to_leave_waits_for_the_right_database(restored: Pages) -> None:
    assert restored.ask(f"/u/{restored.token}", "do=pause-4-weeks").status == 503


def test_who_leaves_a_database_that_was_moved_is_kept_for_the_new_one(pages: Pages) -> None:
    new = pages.desk.project.folder / "new.db"
    with pages.app.database.write() as connection:
        mark_moved(connection, str(new))
    assert pages.ask(f"/u/{pages.token}", "List-Unsubscribe=One-Click").status == 200
    assert pages.app.journal.is_empty
    assert not LeaveJournal(new.with_name("new.db.leavings")).is_empty
    assert "which sends now" in why_not_ready(pages.app)


def test_a_damaged_state_file_keeps_nobody_from_leaving(pages: Pages) -> None:
    pages.app.database.state_file.write_text("{")
    assert pages.ask(f"/u/{pages.token}", "List-Unsubscribe=One-Click").status == 200
    assert not pages.app.journal.is_empty

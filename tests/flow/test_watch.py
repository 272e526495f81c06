"""Notices about a real database; each is written once."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.newsroom.service.missed import report_missed
from digest.newsroom.service.watch import watch
from digest.store import approvals, feeds
from tests.support.desk_work import NOW, Desk
from tests.support.feed_rows import open_feed

OPS = "ops@example.org"
HOUR = timedelta(hours=1)
_ALERTS = f'[alerts]\nemail = ["{OPS}"]\n\n'


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    """Return a draft and a subscriber."""
    work = Desk.open(tmp_path)
    work.project.change_config("[[smtp]]", f"{_ALERTS}[[smtp]]")
    work.add_post("A bridge is mended")
    work.add_subscribers(1)
    work.compose()
    return work


def look(work: Desk, *, at: datetime) -> list[str]:
    """Return the last part of each notice's key."""
    return [key.rpartition("/")[2] for key in watch(work.app, at)]


def due(work: Desk) -> datetime:
    return work.edition().due_at


def test_a_late_edition_is_reported_once(work: Desk) -> None:
    assert look(work, at=due(work)) == []
    assert look(work, at=due(work) + HOUR) == ["late"]
    assert look(work, at=due(work) + 2 * HOUR) == []


def test_a_sent_edition_is_not_reported(work: Desk) -> None:
    work.send()
    assert look(work, at=due(work) + HOUR) == []


def test_a_waiting_draft_is_reported_at_its_hour(work: Desk) -> None:
    work.project.change_config('review = "auto"', 'review = "required"')
    assert look(work, at=due(work) - HOUR) == []
    assert look(work, at=due(work)) == ["approval"]


def test_a_pause_is_reported_until_the_edition_is_cancelled(work: Desk) -> None:
    with work.app.database.write() as connection:
        approvals.pause(connection, 1, "a look")
    assert look(work, at=NOW) == ["a look"]
    with work.app.database.write() as connection:
        approvals.cancel(connection, 1, now=NOW)
    assert look(work, at=NOW) == []


def test_a_cancelled_edition_is_reported_once_at_its_hour(work: Desk) -> None:
    work.run("cancel", "1")
    assert report_missed(work.app, due(work) - HOUR) == ()
    (slot,) = report_missed(work.app, due(work) + timedelta(days=8))
    assert (slot.due_at, slot.reason) == (due(work), "")
    assert report_missed(work.app, due(work) + timedelta(days=9)) == ()


def test_an_outage_of_all_feeds_is_reported(work: Desk) -> None:
    url = "https://hill.example.org/feed"
    with work.app.database.write() as connection:
        feed = open_feed(connection, url, now=NOW)
        feeds.save_failure(connection, feed.id, "HTTP 500; try later", now=NOW)
    assert look(work, at=NOW) == ["never"]


def test_no_notice_is_written_without_recipients(work: Desk) -> None:
    work.project.change_config(_ALERTS, "")
    assert watch(work.app, due(work) + HOUR) == ()
    connection = sqlite3.connect(work.project.database)
    assert connection.execute("SELECT count(*) FROM notices").fetchone() == (0,)
    connection.close()

"""Every command that changes something writes one audit row with actor, time and change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from digest.app.user import terminal_user
from digest.models import DeliveryState
from digest.store.tables import audit, deliveries
from tests.support.desk_work import Desk

_EXPORT = (
    "<rss version='2.0' xmlns:wp='http://wordpress.org/export/1.2/'><channel><item><link>"
    "https://hill.example.org/A-bridge-is-mended/</link><wp:comment><wp:comment_id>1"
    "</wp:comment_id><wp:comment_author>Anna</wp:comment_author><wp:comment_approved>1"
    "</wp:comment_approved><wp:comment_date_gmt>2026-11-20 08:00:00</wp:comment_date_gmt>"
    "<wp:comment_content>Well said.</wp:comment_content></wp:comment></item></channel></rss>"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a newsletter with one post, two subscribers, and files to import."""
    work = Desk.open(tmp_path)
    work.project.change_config("https://hill.example.org/feed", "http://127.0.0.1:9/feed")
    work.add_post("A bridge is mended")
    work.add_subscribers(2)
    (tmp_path / "people.csv").write_text("email\nanna@example.net\nno address\n")
    (tmp_path / "export.xml").write_text(_EXPORT)
    return work


def rows(desk: Desk) -> list[Row[Any]]:
    with desk.app.database.read() as connection:
        return list(connection.execute(select(audit).order_by(audit.c.id)))


def lose_answers(desk: Desk) -> None:
    with desk.app.database.write() as connection:
        connection.execute(update(deliveries).values(state=DeliveryState.UNKNOWN))


@pytest.mark.parametrize(
    ("before", "command", "action"),
    [
        ((), "collect", "collect"),
        ((), "compose", "compose"),
        (("compose",), "approve", "approve"),
        (("compose",), "pause 1", "pause"),
        (("compose", "pause 1"), "resume 1", "resume"),
        (("compose",), "cancel 1", "cancel"),
        (("compose",), "send --now --outbox {folder}/out", "freeze"),
        (
            ("compose", "send --now --outbox {folder}/out", "*"),
            "resolve 1 --assume-sent",
            "resolve",
        ),
        ((), "subscribers import {folder}/people.csv", "import people"),
        ((), "subscribers add anna@example.net", "add person"),
        ((), "subscribers leave subscriber0@example.net", "leave"),
        ((), "subscribers suppress anna@example.net", "suppress"),
        (
            ("subscribers suppress anna@example.net",),
            "subscribers unsuppress anna@example.net",
            "unsuppress",
        ),
        ((), "subscribers erase subscriber0@example.net", "erase"),
        ((), "comments import {folder}/export.xml", "import comments"),
    ],
)
def test_a_change_leaves_one_row_without_an_address(
    desk: Desk, before: tuple[str, ...], command: str, action: str
) -> None:
    folder = desk.project.folder
    for each in before:
        if each == "*":
            lose_answers(desk)
        else:
            assert desk.run(*each.format(folder=folder).split()).code == 0
    earlier = len(rows(desk))
    assert desk.run(*command.format(folder=folder).split()).code in (0, 1)
    (row,) = rows(desk)[earlier:]
    assert (row.action, row.actor) == (action, terminal_user().name)
    assert "@" not in row.detail


def test_an_import_is_audited_as_counts(desk: Desk) -> None:
    desk.run("subscribers", "import", str(desk.project.folder / "people.csv"))
    assert rows(desk)[-1].detail == "1 added, 1 refused"


def test_a_dry_run_of_an_import_is_not_audited(desk: Desk) -> None:
    before = len(rows(desk))
    desk.run("subscribers", "import", str(desk.project.folder / "people.csv"), "--dry-run")
    assert len(rows(desk)) == before


def test_a_suppressed_list_is_audited_as_counts(desk: Desk) -> None:
    desk.run("subscribers", "suppress", "--file", str(desk.project.folder / "people.csv"))
    assert (rows(desk)[-1].action, rows(desk)[-1].detail) == (
        "suppress",
        "1 suppressed, 1 refused",
    )


@pytest.mark.parametrize(
    "command",
    [
        "subscribers leave nobody@example.net",
        "subscribers unsuppress nobody@example.net",
        "db upgrade",
    ],
)
def test_a_command_that_changes_nothing_leaves_no_row(desk: Desk, command: str) -> None:
    assert desk.run(*command.split()).code == 0
    assert rows(desk) == []


def test_an_upgrade_leaves_one_row(tmp_path: Path) -> None:
    work = Desk.open(tmp_path)
    for file in tmp_path.glob("digest.db*"):
        file.unlink()
    assert work.run("db", "upgrade").code == 0
    (row,) = rows(work)
    assert (row.action, row.actor) == ("upgrade database", terminal_user().name)
    assert row.detail.startswith("schema none to ")

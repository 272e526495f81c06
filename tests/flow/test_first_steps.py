"""The first commands of an installation, and a database that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.desk_work import NOW, Desk
from tests.support.feed_rows import open_feed
from tests.support.project import Project

#: One for each way in which a command uses the database.
_COMMANDS = (
    "status",
    "status 1",
    "plan",
    "collect",
    "compose",
    "check",
    "preview",
    "approve",
    "send",
    "send 1",
    "send --dry-run",
    "test 1 me@example.net",
    "pause 1",
    "resolve --assume-sent",
    "deliveries me@example.net",
    "subscribers export",
    "subscribers add me@example.net",
    "feeds list",
    "run",
    "serve",
)


@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize("is_empty", [False, True])
def test_without_a_database_every_command_names_the_one_that_creates_it(
    tmp_path: Path, command: str, *, is_empty: bool
) -> None:
    desk = Desk.open(tmp_path)
    for file in tmp_path.glob("digest.db*"):
        file.unlink()
    if is_empty:
        desk.project.database.touch()
    done = desk.run(*command.split())
    assert (done.code, done.err) == (
        2,
        f"database {desk.project.database}: does not exist; run `digest db upgrade` to create it",
    )
    assert desk.project.database.exists() is is_empty


def test_db_upgrade_creates_it(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    for file in tmp_path.glob("digest.db*"):
        file.unlink()
    assert desk.run("db", "upgrade").code == 0
    assert desk.run("status").code == 0


def test_after_init_the_check_says_what_is_left_to_do(tmp_path: Path) -> None:
    desk = Desk(Project(tmp_path))
    assert desk.run("init").code == 0
    checked = desk.run("config", "check")
    assert checked.code == 1
    assert "To do: site.base_url: 'https://digest.example.org' is a placeholder" in checked.out
    assert "valid, but" in checked.out
    assert "Changed:" not in checked.out
    data = json.loads(desk.run("config", "check", "--json").out)
    assert (data["ok"], len(data["problems"]) > 5) == (False, True)


def test_after_an_update_the_check_names_each_change_once(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    (tmp_path / "digest.db.changes").unlink()
    assert (
        "Changed: `digest send` sends no draft before its hour" in desk.run("config", "check").out
    )
    assert "Changed:" not in desk.run("config", "check").out


def test_categories_that_no_newsletter_shows_are_named(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    both = 'category = ["News", "Sport"]'
    desk.project.change_config(both, 'category = ["News", "Sport", "Chess"]')
    checked = desk.run("config", "check")
    assert (checked.code, "category 'Chess': in no newsletter's categories" in checked.out) == (
        1,
        True,
    )


# --- what `compose` and `send` print ------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.open(tmp_path)
    desk.add_post("A bridge is mended")
    desk.add_subscribers(2)
    return desk


def test_compose_says_what_comes_next(desk: Desk) -> None:
    ahead = desk.run("compose").out
    assert "then `digest check 1`. `digest run` sends it at its hour; `digest send 1 --now`" in (
        " ".join(ahead.split())
    )
    extra = desk.run("compose", "--extra").out
    assert "beside the calendar" in extra
    assert "then `digest send 2`." in extra


def test_next_names_resume_where_a_draft_is_paused(desk: Desk) -> None:
    desk.run("compose")
    desk.run("pause", "1")
    said = " ".join(desk.run("compose").out.split())
    assert "Paused. Next:" in said
    assert "then `digest resume 1`." in said
    assert "at its hour" not in said


def test_next_names_approve_where_it_is_needed(desk: Desk) -> None:
    desk.project.change_config('review = "auto"', 'review = "required"')
    assert "`digest approve 1`" in desk.run("compose").out
    desk.run("approve")
    assert "approve" not in desk.run("compose").out
    edited = desk.run("compose", "--subject", "The bridge").out
    assert "its approval is void because its content changed; run `digest approve 1`" in edited
    assert "Next: run `digest preview 1`, `digest check 1`, then `digest approve 1`" in edited


def test_a_draft_that_another_one_replaces_is_named(desk: Desk) -> None:
    desk.run("compose")
    desk.run("approve")
    schedule = desk.app.config.newsletters[0].schedule
    desk.project.change_config(f'schedule = "{schedule}"', 'schedule = "1st Mon 03:00"')
    said = " ".join(desk.run("compose").out.split())
    assert ", which was approved, is cancelled: edition 2, due" in said
    assert ",," not in said


def test_status_shows_no_feed_that_the_configuration_no_longer_names(desk: Desk) -> None:
    named = desk.app.config.feeds[0].url
    with desk.app.database.write() as connection:
        for url in (named, f"{named}/old"):
            open_feed(connection, url, now=NOW)
    feeds = json.loads(desk.run("status", "--json").out)["feeds"]
    assert [feed["url"] for feed in feeds] == [named]


def test_several_editions_give_the_worst_exit_code(desk: Desk) -> None:
    assert desk.run("compose", "--extra").code == 0
    assert desk.run("pause", "1").code == 0
    desk.project.change_config(
        "[[newsletters]]",
        '[[newsletters]]\nname = "other"\ntitle = "Other"\nfrom = "a@hill.example.org"\n'
        'categories = ["Sport"]\nschedule = "Mon 07:00"\n\n[[newsletters]]',
    )
    desk.add_post("A match is won", "Sport")
    assert desk.run("compose", "--extra", "-n", "other").code == 0
    sent = desk.run("send", "--outbox", str(desk.project.folder / "out"))
    assert sent.code == 4
    assert "edition 1: paused" in sent.err
    assert "edition 2: no subscriber would get it" in sent.err
    assert json.loads(desk.run("send", "--dry-run", "2", "--json").out)["edition"] == 2


def test_a_choice_needs_one_edition(desk: Desk) -> None:
    desk.project.change_config(
        "[[newsletters]]",
        '[[newsletters]]\nname = "other"\ntitle = "Other"\nfrom = "a@hill.example.org"\n'
        'categories = ["Sport"]\nschedule = "Mon 07:00"\n\n[[newsletters]]',
    )
    refused = desk.run("compose", "--subject", "The bridge")
    assert refused.code == 2
    assert refused.err.endswith("--newsletter other, --newsletter weekly")
    assert desk.run("compose", "--extra").code == 2
    assert desk.run("compose", "--subject", "The bridge", "-n", "weekly").code == 0


def test_a_daily_schedule_is_not_called_weekly(desk: Desk) -> None:
    schedule = desk.app.config.newsletters[0].schedule
    desk.project.change_config(f'schedule = "{schedule}"', 'schedule = "daily 03:00"')
    assert "weekly (every day at 03:00)" in desk.run("plan").out
    nothing = desk.run("compose", "--drop", "1")
    assert (nothing.code, "the last edition (every day at 03:00)" in nothing.err) == (3, True)

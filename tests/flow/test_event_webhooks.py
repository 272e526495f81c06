"""Events reach a real receiver, signed; one that fails delays nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.app import App
from digest.app.wiring import utc_now
from digest.errors import ConfigError
from digest.models import Actor
from digest.newsroom.outgoing.post import Registration, post_events, register
from digest.newsroom.outgoing.shown import list_webhooks
from digest.newsroom.outgoing.waits import MAX_AGE
from digest.store.tables import webhook_calls
from tests.support.desk_work import Desk
from tests.support.event_receiver import SECRET, Receiver, receiving

ANN = Actor(name="ann")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, receiver: Receiver) -> Desk:
    """Return a newsletter with three subscribers, a draft and a webhook."""
    desk = Desk.open(tmp_path, review="required")
    add_webhook(desk, receiver.url)
    register(desk.app)
    desk.add_post("The bridge is mended")
    desk.add_subscribers(3)
    desk.compose()
    return desk


def add_webhook(desk: Desk, url: str, more: str = "") -> None:
    text = desk.project.config.read_text("utf-8")
    text += f'\n[[webhooks]]\nurl = "{url}"\nsecret = "{SECRET}"\n{more}\n'
    desk.project.config.write_text(text, "utf-8")


def post(desk: Desk, *, after: timedelta = timedelta()) -> int:
    app = App(desk.app.config, clock=lambda: utc_now() + after)
    return asyncio.run(post_events(app, Registration()))


def waiting(desk: Desk) -> list[tuple[str, int]]:
    query = select(webhook_calls.c.state, webhook_calls.c.attempts).order_by(webhook_calls.c.id)
    with desk.app.database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_an_editions_life_and_a_subscribers_arrive_signed(desk: Desk, receiver: Receiver) -> None:
    assert desk.run("approve", "1").code == 0
    assert desk.run("pause", "1", "--reason", "a look").code == 0
    assert desk.run("resume", "1").code == 0
    assert desk.send("1").code == 0
    assert desk.app.newsroom.people.leave("subscriber1@example.net", "weekly", by=ANN)
    assert post(desk) == 5
    assert receiver.kinds == [
        "edition.waiting",
        "edition.approved",
        "edition.paused",
        "edition.sent",
        "subscriber.left",
    ]
    assert receiver.forged == []
    sent = receiver.got[3][1]["data"]
    assert (sent["edition"], sent["sent"], sent["subscribers"]) == (1, 3, 3)
    assert receiver.got[4][1]["data"]["subscriber"]["address"] == "subscriber1@example.net"
    assert post(desk) == 0
    assert {state for state, _ in waiting(desk)} == {"sent"}


def test_a_refused_event_is_posted_again_with_the_same_id(desk: Desk, receiver: Receiver) -> None:
    receiver.answers = [500]
    assert (post(desk), post(desk)) == (0, 0)
    (shown,) = list_webhooks(desk.app)
    assert (shown.host, shown.is_failing) == ("127.0.0.1", True)
    assert shown.health is not None
    assert "500" in shown.health.last_error
    assert "secret" not in repr(shown)
    assert post(desk, after=timedelta(minutes=1)) == 1
    (first, _), (second, _) = receiver.got
    assert first == second
    assert not list_webhooks(desk.app)[0].is_failing


def test_an_event_is_given_up_after_days_or_if_the_receiver_is_gone(
    desk: Desk, receiver: Receiver
) -> None:
    receiver.answers = [503]
    post(desk, after=MAX_AGE + timedelta(hours=1))
    assert waiting(desk) == [("failed", 1)]
    desk.run("approve", "1")
    receiver.answers = [410]
    post(desk)
    assert waiting(desk) == [("failed", 1), ("failed", 1)]


def test_one_receiver_that_is_down_delays_no_other(desk: Desk, receiver: Receiver) -> None:
    add_webhook(desk, "http://127.0.0.1:9/down", 'events = ["edition.approved"]')
    register(desk.app)
    desk.run("approve", "1")
    assert post(desk) == 2
    up, down = list_webhooks(desk.app)
    assert (up.is_failing, down.is_failing, down.events) == (False, True, ("edition.approved",))


def test_two_configurations_do_not_replace_each_others_webhooks_again_and_again(
    desk: Desk, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    first, of_first = desk.app, Registration()
    of_first.keep(first)
    desk.project.change_config(receiver.url, "http://127.0.0.1:9/other")
    second, of_second = desk.app, Registration()
    of_second.keep(second)
    assert "1 webhook is not in this configuration" in caplog.text
    caplog.clear()
    for _ in range(2):
        of_first.keep(first)
        of_second.keep(second)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "another process has replaced the webhooks" in caplog.text
    assert [each.health is None for each in list_webhooks(second)] == [False]
    assert [each.health is None for each in list_webhooks(first)] == [True]


def test_an_address_inside_the_network_needs_leave(desk: Desk, receiver: Receiver) -> None:
    desk.project.change_config("allow_private = true", "allow_private = false")
    assert post(desk) == 0
    assert receiver.got == []
    desk.project.change_config(
        f'url = "{receiver.url}"', f'url = "{receiver.url}"\nallow_private = true'
    )
    assert post(desk, after=timedelta(minutes=1)) == 1


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ('secret = "hunter2"', "must start with whsec_"),
        ('events = ["edition.eaten"]', "events"),
        ('newsletters = ["weakly"]', "did you mean 'weekly'"),
        ('evens = ["edition.sent"]', "unknown key"),
    ],
)
def test_a_wrong_webhook_is_one_clear_line(tmp_path: Path, wrong: str, line: str) -> None:
    desk = Desk.open(tmp_path)
    add_webhook(desk, "https://hooks.example.org/secret", wrong)
    if wrong.startswith("secret"):
        desk.project.change_config(f'secret = "{SECRET}"\n', "")
    with pytest.raises(ConfigError) as refused:
        App.load(desk.project.config)
    (problem,) = refused.value.problems
    assert line in problem
    assert "hunter2" not in problem


def test_the_secret_may_be_in_a_file(desk: Desk, receiver: Receiver) -> None:
    (desk.project.folder / "hook.secret").write_text(f"{SECRET}\n", "utf-8")
    desk.project.change_config(f'secret = "{SECRET}"', 'secret_file = "hook.secret"')
    assert post(desk) == 1
    assert receiver.got[0][1]["timestamp"][:4] == f"{datetime.now(UTC):%Y}"

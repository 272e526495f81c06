"""Test mails from the desk: to testers, as a subscriber gets it, and not too many."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import NothingToDo, Refused, UsageError
from digest.models import Actor
from digest.newsroom import test as test_use_case
from digest.newsroom.test_mails import MOST_OF_ALL, MOST_OF_ONE, list_testers, send_to_testers
from tests.support.desk_work import Desk
from tests.support.smtp_sink import ScriptedSink, serving

TESTERS = ("tess@example.net", "tom@example.net")


@pytest.fixture
def sink() -> Iterator[ScriptedSink]:
    with serving(ScriptedSink()) as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, sink: ScriptedSink) -> Desk:
    """Return a newsletter with a draft of two sections, a tester and an approver."""
    desk = Desk.open(tmp_path)
    desk.project.change_config("port = 9", f"port = {sink.port}")
    desk.project.change_config(
        'name = "weekly"',
        f'name = "weekly"\ntesters = ["{TESTERS[0]}"]\napprovers = ["{TESTERS[1]}"]',
    )
    desk.add_post("The bridge is mended", "News")
    desk.add_post("The match was lost", "Sport")
    desk.add_subscribers(1)
    desk.add_subscribers(1, first=1, categories=("Sport",))
    desk.compose()
    return desk


def send(
    desk: Desk, *to: str, by: str = "ann", as_address: str = ""
) -> tuple[test_use_case.TestMail, ...]:
    actor = Actor(name=by)
    return asyncio.run(send_to_testers(desk.app, 1, to, as_address=as_address, by=actor))


def test_a_tester_gets_the_marked_mail_and_the_words_of_the_server_are_shown(
    desk: Desk, sink: ScriptedSink
) -> None:
    assert list_testers(desk.app, 1, by=Actor(name="anna")) == TESTERS
    own = Actor(name="anna@example.net")
    assert list_testers(desk.app, 1, by=own) == ("anna@example.net", *TESTERS)
    (mail,) = send(desk, TESTERS[0])
    assert (mail.address, mail.is_sent, mail.reply[:3]) == ("t…@example.net", True, "250")
    (content,) = sink.contents
    assert b"[Test " in content
    assert b"bridge" in content
    with desk.app.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM deliveries").scalar() == 0


def test_the_mail_may_be_that_of_a_subscriber(desk: Desk, sink: ScriptedSink) -> None:
    send(desk, TESTERS[0], as_address="subscriber1@example.net")
    (content,) = sink.contents
    assert (b"match" in content, b"bridge" in content) == (True, False)
    with pytest.raises(UsageError, match="no subscriber"):
        send(desk, TESTERS[0], as_address="nobody@example.net")


def test_no_one_else_gets_a_test_mail(desk: Desk, sink: ScriptedSink) -> None:
    with pytest.raises(UsageError, match=r"e…@example\.net: not a tester"):
        send(desk, "eve@example.net")
    with pytest.raises(UsageError, match="choose"):
        send(desk)
    assert sink.contents == []


def test_test_mails_are_limited_for_an_account_and_for_all(desk: Desk, sink: ScriptedSink) -> None:
    for _ in range(MOST_OF_ONE // 2):
        send(desk, *TESTERS)
    with pytest.raises(Refused, match="too many"):
        send(desk, TESTERS[0])
    for by in "bc":
        for _ in range(MOST_OF_ONE // 2):
            send(desk, *TESTERS, by=by)
    with pytest.raises(Refused, match="from all accounts"):
        send(desk, TESTERS[0], by="zoe")
    assert len(sink.contents) == MOST_OF_ALL


def test_a_draft_without_a_story_for_the_subscriber_says_so(desk: Desk) -> None:
    desk.add_subscribers(1, first=2, categories=("Chess",))
    with pytest.raises(NothingToDo, match="no new story"):
        send(desk, TESTERS[0], as_address="subscriber2@example.net")

"""What an operator sees of a send: `status EDITION`, `deliveries ADDRESS`, `resolve`, events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from digest.newsroom import Newsroom
from digest.store.tables import editions
from subscribers.tables import people, subscriptions
from tests.support.desk_work import NOW, Desk
from tests.support.smtp_sink import Action, ScriptedSink, say, serving

DAY = timedelta(days=1)


def address(number: int) -> str:
    return f"subscriber{number}@example.net"


SCRIPT: dict[tuple[str, str], tuple[Action, ...]] = {
    **{
        (address(n), "RCPT"): (say(f"450 4.2.0 greylisted for 300 seconds, id 4F2A{n}C"),)
        for n in (0, 1)
    },
    (address(2), "RCPT"): (say(f"550 5.1.1 <{address(2)}>: user unknown"),),
    (address(3), "dot"): ("close",),
    ("*", "dot"): (say("250 2.0.0 Ok: queued as 4F2A1C93B"),),
}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """Return a newsletter after a send of which each kind of mail is left, and the events of it."""
    desk = Desk.open(tmp_path_factory.mktemp("truth"))
    desk.add_post("A bridge is mended")
    desk.add_subscribers(8)
    desk.compose()
    with serving(ScriptedSink(script=SCRIPT)) as sink:
        desk.project.change_config("port = 9", f"port = {sink.port}")
        result = desk.run("send", "--now", "--json")
        assert result.code == 1
        yield desk, result.err


def change(desk: Desk, number: int, **values: Any) -> None:
    """Change the subscription of one subscriber."""
    person = number + 1
    with desk.app.database.write() as connection:
        connection.execute(
            update(subscriptions).where(subscriptions.c.person_id == person).values(values)
        )


def mails_to(desk: Desk, number: int) -> dict[str, Any]:
    found: dict[str, Any] = desk.run("deliveries", address(number), "--json").data
    return found


# --- status -------------------------------------------------------------------------------------


def test_the_status_explains_every_state(sent: tuple[Desk, str]) -> None:
    desk, _ = sent
    found = desk.run("status", "1", "--json").data
    states = {each["state"]: each for each in found["states"]}
    assert {name: each["count"] for name, each in states.items()} == {
        "sent": 4,
        "deferred": 2,
        "failed": 1,
        "unknown": 1,
    }
    assert states["deferred"]["words"] == [
        {"words": "450 4.2.0 greylisted for … seconds, id …", "count": 2}
    ]
    assert states["deferred"]["reasons"][0]["reason"] == "greylisted"
    assert states["deferred"]["next_at"] == found["next_try"]
    (relay,) = found["relays"]
    assert (relay["sent"], relay["deferred"], relay["failed"], relay["unknown"]) == (4, 2, 1, 1)
    assert (found["holds"], found["workers"], found["old_senders"]) == ([], [], [])


def test_the_status_is_readable_and_names_the_ways_out(sent: tuple[Desk, str]) -> None:
    desk, _ = sent
    shown = desk.run("status", "1").out
    for words in (
        "8 mails: 4 sent, 2 deferred, 1 failed, 1 unknown.",
        "Deferred: 2 mails, next try ",
        "2  450 4.2.0 greylisted for … seconds, id …",
        "digest resolve 1 --resend ",
        address(3),
    ):
        assert words in shown
    assert address(2) not in shown


def test_what_stops_an_edition_is_named_with_what_releases_it(sent: tuple[Desk, str]) -> None:
    desk, _ = sent
    desk.run("pause", "1")
    assert [hold["release"] for hold in desk.run("status", "1", "--json").data["holds"]] == [
        "To continue, run `digest resume 1`."
    ]
    waiting = mails_to(desk, 0)["deliveries"][0]["answer"]
    assert "paused" in waiting
    assert "`digest resume 1`" in waiting
    desk.run("resume", "1")
    with desk.app.database.write() as connection:
        stop = {"retry_at": NOW + DAY, "last_error": "relay one:25: refuses us"}
        connection.execute(update(editions).values(stop))
    (hold,) = desk.run("status", "1", "--json").data["holds"]
    assert hold["until"] == (NOW + DAY).isoformat()
    assert f"Nothing is sent until {NOW + DAY:%Y-%m-%d %H:%M} UTC" in desk.run("status", "1").out
    with desk.app.database.write() as connection:
        connection.execute(update(editions).values(retry_at=None, last_error=""))


def test_an_edition_keeps_the_sender_it_was_frozen_with_and_says_so(
    sent: tuple[Desk, str],
) -> None:
    desk, _ = sent
    desk.project.change_config("<digest@hill.example.org>", "<news@dale.example.org>")
    (old, *_) = desk.run("status", "1", "--json").data["old_senders"]
    assert (old["frozen"], old["configured"]) == (
        "digest@hill.example.org",
        "news@dale.example.org",
    )
    assert "digest@hill.example.org, as frozen" in desk.run("status", "1").out
    desk.project.change_config("<news@dale.example.org>", "<digest@hill.example.org>")


# --- one subscriber -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "state", "words"),
    [
        (0, "deferred", ("not there yet", "greylisting")),
        (2, "failed", ("not delivered", "mailbox does not exist")),
        (3, "unknown", ("may have arrived", "--resend")),
        (4, "sent", ("accepted it", "log of that server for 4F2A1C93B")),
    ],
)
def test_each_state_has_an_answer(
    sent: tuple[Desk, str], number: int, state: str, words: tuple[str, ...]
) -> None:
    desk, _ = sent
    (mail,) = mails_to(desk, number)["deliveries"]
    assert mail["state"] == state
    for part in words:
        assert part in mail["answer"]
    assert (mail["next_at"] is not None) == (state == "deferred")
    assert mail["queue_id"] == ("4F2A1C93B" if state == "sent" else "")
    shown = desk.run("deliveries", address(number)).out
    assert mail["answer"] in shown
    assert (mail["reply_text"] or mail["reason"]) in shown


def test_an_erased_address_is_named_as_erased_and_nothing_else(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    desk.add_post("A bridge is mended")
    desk.add_subscribers(2)
    desk.compose()
    desk.send()
    assert desk.run("subscribers", "erase", address(0)).code == 0
    erased = desk.run("deliveries", address(0))
    assert (erased.code, erased.out, "erased" in erased.err) == (3, "", True)
    assert "bridge" not in erased.err
    desk.run("subscribers", "suppress", "stranger@example.net")
    stranger = desk.run("deliveries", "stranger@example.net")
    assert (stranger.code, "must not be mailed (manual)" in stranger.err) == (3, True)


def test_why_a_subscriber_has_no_delivery(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    desk.project.change_config(
        'schedule = "', 'cadences = { weekly = "Mon 07:00", monthly = "1st Mon 07:00" }  # "'
    )
    desk.add_post("A bridge is mended")
    desk.add_subscribers(7)
    ways: tuple[dict[str, Any], ...] = (
        {"paused_until": NOW + DAY},
        {"cadence": "monthly"},
        {"state": "pending"},
        {"state": "left", "left_at": NOW - DAY, "left_how": "one-click"},
        {"categories": '["Sport"]'},
        {"categories": '["Chess"]'},
    )
    for number, values in enumerate(ways):
        change(desk, number, **values)
    desk.compose()
    assert mails_to(desk, 0)["absences"][0]["reason"] == "not sent"
    desk.send()
    desk.add_subscribers(1, first=7)
    change(desk, 7, joined_at=NOW + DAY)
    change(desk, 3, state="left")
    found = [mails_to(desk, number)["absences"][0] for number in (0, 1, 2, 3, 4, 5, 7)]
    assert [each["reason"] for each in found] == [
        "paused",
        "other cadence",
        "not confirmed",
        "left",
        "nothing new",
        "no category",
        "joined later",
    ]
    assert f"until {NOW + DAY:%Y-%m-%d}" in found[0]["meaning"]
    assert "one-click" in found[3]["meaning"]
    assert mails_to(desk, 6)["absences"] == []
    shown = desk.run("deliveries", address(1))
    assert (shown.code, "it is for `weekly`; they chose `monthly`" in shown.out) == (3, True)


def test_who_has_left_or_is_suppressed_still_has_past_mails(sent: tuple[Desk, str]) -> None:
    desk, _ = sent
    change(desk, 5, state="left", left_at=NOW + DAY, left_how="page")
    desk.run("subscribers", "suppress", address(6))
    for number, words in ((5, "left subscriber of weekly"), (6, "must not be mailed since")):
        shown = desk.run("deliveries", address(number))
        assert shown.code == 0
        assert words in shown.out
        assert "4F2A1C93B" in shown.out
    with desk.app.database.write() as connection:
        connection.execute(update(people).values(suppressed=""))


# --- resolve and progress -----------------------------------------------------------------------


def test_resolve_says_what_follows(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    desk.add_post("A bridge is mended")
    desk.add_subscribers(2)
    desk.compose()
    script: dict[tuple[str, str], tuple[Action, ...]] = {("*", "dot"): ("close",)}
    with serving(ScriptedSink(script=script)) as sink:
        desk.project.change_config("port = 9", f"port = {sink.port}")
        desk.run("send", "--now")
    assert desk.run("status", "1", "--json").data["waiting"] == 2
    again = desk.run("resolve", "1", "--resend", "--json").data
    assert (again["resolved"], again["state"], again["waited"]) == (2, "sending", 2)
    assert desk.run("resolve", "1", "--resend").code == 3
    desk.run("pause", "1")
    with desk.app.database.write() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET state = 'unknown', ended_at = handing_at")
    assert "run `digest resume 1`, then `digest send 1`" in desk.run("resolve", "1", "--resend").out


def test_a_send_as_json_has_events_on_standard_error_and_one_result(
    sent: tuple[Desk, str],
) -> None:
    events = [json.loads(line) for line in sent[1].splitlines()]
    assert (events[0]["event"], events[0]["total"], events[0]["sent"]) == ("started", 8, 0)
    last = events[-1]
    assert (last["event"], last["sent"], last["deferred"]) == ("finished", 4, 2)
    assert (last["failed"], last["unknown"]) == (1, 1)


def test_a_send_goes_on_counting_where_an_earlier_one_ended(sent: tuple[Desk, str]) -> None:
    desk, _ = sent
    newsroom = Newsroom(desk.app)
    progress = newsroom.progress_of(desk.edition(), is_new=False)
    assert (progress.total, progress.sent, progress.deferred, progress.left) == (8, 4, 0, 2)
    assert newsroom.progress_of(desk.edition(), is_new=True).left == 8

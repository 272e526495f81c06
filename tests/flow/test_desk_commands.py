"""Approval, pause, cancel and the guards, with the real commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from digest.store import approvals
from digest.store.tables import editions
from tests.support.desk_work import Desk


@pytest.fixture
def reviewed(tmp_path: Path) -> Desk:
    """Return a draft that needs approval, and three subscribers."""
    work = Desk.open(tmp_path, review="required")
    work.add_post("A bridge is mended")
    work.add_subscribers(3)
    work.compose()
    return work


@pytest.fixture
def plain(tmp_path: Path) -> Desk:
    """Return a draft that needs no approval, and three subscribers."""
    work = Desk.open(tmp_path)
    work.add_post("A bridge is mended")
    work.add_subscribers(3)
    work.compose()
    return work


# --- approval -----------------------------------------------------------------------------------


def test_an_edition_that_needs_approval_waits_for_it(reviewed: Desk) -> None:
    refused = reviewed.send()
    assert (refused.code, refused.err) == (
        4,
        "edition 1: waits for approval; look at it with `digest preview 1`,"
        " then run `digest approve 1`",
    )
    approved = reviewed.run("approve", "--json")
    assert approved.data["approved_hash"] == reviewed.edition().approved_hash
    assert (approved.data["subscribers"], approved.data["variants"]) == (3, 1)
    assert reviewed.send().code == 0


@pytest.mark.parametrize("how", ["--resend", "--assume-sent", "--assume-lost"])
def test_a_draft_has_nothing_to_resolve(plain: Desk, how: str) -> None:
    done = plain.run("resolve", "1", how)
    assert (done.code, done.err) == (
        3,
        "edition 1: it has no unknown deliveries; see `digest status 1`",
    )


def test_approving_twice_is_nothing_to_do(reviewed: Desk) -> None:
    assert reviewed.run("approve").code == 0
    assert reviewed.run("approve").code == 3


def test_a_refresh_without_change_keeps_the_approval_and_one_with_change_voids_it(
    reviewed: Desk,
) -> None:
    reviewed.run("approve")
    reviewed.compose()
    assert reviewed.edition().state == "approved"
    reviewed.add_post("A mill turns again")
    reviewed.compose()
    assert (reviewed.edition().state, reviewed.send().code) == ("draft", 4)


def test_another_audience_rule_voids_the_approval(reviewed: Desk) -> None:
    reviewed.run("approve")
    reviewed.project.change_config('review = "required"', 'review = "required"\nmax_window = "1w"')
    assert reviewed.send().code == 4
    assert reviewed.run("approve").code == 0
    assert reviewed.send().code == 0


def test_an_error_of_the_whole_mail_is_not_approved(reviewed: Desk) -> None:
    stored = reviewed.edition()
    spoilt = json.loads(stored.snapshot)
    spoilt["masthead"]["intro"] = ["See PLACE_0123456789abcdef_leave_url_"]
    with reviewed.app.database.write() as connection:
        connection.execute(update(editions).values(snapshot=json.dumps(spoilt)))
    held = reviewed.run("approve")
    assert (held.code, "see `digest check 1`" in held.err) == (4, True)


def test_the_frozen_content_is_the_approved_content(reviewed: Desk) -> None:
    reviewed.run("approve")
    with reviewed.app.database.write() as connection:
        connection.execute(update(editions).values(approved_hash="another"))
    assert (reviewed.send().code, reviewed.edition().frozen_at) == (4, None)


# --- pause, resume, cancel ----------------------------------------------------------------------


def test_a_paused_draft_is_not_sent_until_it_is_resumed(plain: Desk) -> None:
    assert plain.run("pause", "1", "--reason", "a look").code == 0
    assert plain.run("pause", "1").code == 3
    held = plain.send()
    assert (held.code, held.err) == (4, "edition 1: paused (a look); run `digest resume 1` first")
    assert plain.run("resume", "1", "--json").data == {"edition": 1, "state": "draft"}
    assert plain.run("resume", "1").code == 3
    assert plain.send().code == 0


def test_a_cancelled_draft_is_composed_again(plain: Desk) -> None:
    assert plain.run("cancel", "1", "--json").data == {
        "edition": 1,
        "state": "cancelled",
        "given_up": 0,
        "sent": 0,
    }
    assert plain.run("cancel", "1").code == 3
    assert plain.compose().edition_id == 2


def test_an_edition_that_is_out_can_neither_be_paused_nor_cancelled(plain: Desk) -> None:
    plain.send()
    for command in ("pause", "resume", "cancel"):
        assert plain.run(command, "1").code == 3
    assert plain.run("pause", "77").code == 2


# --- the audience -------------------------------------------------------------------------------


def compose_grown(plain: Desk) -> None:
    """Send an edition, and compose the next one, which 60 more subscribers are to get."""
    plain.send()
    plain.add_post("A mill turns again")
    plain.add_subscribers(60, first=3)
    plain.compose()


def test_an_audience_jump_blocks_the_send_until_it_is_accepted(plain: Desk) -> None:
    compose_grown(plain)
    held = plain.send()
    assert (held.code, "63 subscribers, 3 last time" in held.err) == (4, True)
    assert plain.send("--yes-audience").code == 0


def test_resuming_a_draft_accepts_its_audience(plain: Desk) -> None:
    compose_grown(plain)
    with plain.app.database.write() as connection:
        approvals.pause(connection, 2, "audience: 63 subscribers, 3 last time")
    plain.run("resume", "2")
    assert plain.edition(2).accepted_audience == 63
    plain.add_subscribers(100, first=63)
    held = plain.send()
    assert (held.code, "163 subscribers, 63 accepted" in held.err) == (4, True)
    with plain.app.database.write() as connection:
        approvals.pause(connection, 2, "audience: 163 subscribers, 63 accepted")
    plain.run("resume", "2")
    assert plain.send().code == 0


def test_an_audience_that_an_earlier_version_accepted_is_sent(plain: Desk) -> None:
    compose_grown(plain)
    with plain.app.database.write() as connection:
        connection.exec_driver_sql("UPDATE editions SET is_audience_accepted = true")
    assert plain.send().code == 0


# --- looking ------------------------------------------------------------------------------------


def test_the_difference_of_two_editions_is_shown(plain: Desk) -> None:
    plain.send()
    plain.add_post("A mill turns again")
    plain.compose()
    found = plain.run("diff", "1", "2", "--json").data
    assert [story["title"] for story in found["came"]] == ["A mill turns again"]
    assert [story["title"] for story in found["went"]] == ["A bridge is mended"]
    assert "A mill turns again" in plain.run("diff", "1", "2").out
    assert "No changes" in plain.run("diff", "1", "1").out


def test_the_mails_of_one_subscriber_are_shown(plain: Desk) -> None:
    assert plain.run("deliveries", "subscriber0@example.net").code == 3
    plain.send()
    (only,) = plain.run("deliveries", "subscriber0@example.net", "--json").data["deliveries"]
    assert (only["edition_id"], only["state"], only["subject"]) == (1, "sent", "A bridge is mended")
    assert "A bridge is mended" in plain.run("deliveries", "subscriber0@example.net").out
    assert plain.run("deliveries", "nobody@example.net").code == 2


def test_the_plan_shows_the_weeks_and_missing_settings(reviewed: Desk) -> None:
    reviewed.add_subscribers(
        1, first=3, categories=("News", "Chess"), cadence="hourly", language="de"
    )
    found = reviewed.run("plan", "--weeks", "2", "--json").data
    first, second = found["editions"][:2]
    assert (first["edition_id"], first["subscribers"], first["missing"]) == (1, 4, ["approval"])
    assert (first["variants"], second["is_most"], second["ends_at"]) == (2, True, None)
    (subscribers,) = found["subscribers"]
    assert subscribers["census"]["domains"] == [{"value": "example.net", "subscribers": 4}]
    assert [count["subscribers"] for count in subscribers["census"]["languages"]] == [3, 1]
    assert len(subscribers["warnings"]) == 2
    shown = reviewed.run("plan").out
    assert "approval" in shown
    assert "'Chess'" in shown


def test_the_plan_names_settings_that_prevent_any_mail(plain: Desk) -> None:
    plain.project.change_config("a key that is long enough", "put-a-random-key-here")
    plain.project.change_config('host = "127.0.0.1"', 'host = "smtp.example.org"')
    plain.project.change_config("development = true", "development = false")
    key, relay = plain.run("plan", "--json").data["missing"]
    assert ("secret_keys" in key, "smtp.example.org" in relay) == (True, True)


def test_the_end_is_shown_once_a_rate_is_known(plain: Desk) -> None:
    plain.send()
    used, coming, *_ = plain.run("plan", "--json").data["editions"]
    assert (used["is_used"], coming["is_used"], coming["ends_at"] is not None) == (
        True,
        False,
        True,
    )
    assert "used: sent before its hour" in plain.run("plan").out


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('base_url = "https://hill.example.org"', "", "site.base_url: missing"),
        ('base_url = "https://hill.example.org"', 'base_url = "http://hill.example.org"', "https"),
        ('postal_address = "1 Hill Road, Anytown"', "", "site.postal_address: missing"),
        ('postal_address = "1 Hill Road, Anytown"', 'postal_address = " "', "postal_address"),
    ],
)
def test_nothing_is_sent_without_link_address_or_https(
    plain: Desk, right: str, wrong: str, words: str
) -> None:
    plain.project.change_config("development = true", "development = false")
    plain.project.change_config(right, wrong)
    refused = plain.send()
    assert (refused.code, words in refused.err) == (2, True)

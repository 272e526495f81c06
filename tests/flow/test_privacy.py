"""Subscribers see and erase everything that is stored about them; no log has an address."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digest.models import DeliveryState
from digest.newsroom.self_service.facts import NewsletterFacts
from digest.newsroom.service.purge import purge
from digest.resources import templates_dir
from digest.store.votes import save_vote
from digest.web.public.pages import PublicPages
from subscribers.addresses import parse_address
from subscribers.fieldvalues import save_fields
from subscribers.people import find_public_id
from subscribers.suppression import find_reasons
from subscribers.tokens import Purpose
from tests.support.desk_work import Desk
from tests.support.self_service import ADDRESS, TOGETHER, Counter, days, open_counter, path_in


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with open_counter(tmp_path, settings=TOGETHER) as counter:
        yield counter


def private_path(counter: Counter) -> str:
    assert "is on its way to you" in counter.send("/data").text
    return path_in(counter.mails()[ADDRESS], "d")


# --- the link -----------------------------------------------------------------------------------


def test_the_private_link_is_mailed_and_ends_after_a_day(counter: Counter) -> None:
    path = private_path(counter)
    counter.now += timedelta(hours=24)
    assert counter.show(path).status == 200
    counter.now += timedelta(hours=1)
    for part in ("", "/erase"):
        assert counter.show(path + part).status == 404
        assert counter.send_to(path + part, ("sure", "yes")).status == 404
    assert counter.person() is not None


def test_a_few_requests_send_one_mail(counter: Counter) -> None:
    private_path(counter)
    answers = {counter.send("/data").text for _ in range(5)}
    assert len(answers) == 1
    # True for the first request and for those that send nothing more.
    assert "or has come already: at most one is sent every few hours." in answers.pop()
    assert counter.mails() == {}
    counter.now += timedelta(hours=8)
    private_path(counter)


def test_only_a_private_token_opens_the_data(counter: Counter) -> None:
    hour = int(counter.now.timestamp()) // 3600 + 10
    before = counter.desk.dump()
    for purpose in Purpose:
        token = counter.token(purpose, number=hour if purpose.is_numbered else None)
        expected = 200 if purpose is Purpose.PRIVATE else 404
        for part in ("", "/erase"):
            assert counter.show(f"/d/{token}{part}").status == expected
            if expected == 404:
                assert counter.send_to(f"/d/{token}{part}", ("sure", "yes")).status == 404
    assert counter.desk.dump() == before


# --- export -------------------------------------------------------------------------------------


def test_the_download_has_everything_and_is_that_of_the_command(counter: Counter) -> None:
    counter.desk.add_post("One")
    counter.desk.compose()
    assert counter.desk.send().code == 0
    counter.send("/address", ("address", "new@mail.example.net"))
    person = counter.person()
    assert person is not None
    with counter.app.database.write() as connection:
        # The operator's own data too, also of fields that only the operator sees.
        save_fields(connection, person.id, {"plan": "pro"})
        save_vote(connection, 1, person.id, 2, now=counter.now)
    path = private_path(counter)
    answer = counter.send_to(path)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    data = json.loads(answer.text)
    assert data["address"] == ADDRESS
    assert data["subscriptions"][0]["preferences"]["text_size"] == "normal"
    assert [(each["edition"], each["state"]) for each in data["deliveries"]] == [(1, "sent")]
    assert data["fields"] == {"plan": "pro"}
    assert [(vote["edition_id"], vote["choice"]) for vote in data["votes"]] == [(1, 2)]
    assert data["address_changes"][0]["address"] == "new@mail.example.net"
    assert {each["kind"] for each in data["notices"]} == {"move-old", "move-new", "private"}
    assert json.loads(counter.desk.run("subscribers", "show", ADDRESS, "--json").out) == data


def test_the_pages_of_a_private_link_change_nothing_when_opened(counter: Counter) -> None:
    path = private_path(counter)
    before = counter.desk.dump()
    for part in ("", "/erase"):
        for method in ("GET", "HEAD"):
            assert counter.site.ask(path + part, method).status == 200
    counter.send_to(path)
    assert counter.send_to(f"{path}/erase").status == 422
    assert "nothing was erased" in counter.send_to(f"{path}/erase", ("sure", "no")).text
    assert counter.desk.dump() == before


# --- erasure ------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["page", "command"])
def test_erasure_leaves_a_keyed_hash_and_ends_every_link(counter: Counter, way: str) -> None:
    person = counter.person()
    assert person is not None
    counter.desk.add_post("One")
    counter.desk.compose()
    assert counter.desk.send().code == 0
    counter.send("/address", ("address", "new@mail.example.net"))
    path = private_path(counter)
    tokens = {
        purpose: counter.token(purpose, number=1 if purpose.is_numbered else None)
        for purpose in Purpose
    }
    counter.send("/address", ("address", "new@mail.example.net"))
    if way == "page":
        assert "Your data is erased" in counter.send_to(f"{path}/erase", ("sure", "yes")).text
    else:
        assert counter.desk.run("subscribers", "erase", ADDRESS).code == 0
    dump = "\n".join(counter.desk.dump())
    for part in ("subscriber0", "mail.example.net", person.public_id):
        assert part not in dump
    address = parse_address(ADDRESS, allow_reserved=True)
    with counter.app.database.read() as connection:
        assert find_public_id(connection, person.public_id) is None
        assert find_reasons(connection, counter.app.keys, address) == ("erased",)
    assert counter.show(path).status == 404
    letters = {
        Purpose.LEAVE: "u",
        Purpose.PREFERENCES: "p",
        Purpose.VIEW: "v",
        Purpose.MOVE_OLD: "m",
        Purpose.MOVE_NEW: "m",
        Purpose.PRIVATE: "d",
    }
    for purpose, letter in letters.items():
        assert counter.show(f"/{letter}/{tokens[purpose]}").status == 404
    assert counter.mails() == {}


def test_an_erased_person_gets_no_mail_of_a_send_that_goes_on(tmp_path: Path) -> None:
    """SQLite gives the number of the last person to the next one, who must get nothing either."""
    with open_counter(tmp_path, settings=TOGETHER, subscribers=2) as counter:
        desk = counter.desk
        desk.add_post("One")
        desk.compose()
        assert desk.send().code == 0
        with counter.app.database.write() as connection:
            connection.exec_driver_sql(
                "UPDATE deliveries SET state = 'pending', ended_at = NULL, handing_at = NULL,"
                " worker = ''"
            )
            connection.exec_driver_sql("UPDATE editions SET state = 'sending', finished_at = NULL")
        assert desk.run("subscribers", "erase", "subscriber1@example.net").code == 0
        desk.add_subscribers(1, first=7)
        newcomer = counter.person("subscriber7@example.net")
        assert newcomer is not None
        assert newcomer.id == 2
        assert (
            json.loads(desk.run("subscribers", "show", newcomer.address, "--json").out)[
                "deliveries"
            ]
            == []
        )
        out = desk.project.folder / "again"
        assert desk.run("send", "--outbox", str(out)).code == 0
        mails = "".join(path.read_text("utf-8") for path in out.rglob("*.eml"))
        assert ("To: subscriber0@" in mails, "To: subscriber7@" in mails) == (True, False)
        assert "subscriber1@" not in mails
        states = counter.rows("SELECT subscriber_id, state FROM deliveries ORDER BY id")
        assert states == [(1, DeliveryState.SENT), (-2, DeliveryState.SKIPPED)]
        assert counter.rows("SELECT state FROM editions") == [("finished",)]


# --- retention ----------------------------------------------------------------------------------


def test_old_notes_and_changes_are_deleted(counter: Counter) -> None:
    counter.send("/address", ("address", "new@mail.example.net"))
    counter.mails()
    keep, database = counter.app.retention, counter.app.database
    assert purge(database, keep, now=counter.now) is not None
    assert counter.rows("SELECT count(*) FROM notices") == [(2,)]
    purged = purge(database, keep, now=counter.now + days(8))
    assert purged is not None
    assert (purged.changes, purged.notices) == (1, 0)
    purged = purge(database, keep, now=counter.now + days(31))
    assert purged is not None
    assert (purged.changes, purged.notices) == (0, 2)
    assert counter.rows("SELECT count(*) FROM notices") == [(0,)]


def test_a_note_that_was_never_sent_waits_on(counter: Counter) -> None:
    counter.send("/data")
    purge(counter.app.database, counter.app.retention, now=counter.now + days(40))
    assert counter.rows("SELECT state FROM notices") == [("pending",)]


# --- the page for the public --------------------------------------------------------------------


def test_every_page_leads_to_the_privacy_page_in_its_language(counter: Counter) -> None:
    def link() -> str:
        found = re.search(r'href="(/privacy[^"]*)">', counter.show().text)
        assert found is not None
        return found[1]

    assert link() == "/privacy/weekly"
    counter.send("", ("language", "ar"))
    assert link() == "/privacy/weekly?lang=ar"
    page = counter.show(link()).text
    assert 'dir="rtl"' in page
    assert "1 Hill Road, Anytown" in page
    assert "The Hill Paper" in page
    assert counter.show("/privacy").status == 200
    assert '<html lang="de"' in counter.show("/privacy?lang=de").text
    assert counter.show("/privacy?lang=tlh").status == 200
    assert counter.show("/privacy/unknown").status == 404


def test_the_privacy_page_names_the_configured_days(tmp_path: Path) -> None:
    settings = f'{TOGETHER}\n[retention]\nunconfirmed = "36h"\n'
    with open_counter(tmp_path, settings=settings) as counter:
        assert "is erased after 2 days." in counter.show("/privacy").text


def test_the_operator_can_have_a_page_of_their_own(tmp_path: Path) -> None:
    own = tmp_path / "web" / "public"
    own.mkdir(parents=True)
    (own / "privacy.html.j2").write_text("<h1>Ours</h1>", "utf-8")
    facts = NewsletterFacts(name="weekly", title="The Hill Paper", cadences={})
    pages = PublicPages((tmp_path, templates_dir()), site="Hill", newsletters={"weekly": facts})
    pages.check()
    assert pages.answer("privacy").body == b"<h1>Ours</h1>"
    elsewhere = PublicPages(
        (templates_dir(),),
        site="Hill",
        newsletters={"weekly": facts},
        base_url="https://hill.example.org/news",
        privacy_url="https://hill.example.org/privacy?a=1&b=2",
    )
    text = bytes(elsewhere.answer("problem", problem="busy").body).decode()
    assert 'href="https://hill.example.org/privacy?a=1&amp;b=2"' in text


def test_the_address_of_the_operators_page_is_a_key_of_the_configuration(tmp_path: Path) -> None:
    desk = Desk.open(tmp_path)
    key = 'privacy_url = "https://hill.example.org/our-privacy"'
    desk.project.change_config("development = true", f"development = true\n{key}")
    assert desk.app.config.site.privacy_url == "https://hill.example.org/our-privacy"
    assert desk.run("config", "check").code == 0
    desk.project.change_config(key, 'privacy_url = "javascript:alert(1)"')
    refused = desk.run("config", "check")
    assert refused.code == 2
    assert "privacy_url" in refused.err + refused.out


# --- logs ---------------------------------------------------------------------------------------


def test_no_log_has_an_address(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    new = "new@mail.example.net"
    counter.send("/address", ("address", new))
    counter.send("/address", ("address", "bad@@example"))
    counter.send("/data")
    mails = counter.mails()
    for mail in mails.values():
        for path in re.findall(r"https?://[^/\s]+(/[md]/\S+)", mail):
            counter.show(path)
            counter.send_to(path, ("answer", "yes"))
    counter.now += days(1)
    counter.send("/data")
    counter.mailer.answer = "450 4.2.0 <{}> is greylisted"
    counter.mails()
    counter.now += days(1)
    counter.mailer.answer = "550 5.1.1 <{}> is unknown"
    counter.mails()
    counter.desk.add_post("One")
    counter.desk.compose()
    counter.desk.send()
    counter.desk.run("subscribers", "erase", new)
    words = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert len(caplog.records) > 3
    for part in ("subscriber0", "mail.example.net", "bad@@"):
        assert part not in words

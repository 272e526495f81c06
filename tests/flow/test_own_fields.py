"""The operator's own fields in the forms of subscribers: to sign up, on other sites, and later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.letter.printing.opened import open_message
from digest.store.votes import vote_of
from subscribers.fieldvalues import fields_of, save_fields
from subscribers.people import leave
from tests.flow.test_polls import POLL
from tests.flow.test_sign_up import add_newsletter
from tests.support.databases import ENGINES, database_url
from tests.support.desk_work import NOW
from tests.support.self_service import TOGETHER, Counter, open_counter
from tests.support.signing_up import FORM, Hall, link_of

ANN = "ann@heritage.org"
FIELDS = """
[[fields]]
name = "town"
label = "Your <town>"
editable = true

[[fields]]
name = "seats"
kind = "number"
editable = true

[[fields]]
name = "born"
kind = "date"
editable = true

[[fields]]
name = "tea"
label = "Tea"
kind = "choice"
choices = ["Green & mild", "Black"]
editable = true

[[fields]]
name = "plan"
kind = "choice"
choices = ["free", "pro"]
"""
SUPPORT = """
[newsletters.support]
text = 'Dear {{ subscriber.town | "friend" }}, on {{ subscriber.born }}: help.'
link = "Help"
url = "https://hill.example.org/help"
"""


def open_hall(folder: Path, *, database: str = "") -> Hall:
    hall = Hall.open(folder, database=database)
    config = hall.desk.project.config
    config.write_text(config.read_text("utf-8") + FIELDS, "utf-8")
    return hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    with hall.serving():
        yield hall


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with open_counter(tmp_path, settings=TOGETHER + FIELDS) as counter:
        yield counter


def values(hall: Hall | Counter, address: str = ANN) -> dict[str, str]:
    person = hall.person(address)
    assert person is not None
    with hall.app.database.read() as connection:
        return fields_of(connection, person.id)


def fill(**inputs: str) -> dict[str, Any]:
    return {f"fields.{name}": value for name, value in inputs.items()}


# --- signing up ---------------------------------------------------------------------------------


def test_the_form_asks_for_the_editable_fields_alone(hall: Hall) -> None:
    html = hall.ask("/weekly").text
    assert '<label for="fields.town"><bdi>Your &lt;town&gt;</bdi></label>' in html
    assert '<input type="date" id="fields.born"' in html
    assert '<input type="text" inputmode="decimal" id="fields.seats"' in html
    assert '<option value="Green &amp; mild">' in html
    assert "fields.plan" not in html


def test_values_are_stored_with_the_confirmation_and_not_before(hall: Hall) -> None:
    sent = fill(town=" Old  Town ", seats="2,50", born="1990-01-31", tea="black", plan="pro")
    hall.sign_up(ANN, **sent)
    (mail,) = hall.post()
    assert values(hall) == {}
    assert "Old Town" not in open_message(mail.content).text
    hall.confirm(link_of(mail))
    assert values(hall) == {
        "born": "1990-01-31",
        "seats": "2.5",
        "tea": "Black",
        "town": "Old Town",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_the_way_of_a_value_is_the_same_on_each_engine(tmp_path: Path, engine: str) -> None:
    hall = open_hall(tmp_path, database=database_url(engine, tmp_path))
    with hall.serving():
        hall.join(ANN, **fill(town="Ghent"))
        assert values(hall) == {"town": "Ghent"}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("seats", "many", "Write a plain number"),
        ("born", "2026-02-30", "Write a day"),
        ("tea", "White", "Choose one of these"),
        ("town", "x" * 201, "Write at most 200 characters"),
    ],
)
def test_a_wrong_value_is_marked_beside_its_input_and_kept(
    hall: Hall, name: str, typed: str, said: str
) -> None:
    answer = hall.sign_up(ANN, **fill(**{name: typed}))
    assert answer.status == 422
    assert f'<p class="fault" id="fields.{name}-fault">{said}' in answer.text
    assert "<details open>" in answer.text
    if name != "tea":
        assert f'value="{typed}"' in answer.text
    assert hall.post() == []
    called = hall.call({"email": ANN, "fields": {name: typed}})
    assert called.status == 422
    assert f'"fields.{name}":"{said}' in called.text


def test_a_program_sends_values_and_learns_which_are_not_there(hall: Hall) -> None:
    answer = hall.call({"email": ANN, "fields": {"town": "Ghent", "seats": 3, "born": None}})
    assert answer.status == 202
    hall.confirm(link_of(hall.post()[0]))
    assert values(hall) == {"seats": "3", "town": "Ghent"}
    for sent in ({"plan": "pro"}, {"hat": "red"}, {"town": ["a"]}, {"town": True}):
        refused = hall.call({"email": ANN, "fields": sent})
        assert refused.status == 422
        assert f'"fields.{next(iter(sent))}"' in refused.text
    assert hall.call({"email": ANN, "fields": "pro"}).status == 422


def test_a_form_changes_no_value_of_a_reader(hall: Hall) -> None:
    hall.join(ANN, **fill(town="Ghent"))
    hall.now += hall.app.retention.networks
    hall.sign_up(ANN, **fill(town="Spam", tea="Black"))
    hall.post()
    assert values(hall) == {"town": "Ghent"}


def test_a_new_sign_up_after_a_leaving_brings_new_values(hall: Hall) -> None:
    hall.join(ANN, **fill(town="Ghent", tea="Black"))
    person = hall.person(ANN)
    assert person is not None
    with hall.app.database.write() as connection:
        save_fields(connection, person.id, {"plan": "pro"})
        leave(connection, person.id, "weekly", how="page", now=hall.now)
    hall.now += hall.app.retention.networks
    hall.join(ANN, **fill(town="Bruges"))
    assert values(hall) == {"plan": "pro", "tea": "Black", "town": "Bruges"}


@pytest.mark.parametrize(
    ("named", "stored"),
    [("", "form"), ("Spring  Fair", "spring fair"), ("a/b", "form"), ("x" * 65, "form")],
)
def test_the_source_of_a_subscriber_is_their_form(hall: Hall, named: str, stored: str) -> None:
    hall.join(ANN, **({"source": named} if named else {}))
    found = hall.subscription(ANN)
    assert found is not None
    assert found.source == stored


def test_a_second_newsletter_fills_in_only_what_is_missing(tmp_path: Path) -> None:
    hall = open_hall(tmp_path)
    add_newsletter(hall, "sport")
    with hall.serving():
        hall.join(ANN, **fill(town="Ghent"))
        hall.join(ANN, newsletter="sport", **fill(town="Spam", tea="Black"))
        assert values(hall) == {"tea": "Black", "town": "Ghent"}


def test_a_welcome_prints_the_persons_values_and_all_its_links_open(tmp_path: Path) -> None:
    hall = open_hall(tmp_path)
    hall.desk.project.change_config('title = "The', 'welcome = true\ntitle = "The')
    hall.desk.project.change_config("[web]", f"{POLL}{SUPPORT}\n[web]")
    hall.desk.add_post("A bridge", "News", at=NOW - timedelta(hours=2))
    hall.desk.add_subscribers(1)
    with hall.serving():
        assert hall.desk.run("compose").code == 0
        assert hall.desk.send().code == 0
        hall.join(ANN, language="de", **fill(town="<b>Ghent", born="1990-01-31"))
        (mail,) = hall.post()
        opened = open_message(mail.content)
        assert "Dear <b>Ghent, on 31. Januar 1990: help." in " ".join(opened.text.split())
        assert "Dear &lt;b&gt;Ghent, on 31. Januar 1990: help." in opened.html
        paths = re.findall(r"https://hill\.example\.org(/[uvpq]/[^\s\"<>?#]+)", opened.html)
        assert {path[1] for path in paths} == {"u", "v", "p", "q"}
        for path in paths:
            assert hall.ask(path).status == 200, path
        view = next(path for path in paths if path.startswith("/v/"))
        assert "Dear &lt;b&gt;Ghent" in hall.ask(view).text
        answer = next(path for path in paths if path.startswith("/q/"))
        assert hall.site is not None
        poll = "/".join(answer.split("/")[:3])
        assert hall.site.ask(poll, "POST", b"choice=1", FORM).status == 200
        person = hall.person(ANN)
        assert person is not None
        with hall.app.database.read() as connection:
            assert vote_of(connection, 1, person.id) == 1


# --- the form for other sites -------------------------------------------------------------------


def test_the_form_for_other_sites_asks_for_the_named_fields(hall: Hall) -> None:
    asked = ("--field", "tea", "--field", "town", "--field", "seats", "--field", "born")
    html = hall.desk.run("subscribers", "form", *asked).out
    assert '<label for="digest-weekly-town">Your &lt;town&gt;</label>' in html
    assert '<select id="digest-weekly-tea" name="fields.tea"><option value="">' in html
    assert "<option>Green &amp; mild</option>" in html
    assert html.index("digest-weekly-tea") < html.index("digest-weekly-town")
    assert '"fields": {"tea": "…"' in html
    assert "fields." not in hall.desk.run("subscribers", "form").out


@pytest.mark.parametrize(
    ("name", "said"), [("plan", "set editable = true"), ("twon", "did you mean 'town'?")]
)
def test_a_field_that_cannot_be_asked_for_is_one_line(hall: Hall, name: str, said: str) -> None:
    done = hall.desk.run("subscribers", "form", "--field", name)
    assert (done.code, said in done.err, done.out) == (2, True, "")


# --- preferences --------------------------------------------------------------------------------


def test_preferences_show_and_change_the_editable_fields_alone(counter: Counter) -> None:
    address = "subscriber0@example.net"
    person = counter.person()
    assert person is not None
    with counter.app.database.write() as connection:
        save_fields(connection, person.id, {"town": "Ghent", "plan": "pro", "tea": "Herbal"})
    html = counter.show().text
    assert 'value="Ghent"' in html
    # Not a choice any more, but still theirs.
    assert '<option value="Herbal" selected>' in html
    assert "fields.plan" not in html
    saved = counter.send(
        "", ("fields.town", "Bruges"), ("fields.tea", "Herbal"), ("fields.plan", "free")
    )
    assert saved.status == 200
    assert 'value="Bruges"' in saved.text
    assert values(counter, address) == {"plan": "pro", "tea": "Herbal", "town": "Bruges"}
    assert counter.rows("SELECT detail FROM audit ORDER BY id DESC LIMIT 1") == [("town",)]
    counter.send("", ("fields.town", ""))
    assert values(counter, address) == {"plan": "pro", "tea": "Herbal"}


def test_a_wrong_value_changes_no_preference(counter: Counter) -> None:
    refused = counter.send("", ("fields.seats", "many"), ("text_size", "large"))
    assert refused.status == 422
    assert 'value="many"' in refused.text
    assert counter.subscription().preferences.text_size == "normal"
    assert values(counter, "subscriber0@example.net") == {}

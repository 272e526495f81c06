"""Subscribers' own fields and a newsletter's audience, through the real commands."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from digest.newsroom.test import write_tests
from digest.newsroom.web_view import show_edition
from digest.store import variants
from subscribers.fieldvalues import save_fields
from subscribers.people import find_person
from subscribers.tokens import Link
from tests.support.desk_work import Desk

_FIELDS = """
[[fields]]
name = "plan"
kind = "choice"
choices = ["free", "pro"]

[[fields]]
name = "city"
label = "Home town"
"""
_DEAR = """intro = ['Dear {{ subscriber.city | "friend" }}, you are on {{ subscriber.plan }}.']
schedule ="""
_LEO, _MIA = "subscriber0@example.net", "subscriber1@example.net"


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    """Return a draft and two subscribers; the first has a plan and a city."""
    work = Desk.open(tmp_path)
    work.project.config.write_text(work.project.config.read_text("utf-8") + _FIELDS, "utf-8")
    work.project.change_config("schedule =", _DEAR)
    work.add_post("A bridge is mended")
    work.add_subscribers(2)
    assert work.run("subscribers", "set", _LEO, "plan=PRO", "city= Ulm ").code == 0
    assert work.run("compose").code == 0
    return work


def mails(work: Desk) -> dict[str, str]:
    """Return the texts of the sent mails by their recipient."""
    assert work.send().code == 0
    texts = {}
    for file in (work.project.folder / "out").glob("*.eml"):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        texts[str(message["To"])] = " ".join(str(body.get_content()).split())
    return texts


def test_each_subscriber_gets_their_own_values_in_the_same_variant(work: Desk) -> None:
    found = mails(work)
    assert "Dear Ulm, you are on pro." in found[_LEO]
    assert "Dear friend, you are on." in found[_MIA]
    with work.app.database.read() as connection:
        assert len(variants.list_variants(connection, 1)) == 1


def test_a_person_is_shown_with_the_fields(work: Desk) -> None:
    assert "plan: pro\n" in work.run("subscribers", "show", _LEO).out
    assert work.run("subscribers", "show", _LEO, "--json").data["fields"] == {
        "city": "Ulm",
        "plan": "pro",
    }


def test_fields_are_listed_with_the_number_who_have_them(work: Desk) -> None:
    listed = work.run("subscribers", "fields", "--json").data
    assert [(each["name"], each["people"]) for each in listed] == [("plan", 1), ("city", 1)]
    assert listed[0]["by_choice"] == {"free": 0, "pro": 1}
    work.project.change_config('name = "city"', 'name = "town"')
    work.project.change_config("subscriber.city", "subscriber.town")
    shown = work.run("subscribers", "fields").out
    assert "no longer in [[fields]]" in shown


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        (("plan=gold",), 2, "plan: must be one of free, pro"),
        (("plann=pro", "city=" + "x" * 201), 2, "plann: no field has this name; did you mean"),
        (("plan",), 2, "must be NAME=VALUE, such as plan=pro"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(
    work: Desk, values: tuple[str, ...], code: int, said: str
) -> None:
    before = work.dump()
    result = work.run("subscribers", "set", _LEO, *values)
    assert (result.code, said in result.err, "\n" in result.err.strip()) == (code, True, False)
    assert work.dump() == before
    assert work.run("subscribers", "set", "nobody@example.net", "plan=pro").code == 3


def test_an_empty_value_removes_a_field(work: Desk) -> None:
    assert "Set." in work.run("subscribers", "set", _LEO, "plan=").out
    assert "Nothing changed." in work.run("subscribers", "set", _LEO, "plan=").out
    assert work.run("subscribers", "show", _LEO, "--json").data["fields"] == {"city": "Ulm"}


def preview(work: Desk, *arguments: str) -> str:
    out = str(work.project.folder / "preview")
    files = work.run("preview", "--json", "--out", out, *arguments).data["files"]
    return " ".join(Path(files["text"]).read_text("utf-8").split())


def test_a_preview_prints_the_values_of_its_subscriber_or_what_stands_for_them(work: Desk) -> None:
    assert "Dear Ulm, you are on pro." in preview(work, "--as", _LEO)
    assert "Dear friend, you are on." in preview(work, "--as", _MIA)
    assert "Dear friend, you are on (plan)." in preview(work)


def test_a_test_mail_prints_the_values_of_a_known_person(work: Desk) -> None:
    messages = write_tests(work.app, "weekly", None, [_LEO, "editor@hill.example.org"])
    known, other = (message.content.decode() for message in messages)
    assert "Ulm" in known
    assert "(plan)" in other


def test_the_web_view_prints_the_values_as_they_are_now(work: Desk) -> None:
    mails(work)
    with work.app.database.write() as connection:
        from subscribers.addresses import parse_address

        person = find_person(connection, parse_address(_LEO, allow_reserved=True))
        assert person is not None
        save_fields(connection, person.id, {"plan": "free"})
    link = Link(public_id=person.public_id, newsletter="weekly", number=1)
    page = show_edition(work.app, link)
    assert page is not None
    assert "Dear Ulm, you are on free." in page


# --- the audience -------------------------------------------------------------------------------


@pytest.fixture
def pro(work: Desk) -> Desk:
    """Return the same newsletter, for the plan `pro` alone."""
    audience = '[newsletters.audience]\nfield = { plan = ["pro"] }\n\n[[fields]]\nname = "plan"'
    work.project.change_config('[[fields]]\nname = "plan"', audience)
    return work


def test_only_the_audience_is_mailed(pro: Desk) -> None:
    assert list(mails(pro)) == [_LEO]


def test_the_plan_says_who_is_left_out(pro: Desk) -> None:
    assert "left out by [newsletters.audience]: 1 (field.plan 1)" in pro.run("plan").out
    (people,) = pro.run("plan", "--json").data["subscribers"]
    assert people["left_out"]["subscribers"] == 1
    (edition, *_) = pro.run("plan", "--json").data["editions"]
    assert edition["subscribers"] == 1


def test_a_preview_for_a_subscriber_outside_the_audience_says_so(pro: Desk) -> None:
    result = pro.run("preview", "--as", _MIA)
    assert (result.code, "not in [newsletters.audience]" in result.err) == (3, True)


def test_changing_the_audience_voids_an_approval(work: Desk) -> None:
    assert work.run("approve").code == 0
    assert work.edition().approved_hash
    audience = '[newsletters.audience]\nsource = "form"\n\n[[fields]]\nname = "plan"'
    work.project.change_config('[[fields]]\nname = "plan"', audience)
    work.project.change_config('review = "auto"', 'review = "required"')
    assert work.send().code == 4


# --- faults -------------------------------------------------------------------------------------


def test_config_check_finds_an_unknown_name_in_a_text_and_in_a_template(work: Desk) -> None:
    assert "valid" in work.run("config", "check").out
    work.project.change_config("[site]", '[site]\ntemplates = "own"')
    own = work.project.folder / "own/email/parts/support.html.j2"
    own.parent.mkdir(parents=True)
    own.write_text("<tr><td>{{ subscriber.plan }}{{ subscriber.town }}</td></tr>", "utf-8")
    result = work.run("config", "check")
    assert (result.code, "support.html.j2, line 1: subscriber.town" in result.err) == (2, True)
    own.unlink()
    work.project.change_config("subscriber.city", "subscriber.town")
    result = work.run("config", "check")
    assert (result.code, "intro: subscriber.town: no field" in result.err) == (2, True)


def test_an_editors_intro_with_an_unknown_name_is_blocked(work: Desk) -> None:
    assert work.run("compose", "--intro", "Hello {{ subscriber.town }}").code == 0
    assert work.run("check").code == 1
    assert work.send().code == 4
    assert work.run("compose", "--intro", "Hello {{ subscriber.city }}").code == 0
    assert "Hello Ulm" in mails(work)[_LEO]


def test_a_day_is_printed_in_the_language_of_each_letter(work: Desk) -> None:
    work.project.change_config('[[fields]]\nname = "city"', _RENEWAL + '[[fields]]\nname = "city"')
    work.project.change_config("you are on {{ subscriber.plan }}", "until {{ subscriber.until }}")
    work.add_subscribers(1, first=2, language="fr")
    for address in (_LEO, "subscriber2@example.net"):
        assert work.run("subscribers", "set", address, "until=2027-03-01").code == 0
    assert work.run("compose").code == 0
    assert "until March 1, 2027." in preview(work, "--as", _LEO)
    found = mails(work)
    assert "until March 1, 2027." in found[_LEO]
    assert "until 1er mars 2027." in found["subscriber2@example.net"]


_RENEWAL = """[[fields]]
name = "until"
kind = "date"

"""


# --- import and export --------------------------------------------------------------------------


def test_fields_and_sources_come_with_a_file_and_leave_with_one(work: Desk) -> None:
    file = work.project.folder / "people.csv"
    file.write_text("email,Plan,Town\nnew@example.net,PRO,Ulm\n", "utf-8")
    options = ("--consent", "booth", "--source", "Spring Fair", "--column", "Town=field:city")
    result = work.run("subscribers", "import", str(file), *options)
    assert (result.code, "1 added" in result.out) == (0, True)
    shown = work.run("subscribers", "show", "new@example.net")
    assert "plan: pro" in shown.out
    assert "city: Ulm" in shown.out
    assert "spring fair" in shown.out
    exported = work.run("subscribers", "export").out.splitlines()
    assert exported[0].endswith(",source,plan,city")
    assert exported[-1].endswith(",spring fair,pro,Ulm")
    assert "by source: not known 2, spring fair 1" in work.run("plan").out


def test_a_subscriber_is_added_with_fields_and_a_source(work: Desk) -> None:
    added = ("subscribers", "add", "new@example.net", "--consent", "by phone")
    assert work.run(*added, "--field", "plan=gold").code == 2
    assert work.run(*added, "--source", "a\nb<").code == 2
    assert work.run(*added, "--field", "plan=free").code == 0
    shown = work.run("subscribers", "show", "new@example.net", "--json").data
    assert shown["fields"] == {"plan": "free"}
    assert shown["subscriptions"][0]["source"] == "manual"

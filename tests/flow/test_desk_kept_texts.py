"""What an editor wrote is shown again if the session ended before it was sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.models.admins import Role
from tests.support.desk_visitor import Visitor, add_account, open_desk
from tests.support.desk_work import Desk
from tests.support.web_server import Site

PAGE = "/editions/1/compose?find=hill"
FORM = "/editions/1/compose/intro"
TEXT = "Good morning.\n\nThe <hill> in winter."
SHOWN = "Good morning.\n\nThe &lt;hill&gt; in winter.</textarea>"
SECRET = "not these lanterns"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    work = Desk.open(tmp_path)
    add_account(work.app, "anna", Role.EDITOR)
    with open_desk(work.app) as site:
        yield site


@pytest.fixture
def anna(site: Site) -> Visitor:
    anna = Visitor(site, headers={"referer": f"http://127.0.0.1:1{PAGE}"})
    anna.sign_in("anna")
    anna.ask("/editions")
    return anna


def test_a_text_that_was_sent_after_the_session_ended_is_shown(anna: Visitor) -> None:
    anna.cookies.clear()
    answer = anna.post(FORM, intro=TEXT, version="0")
    assert answer.status == 403
    assert SHOWN in answer.text
    assert "/sign-in?to=%2Feditions%2F1%2Fcompose%3Ffind%3Dhill" in answer.text


def test_a_text_of_a_page_that_an_earlier_session_opened_is_shown(anna: Visitor) -> None:
    token = anna.token
    anna.cookies.clear()
    anna.sign_in("anna")
    anna.token = token
    answer = anna.post(FORM, intro=TEXT)
    assert (answer.status, SHOWN in answer.text) == (403, True)


def test_a_text_of_another_site_is_not_shown(anna: Visitor) -> None:
    anna.headers["sec-fetch-site"] = "cross-site"
    for _ in ("signed in", "signed out"):
        answer = anna.post(FORM, intro=TEXT)
        assert (answer.status, "winter" in answer.text) == (403, False)
        anna.cookies.clear()


def test_a_password_is_never_shown(anna: Visitor) -> None:
    anna.token = "0" * 64
    for _ in ("signed in", "signed out"):
        answer = anna.post("/sign-in", name="anna", password=SECRET)
        assert (answer.status, SECRET in answer.text) == (403, False)
        anna.cookies.clear()

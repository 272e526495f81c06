"""The checks before every handler of the desk: right, form token and site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from fastapi.responses import Response

from digest.errors import DigestError, NothingToDo, Refused, StoreError, UsageError
from digest.models.admins import Right
from digest.web.desk.visit import OnVisit
from digest.web.forms import SentFiles, SentForm
from digest.web.table import Route
from tests.support.web_doors import desk_showing, held_editions
from tests.support.web_server import Answer, Site, serving

_FORM = {"content-type": "application/x-www-form-urlencoded"}
_ERRORS: dict[str, DigestError] = {
    "usage": UsageError("edition 9: does not exist"),
    "nothing": NothingToDo("no draft"),
    "refused": Refused("edition 3: not approved"),
    "store": StoreError("database locked"),
    "other": DigestError("template broken"),
}


def form(visit: OnVisit) -> Response:
    return visit.page("problem", heading=f"Form {visit.csrf}", line="x")


def change(visit: OnVisit, form: SentForm, files: SentFiles) -> Response:
    sent = ", ".join(f"{file.name} {len(file.content)} bytes" for file in files.values())
    return visit.done("/form", f"Saved {form['word'][0]} by {visit.actor.name} {sent}".strip())


def fail(visit: OnVisit, form: SentForm) -> Response:
    raise _ERRORS[form["word"][0]]


ROUTES = (
    Route("GET", "/form", Right.SEE, form),
    Route("POST", "/form", Right.CHANGE, change),
    Route("POST", "/fail", Right.CHANGE, fail),
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving(desk_showing(held_editions(), ROUTES)) as site:
        yield site


def token_of(site: Site) -> str:
    found = re.search(r"Form ([0-9a-f]{64})", site.ask("/form").text)
    assert found is not None
    return found[1]


def post(site: Site, path: str, word: str, **headers: str) -> Answer:
    body = f"csrf={token_of(site)}&word={word}".encode()
    return site.ask(path, "POST", body, {**_FORM, **headers})


def test_a_form_is_answered_by_a_page_that_shows_its_line_once(site: Site) -> None:
    answer = post(site, "/form", "it")
    assert (answer.status, answer.headers["location"]) == (303, "/form")
    cookie = SimpleCookie(answer.headers["set-cookie"])["digest-said"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "strict"
    shown = site.ask("/form", headers={"cookie": f"digest-said={cookie.value}"})
    assert "Saved it by operator" in shown.text
    assert "Max-Age=0" in shown.headers["set-cookie"]


def test_a_line_that_somebody_else_made_is_not_shown(site: Site) -> None:
    assert "flash" not in site.ask("/form", headers={"cookie": "digest-said=hello"}).text


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_its_token_is_refused(site: Site, token: str) -> None:
    answer = site.ask("/form", "POST", f"csrf={token}&word=it".encode(), _FORM)
    assert answer.status == 403
    assert "Nothing was changed" in answer.text


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_token(
    site: Site, header: str, value: str
) -> None:
    assert post(site, "/form", "it", **{header: value}).status == 403


def test_a_form_of_our_own_page_is_accepted(site: Site) -> None:
    ours = {"origin": site.url, "sec-fetch-site": "same-origin"}
    assert post(site, "/form", "it", **ours).status == 303


def test_a_script_may_send_the_token_in_a_header(site: Site) -> None:
    sent = {**_FORM, "csrf-token": token_of(site)}
    assert site.ask("/form", "POST", b"word=it", sent).status == 303


def test_a_form_with_a_file_is_read(site: Site) -> None:
    parts = (
        ("csrf", "", token_of(site)),
        ("word", "", "it"),
        ("list", '; filename="C:\\people.csv"', "a\r\n--b\r\nc"),
    )
    body = "".join(
        f'--xx\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in parts
    )
    kind = {"content-type": "multipart/form-data; boundary=xx"}
    answer = site.ask("/form", "POST", f"{body}--xx--\r\n".encode(), kind)
    assert answer.status == 303
    value = SimpleCookie(answer.headers["set-cookie"])["digest-said"].value
    shown = site.ask("/form", headers={"cookie": f"digest-said={value}"}).text
    assert "people.csv 9 bytes" in shown


@pytest.mark.parametrize(
    ("word", "status", "line"),
    [
        ("usage", 422, "edition 9: does not exist"),
        ("nothing", 409, "no draft"),
        ("refused", 409, "edition 3: not approved"),
        ("store", 503, "database locked"),
        ("other", 500, "template broken"),
    ],
)
def test_the_error_of_a_use_case_is_a_page_with_its_line(
    site: Site, word: str, status: int, line: str
) -> None:
    answer = post(site, "/fail", word)
    assert answer.status == status
    assert line in answer.text


def test_a_form_that_was_sent_twice_is_answered_by_its_own_page(site: Site) -> None:
    referer = "http://127.0.0.1/form?part=2"
    answer = post(site, "/fail", "nothing", referer=referer)
    assert (answer.status, answer.headers["location"]) == (303, "/form?part=2")
    assert post(site, "/fail", "refused", referer=referer).status == 409
    part, whole = {"hx-request": "true"}, {"hx-request": "true", "hx-boosted": "true"}
    assert post(site, "/fail", "nothing", referer=referer, **part).status == 409
    assert post(site, "/fail", "nothing", referer=referer, **whole).status == 303
    for only_a_form in ("/fail", "/gone", ""):
        assert post(site, "/fail", "nothing", referer=only_a_form).status == 409

"""Every route of the API × every method × every role, read from the table of routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.models.admins import RIGHTS, Right, Role
from digest.web.api.app import PREFIX
from digest.web.routes import API
from digest.web.table import Route
from tests.support.api_client import Program, make_token
from tests.support.desk_visitor import Visitor, add_account, open_desk
from tests.support.desk_work import Desk
from tests.support.routes import METHODS, address_of, methods_at, name_of
from tests.support.web_server import Site

_PLACES: Mapping[str, str] = {"newsletter": "weekly", "name": "0" * 16}
_CLOSED = [route for route in API if route.right is not None]


@dataclass(frozen=True, slots=True)
class Office:
    """A desk with accounts, and a token of each role."""

    work: Desk
    site: Site
    programs: Mapping[Role, Program]
    #: Of a browser in which the account with the role `ops` is signed in.
    cookies: str

    def dump(self) -> list[str]:
        """Return the database but for the times at which tokens were used."""
        return [line for line in self.work.dump() if 'INTO "api_tokens"' not in line]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    work = Desk.open(Path(tmp_path_factory.mktemp("office")), review="required")
    for title in ("A bridge is mended", "The library stays open"):
        work.add_post(title)
    work.add_subscribers(3)
    work.compose()
    app = work.app
    for role in Role:
        add_account(app, role, role)
    with open_desk(app) as site:
        programs = {role: Program(site, make_token(app, role, owner=role)) for role in Role}
        visitor = Visitor(site)
        visitor.sign_in(Role.OPS)
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        yield Office(work, site, programs, cookies)


def test_only_the_document_is_open_to_programs_without_a_token() -> None:
    assert [name_of(route) for route in API if route.right is None] == ["GET /openapi.json"]


@pytest.mark.parametrize("route", _CLOSED, ids=name_of)
def test_a_route_answers_the_entitled_alone(office: Office, route: Route) -> None:
    path = address_of(route.path, _PLACES)
    for role, program in office.programs.items():
        for method in route.methods:
            before = office.dump()
            status = program.ask(path, method, {} if route.is_change else None).status
            if route.right in RIGHTS[role]:
                assert status in (200, 404, 409, 422), (role, method)
            else:
                assert status == 403, (role, method)
            if status != 200 or not route.is_change:
                assert office.dump() == before


@pytest.mark.parametrize("route", _CLOSED, ids=name_of)
def test_a_route_answers_nobody_without_a_token_that_works(office: Office, route: Route) -> None:
    path = address_of(route.path, _PLACES)
    cookies = office.cookies
    before = office.dump()
    for sent in (
        {},
        {"cookie": cookies},
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic b3BzOm9wcw=="},
        {"authorization": "Bearer " + "x" * 500, "cookie": cookies},
    ):
        answer = office.site.ask(PREFIX + path, route.method, b"{", sent)
        if answer.status == 429:  # the guesses of this network are over
            continue
        assert answer.status == 401, sent
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
    assert office.dump() == before


@pytest.mark.parametrize("path", sorted({route.path for route in API}))
def test_other_methods_are_refused(office: Office, path: str) -> None:
    address = address_of(path, _PLACES)
    known = methods_at(address, API)
    for method in METHODS:
        if method not in known:
            answer = office.programs[Role.OPS].ask(address, method)
            assert answer.status == 405, method
            assert set(answer.headers["allow"].split(", ")) == known, method


def test_the_document_names_each_route_with_its_right(office: Office) -> None:
    document = json.loads(office.site.ask(f"{PREFIX}/openapi.json").body)
    assert document["openapi"].startswith("3.1")
    found = {
        (method.upper(), path): operation["x-right"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert found == {(route.method, route.path): route.right for route in _CLOSED}
    for shape in document["components"]["schemas"].values():
        assert shape.get("description"), shape["title"]
    assert all(
        operation["security"] == [{"token": []}]
        for operations in document["paths"].values()
        for operation in operations.values()
    )


#: What only a role with this right may read.
_PERSONAL = re.compile(rb"subscriber\d+@|example\.net")


@pytest.mark.parametrize("role", [role for role in Role if Right.PEOPLE not in RIGHTS[role]])
def test_no_answer_has_an_address_without_the_right(office: Office, role: Role) -> None:
    program = office.programs[role]
    for route in _CLOSED:
        answer = program.ask(
            address_of(route.path, _PLACES), route.method, {} if route.is_change else None
        )
        assert not _PERSONAL.search(answer.body), route.path
    for who in ("p1", "p2", "everyone"):
        for kind in ("", ".html", ".txt", ".eml"):
            answer = program.ask(f"/editions/1/preview{kind}?who={who}")
            assert answer.status == (200 if who == "everyone" else 403)
            assert not _PERSONAL.search(answer.body)

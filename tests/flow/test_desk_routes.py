"""Every route of the desk × every role × every way to ask: read from the table of routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.models.admins import RIGHTS, Right, Role
from digest.web.routes import DESK
from digest.web.table import Route
from tests.support.desk_visitor import Visitor, add_account, open_desk
from tests.support.desk_work import Desk
from tests.support.routes import METHODS, address_of, methods_at, name_of
from tests.support.web_server import Site

#: What stands in the places of an address, where `1` is not it.
_PLACES: Mapping[str, str] = {"newsletter": "weekly", "week": "2026-W40"}
#: The rights that pages need: to see, or to fill in a form.
_OF_PAGES = (Right.SEE, Right.TEST, Right.FEEDS, Right.PEOPLE, Right.IMPORT)
_CLOSED = [route for route in DESK if route.right is not None]
_CHANGES = [route for route in _CLOSED if route.is_change]
_PAGES = [route for route in _CLOSED if not route.is_change]


@dataclass(frozen=True, slots=True)
class House:
    """A desk with one account of each role, who are signed in."""

    work: Desk
    site: Site
    visitors: Mapping[Role, Visitor]

    def entitled(self, route: Route) -> Iterator[tuple[Role, Visitor]]:
        for role, visitor in self.visitors.items():
            if route.right in RIGHTS[role]:
                yield role, visitor

    def sign_in(self, role: Role) -> Visitor:
        """Sign in again, if signing out was tried, and take the token of a form."""
        visitor = self.visitors[role]
        if "digest-session" not in visitor.cookies:
            visitor.sign_in(role)
            visitor.ask("/editions")
        return visitor


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    work = Desk.open(Path(tmp_path_factory.mktemp("house")), review="required")
    for title in ("A bridge is mended", "The library stays open"):
        work.add_post(title)
    work.add_subscribers(3)
    work.compose()
    app = work.app
    for role in Role:
        add_account(app, role, role)
    with open_desk(app) as site:
        visitors = {role: Visitor(site) for role in Role}
        for role, visitor in visitors.items():
            assert visitor.sign_in(role).status == 303
            assert visitor.ask("/editions").status == 200
        yield House(work, site, visitors)


def test_only_the_files_of_pages_and_signing_in_are_open_to_all() -> None:
    assert {name_of(route) for route in DESK if route.right is None} == {
        "GET /static/{version}/{name}",
        "GET /sign-in",
        "POST /sign-in",
    }


def test_a_page_needs_no_more_than_to_see_unless_it_begins_a_change() -> None:
    """A viewer sees every page, except those that only exist to fill in a form."""
    for route in _PAGES:
        assert route.right in _OF_PAGES, route.path


@pytest.mark.parametrize("route", _PAGES, ids=name_of)
def test_a_page_is_shown_to_the_entitled_alone_and_changes_nothing(
    house: House, route: Route
) -> None:
    for role in Role:
        house.sign_in(role)
    before = house.work.dump()
    path = address_of(route.path, _PLACES)
    anonymous = house.site.ask(path)
    assert anonymous.status == 303
    assert anonymous.headers["location"].startswith("/sign-in?")
    for role, visitor in house.visitors.items():
        is_entitled = route.right in RIGHTS[role]
        for method in ("GET", "HEAD"):
            status = visitor.ask(path, method, is_read=False).status
            assert status in ((200, 303, 404, 409) if is_entitled else (403,)), (role, method)
    assert house.work.dump() == before


@pytest.mark.parametrize("route", _CHANGES, ids=name_of)
def test_a_change_is_refused_to_everybody_else_and_without_proof(
    house: House, route: Route
) -> None:
    path = address_of(route.path, _PLACES)
    for each in Role:
        house.sign_in(each)
    _, entitled = next(house.entitled(route))
    before = house.work.dump()
    refused = {"nobody": house.site.ask(path, "POST", b"")}
    for other in Role:
        if route.right not in RIGHTS[other]:
            refused[other] = house.visitors[other].post(path)
    refused["no token"] = entitled.ask(path, "POST", b"")
    refused["the token of another"] = entitled.ask(path, "POST", f"csrf={'0' * 64}".encode())
    for header in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ):
        foreign = Visitor(house.site, header, entitled.cookies, entitled.token)
        refused[str(header)] = foreign.post(path)
    assert {who: answer.status for who, answer in refused.items()} == dict.fromkeys(refused, 403)
    assert house.work.dump() == before


@pytest.mark.parametrize("route", _CHANGES, ids=name_of)
def test_an_empty_form_of_the_entitled_is_answered(house: House, route: Route) -> None:
    for role, _ in house.entitled(route):
        status = house.sign_in(role).post(address_of(route.path, _PLACES)).status
        assert status in (200, 303, 404, 409, 413, 422), role


@pytest.mark.parametrize("path", sorted({route.path for route in DESK}))
def test_other_methods_are_refused(house: House, path: str) -> None:
    address = address_of(path, _PLACES)
    known = methods_at(address, DESK)
    visitor = house.sign_in(Role.OPS)
    for method in METHODS:
        if method not in known:
            body = None if method in ("GET", "HEAD") else b""
            answer = visitor.ask(address, method, body)
            assert answer.status == 405, method
            assert set(answer.headers["allow"].split(", ")) == known, method


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/editions/x", "/editions/99", "/x"])
def test_an_unknown_address_is_a_page(house: House, path: str) -> None:
    answer = house.sign_in(Role.VIEWER).ask(path)
    assert answer.status == 404
    assert "does not exist" in answer.text

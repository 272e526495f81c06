"""The subscribers' pages over real HTTP and a real database."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from digest.errors import TemplateError, UsageError
from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.erasing import erase_person
from subscribers.leavings import LeaveJournal
from subscribers.preferences import State
from subscribers.suppression import SuppressionReason, suppress
from subscribers.tokens import Link, Purpose
from tests.support.samples import sample_letter, sample_personal
from tests.support.web_doors import (
    KEYS,
    NOW,
    TITLE,
    PeopleStore,
    context_of,
    locked_database,
    locked_leavers,
    people_store,
    public_door,
)
from tests.support.web_server import Answer, Site, serving

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = {"content-type": "application/x-www-form-urlencoded"}
PATHS = {Purpose.VIEW: "/v/", Purpose.PREFERENCES: "/p/", Purpose.LEAVE: "/u/"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PeopleStore]:
    with people_store(tmp_path) as store:
        yield store


@pytest.fixture
def site(store: PeopleStore) -> Iterator[Site]:
    with serving(create_public(public_door(store), PUBLIC)) as site:
        yield site


def leave_path(store: PeopleStore, **how: str) -> str:
    return f"/u/{store.token(Purpose.LEAVE, **how)}"


def post(site: Site, path: str, body: bytes = ONE_CLICK) -> Answer:
    return site.ask(path, "POST", body, FORM)


def test_one_click_leaves_at_once(site: Site, store: PeopleStore) -> None:
    answer = post(site, leave_path(store))
    assert (answer.status, "location" in answer.headers) == (200, False)
    assert "set-cookie" not in answer.headers
    assert (store.subscription().state, store.subscription().left_how) == (State.LEFT, "one-click")
    assert store.subscription("monthly").state is State.CONFIRMED


def test_one_click_works_in_either_form_encoding(site: Site, store: PeopleStore) -> None:
    part = (
        b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--'
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert site.ask(leave_path(store), "POST", part, headers).status == 200
    assert store.subscription().state is State.LEFT


def test_the_button_of_the_page_unsubscribes(site: Site, store: PeopleStore) -> None:
    page = site.ask(leave_path(store))
    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    assert "You have left" in post(site, action[1], b"how=page").text
    assert store.subscription().left_how == "page"


def test_leaving_twice_is_answered_alike_and_keeps_the_first(
    site: Site, store: PeopleStore
) -> None:
    first = post(site, leave_path(store))
    before = store.dump()
    assert post(site, leave_path(store), b"how=page") == first
    assert store.dump() == before


def test_a_subscriber_who_left_sees_so(site: Site, store: PeopleStore) -> None:
    post(site, leave_path(store))
    assert "You have left" in site.ask(leave_path(store)).text
    assert (
        "You left on November 23, 2026" in site.ask(f"/p/{store.token(Purpose.PREFERENCES)}").text
    )


def test_preferences_are_shown_without_the_address(site: Site, store: PeopleStore) -> None:
    text = site.ask(f"/p/{store.token(Purpose.PREFERENCES)}").text
    for words in ("Heritage in &lt;your&gt; inbox", "Security &lt;i&gt;", "Every Monday at 7:00"):
        assert words in text
    assert "a…@heritage.org" in text
    assert "ann@" not in text


def test_the_preferences_page_leads_to_leaving(site: Site, store: PeopleStore) -> None:
    text = site.ask(f"/p/{store.token(Purpose.PREFERENCES)}").text
    action = re.search(r'action="(/u/[^"]+)"', text)
    assert action is not None
    assert post(site, action[1], b"how=page").status == 200
    assert store.subscription().state is State.LEFT


def test_a_suppressed_subscriber_sees_that_nothing_is_sent(store: PeopleStore, site: Site) -> None:
    with store.database.write() as connection:
        address = parse_address("ann@heritage.org")
        suppress(connection, KEYS, address, SuppressionReason.BOUNCED, now=NOW)
    text = site.ask(f"/p/{store.token(Purpose.PREFERENCES)}").text
    assert "No edition is sent to this address" in text


def test_the_web_view_shows_the_edition_of_the_link(site: Site, store: PeopleStore) -> None:
    answer = site.ask(f"/v/{store.token(Purpose.VIEW)}")
    assert answer.text == "<p>edition 7</p>"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_sandboxed_page_of_a_letter_gets_an_icon(site: Site) -> None:
    icon = site.ask("/favicon.ico")
    assert (icon.status, icon.headers["content-type"]) == (200, "image/svg+xml")
    assert icon.headers["cross-origin-resource-policy"] == "cross-origin"


def test_links_of_an_older_key_still_work(site: Site, store: PeopleStore) -> None:
    assert post(site, leave_path(store, key="old-key")).status == 200


def test_a_token_opens_its_own_page_only(site: Site, store: PeopleStore) -> None:
    for purpose, path in itertools.product(Purpose, PATHS.values()):
        answer = site.ask(path + store.token(purpose))
        assert answer.status == (200 if path == PATHS.get(purpose) else 404)
    for purpose in (Purpose.PREFERENCES, Purpose.VIEW):
        assert post(site, f"/u/{store.token(purpose)}").status == 404
    assert store.subscription().state is State.CONFIRMED


def test_all_unknown_links_get_the_same_page(site: Site, store: PeopleStore) -> None:
    with store.database.write() as connection:
        erase_person(connection, KEYS, parse_address("ann@heritage.org"), now=NOW)
    wrong = leave_path(store, key="stolen")
    paths = ["/u/x", "/p/x", "/v/x", wrong, leave_path(store), leave_path(store, newsletter="no")]
    answers = [site.ask(path) for path in [*paths, "/admin", "/u/%00", "/openapi.json"]]
    answers += [post(site, path) for path in paths if path.startswith("/u/")]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1


def test_opening_every_link_of_a_mail_changes_nothing(site: Site, store: PeopleStore) -> None:
    personal = sample_personal(
        leave_url=f"{site.url}{leave_path(store)}",
        one_click_url=f"{site.url}{leave_path(store)}",
        preferences_url=f"{site.url}/p/{store.token(Purpose.PREFERENCES)}",
        web_url=f"{site.url}/v/{store.token(Purpose.VIEW)}",
    )
    mail = open_message(join(sample_letter().pieces, personal).content)
    words = f"{mail.text} {mail.html} {dict(mail.headers)['List-Unsubscribe']}"
    paths = set(re.findall(rf"{site.url}(/[^\s\"'<>#]+)", words))
    assert len(paths) == 3
    before = store.dump()
    statuses = {site.ask(path, method).status for path in paths for method in ("GET", "HEAD")}
    assert statuses == {200}
    assert store.dump() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(site: Site, store: PeopleStore, method: str) -> None:
    answer = site.ask(leave_path(store), method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert store.subscription().state is State.CONFIRMED


def test_pages_carry_the_guarding_headers(site: Site, store: PeopleStore) -> None:
    for path in (leave_path(store), "/u/x", f"/v/{store.token(Purpose.VIEW)}"):
        headers = site.ask(path).headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert "script" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers


def test_browsers_get_a_strict_transport_header(store: PeopleStore) -> None:
    app = create_public(public_door(store, "https://127.0.0.1/news"), PUBLIC)
    with serving(app) as site:
        page = site.ask(leave_path(store))
    assert "max-age" in page.headers["strict-transport-security"]
    assert 'action="/news/u/' in page.text


@pytest.mark.parametrize("prefix", ["", "/news"])
def test_an_address_with_a_slash_at_its_end_is_the_page_itself(
    store: PeopleStore, prefix: str
) -> None:
    with serving(create_public(public_door(store, "https://127.0.0.1/news"), PUBLIC)) as site:
        assert site.ask(f"{prefix}/weekly/").status == 200
        answer = post(site, f"{prefix}{leave_path(store)}/")
    assert (answer.status, answer.headers.get("location")) == (200, None)
    assert store.subscription().state is State.LEFT


@pytest.mark.parametrize("prefix", ["", "/news"])
def test_every_page_answers_below_the_path_of_the_public_address_and_without_it(
    store: PeopleStore, prefix: str
) -> None:
    with serving(create_public(public_door(store, "https://127.0.0.1/news"), PUBLIC)) as site:
        preferences = f"/p/{store.token(Purpose.PREFERENCES)}"
        for path in ("/", "/style.css", leave_path(store), preferences):
            assert site.ask(f"{prefix}{path}").status == 200, path
        assert site.ask(prefix or "/").status == 200
        assert post(site, f"{prefix}{leave_path(store)}").status == 200
        assert site.ask("/newspaper").status == 404
    assert store.subscription().state is State.LEFT


def test_the_public_address_itself_names_the_newsletters(site: Site) -> None:
    page = site.ask("/")
    assert page.status == 200
    assert f"<h1>{escape(TITLE, quote=False)}</h1>" in page.text
    assert "every Monday at 7:00" in page.text


def test_a_strange_host_name_is_refused(site: Site, store: PeopleStore) -> None:
    answer = site.ask(leave_path(store), headers={"host": "evil.example"})
    assert answer.status == 400


@pytest.mark.parametrize("headers", [FORM, {**FORM, "transfer-encoding": "chunked"}])
def test_a_large_body_is_refused(site: Site, store: PeopleStore, headers: dict[str, str]) -> None:
    body = b"x" * 20_000
    if "transfer-encoding" in headers:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert site.ask(leave_path(store), "POST", body, headers).status == 413
    assert store.subscription().state is State.CONFIRMED


def test_a_locked_database_is_answered_with_retry_after(store: PeopleStore) -> None:
    door = replace(public_door(store), context=context_of(store, locked_database(store)))
    with serving(create_public(door, PUBLIC)) as site:
        answer = site.ask(f"/p/{store.token(Purpose.PREFERENCES)}")
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")


def test_leaving_while_the_database_is_held_is_not_lost(store: PeopleStore) -> None:
    holder = sqlite3.connect(store.database.name, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with serving(create_public(public_door(store), PUBLIC)) as site:
        assert post(site, leave_path(store)).status == 200
    holder.execute("ROLLBACK")
    holder.close()
    assert store.subscription().state is State.CONFIRMED
    assert store.leavers.take_leavings() == 1
    assert (store.subscription().state, store.subscription().left_at) == (State.LEFT, NOW)


def test_waiting_leavings_are_written_at_the_start(store: PeopleStore) -> None:
    with serving(
        create_public(replace(public_door(store), leavers=locked_leavers(store)), PUBLIC)
    ) as site:
        post(site, leave_path(store))
    with serving(create_public(public_door(store), PUBLIC)) as site:
        # The page is answered from the database while the journal is replayed.
        for _ in range(100):
            if store.subscription().state is State.LEFT:
                break
            site.ask(leave_path(store))
    assert store.subscription().state is State.LEFT


def test_a_subscriber_does_not_see_the_error(store: PeopleStore) -> None:
    def fail(_link: Link) -> str:
        raise TemplateError("secret.j2", 4, "no end")

    with serving(create_public(replace(public_door(store), web_view=fail), PUBLIC)) as site:
        answer = site.ask(f"/v/{store.token(Purpose.VIEW)}")
    assert answer.status == 500
    assert "secret" not in answer.text


def test_a_newsletter_gone_from_the_configuration_is_not_shown(store: PeopleStore) -> None:
    def fail(_link: Link) -> str:
        raise UsageError("there is no newsletter 'weekly'")

    with serving(create_public(replace(public_door(store), web_view=fail), PUBLIC)) as site:
        assert site.ask(f"/v/{store.token(Purpose.VIEW)}").status == 404


def test_many_leave_at_once_and_none_is_lost(site: Site, store: PeopleStore) -> None:
    paths = [leave_path(store), leave_path(store, newsletter="monthly")] * 40
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda path: post(site, path), paths))
    assert {answer.status for answer in answers} == {200}
    store.leavers.take_leavings()
    assert store.subscription().state is State.LEFT
    assert store.subscription("monthly").state is State.LEFT


def test_a_full_disk_is_reported(store: PeopleStore) -> None:
    door = replace(
        public_door(store),
        leavers=locked_leavers(
            store, journal=LeaveJournal(store.folder / "no" / "such" / "folder")
        ),
    )
    with serving(create_public(door, PUBLIC)) as site:
        assert post(site, leave_path(store)).status == 503

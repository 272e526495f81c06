"""Getting in: accounts, sessions, lock-out, proxies, and what they leave in the audit table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from digest.app import App
from digest.cli import app as command_line
from digest.models.admins import Role
from digest.store.tables import admin_sessions, admins, audit, sign_in_failures
from tests.support.desk_visitor import OPERATOR, PASSWORD, Visitor, add_account, open_desk
from tests.support.desk_work import NOW, Desk
from tests.support.web_server import Site

_PROXY = {"x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https"}
_WEB = """
[web]
admin_hosts = ["desk.example.org"]
trusted_proxies = ["127.0.0.1"]
admin_user_header = "X-Remote-User"
"""


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    work = Desk.open(tmp_path)
    config = work.project.config
    config.write_text(config.read_text("utf-8") + _WEB, "utf-8")
    return work


@pytest.fixture
def app(work: Desk, clock: Clock) -> App:
    return App(work.app.config, clock=clock)


@pytest.fixture
def site(app: App) -> Iterator[Site]:
    with open_desk(app) as site:
        yield site


def audited(app: App) -> list[tuple[str, str]]:
    with app.database.read() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    return [(row.actor, row.action) for row in rows]


def test_without_an_account_this_machine_may_do_everything(site: Site) -> None:
    assert site.ask("/editions").status == 200
    assert site.ask("/sign-in").status == 303
    refused = site.ask("/editions", headers=_PROXY)
    assert refused.status == 403
    assert "digest admin add" in refused.text


def test_with_an_account_everybody_must_sign_in(app: App, site: Site) -> None:
    add_account(app, "anna", Role.EDITOR)
    visitor = Visitor(site)
    asked = visitor.ask("/editions?before=3")
    assert (asked.status, asked.headers["location"]) == (
        303,
        "/sign-in?to=%2Feditions%3Fbefore%3D3",
    )
    answer = visitor.sign_in("Anna", to="/editions?before=3")
    assert (answer.status, answer.headers["location"]) == (303, "/editions?before=3")
    page = visitor.ask("/editions")
    assert page.status == 200
    assert "anna" in page.text
    assert visitor.post("/sign-out").status == 303
    assert visitor.ask("/editions").status == 303
    assert audited(app) == [("operator", "add admin"), ("anna", "sign in"), ("anna", "sign out")]


def test_an_unknown_page_has_the_navigation_of_who_is_signed_in(app: App, site: Site) -> None:
    add_account(app, "anna", Role.OPS)
    visitor = Visitor(site)
    unknown = visitor.ask("/nowhere")
    assert (unknown.status, "<nav" in unknown.text, "above" in unknown.text) == (404, False, False)
    visitor.sign_in("anna")
    known = visitor.ask("/nowhere")
    assert (known.status, "<nav" in known.text, "above" in known.text) == (404, True, True)


def test_only_who_is_signed_in_may_send_a_large_form(app: App, site: Site) -> None:
    add_account(app, "anna", Role.OPS)
    visitor = Visitor(site)
    large = b"x" * 100_000
    assert visitor.ask("/subscribers/import", "POST", large).status == 413
    visitor.sign_in("anna")
    assert visitor.ask("/subscribers/import", "POST", large).status == 403  # without its token


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/a\nb", "", "/sign-out"]
)
def test_signing_in_never_leads_elsewhere(app: App, site: Site, to: str) -> None:
    add_account(app, "anna", Role.EDITOR)
    assert Visitor(site).sign_in("anna", to=to).headers["location"] == "/"


def test_nothing_that_is_stored_lets_anybody_in(app: App, site: Site) -> None:
    add_account(app, "anna", Role.EDITOR)
    visitor = Visitor(site)
    visitor.sign_in("anna")
    (token,) = (value for name, value in visitor.cookies.items() if "session" in name)
    with app.database.read() as connection:
        stored = connection.execute(select(admin_sessions.c.token_hash)).scalar_one()
        hashed = connection.execute(select(admins.c.password_hash)).scalar_one()
    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert token != stored
    assert site.ask("/editions", headers={"cookie": f"digest-session={stored}"}).status == 303


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("ben", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    app: App, site: Site, name: str, password: str
) -> None:
    add_account(app, "anna", Role.EDITOR)
    answer = Visitor(site).sign_in(name, password)
    assert answer.status == 422
    assert "do not belong together" in answer.text


def test_the_form_to_sign_in_needs_its_token_and_its_browser(app: App, site: Site) -> None:
    add_account(app, "anna", Role.EDITOR)
    visitor = Visitor(site)
    visitor.ask("/sign-in")
    assert Visitor(site, token=visitor.token).post("/sign-in", name="anna").status == 403
    assert Visitor(site, cookies=visitor.cookies).post("/sign-in", name="anna").status == 403


@pytest.mark.parametrize(
    ("later", "uses", "is_in"),
    [
        (timedelta(hours=11), 1, True),
        (timedelta(hours=13), 1, False),
        (timedelta(hours=11), 12, True),
        (timedelta(hours=11), 16, False),
    ],
)
def test_a_session_ends_when_it_is_idle_or_old(
    app: App, site: Site, clock: Clock, later: timedelta, uses: int, is_in: bool
) -> None:
    add_account(app, "anna", Role.VIEWER)
    visitor = Visitor(site)
    visitor.sign_in("anna")
    for _ in range(uses):
        clock.now += later
        status = visitor.ask("/editions").status
    assert status == (200 if is_in else 303)


def test_a_changed_password_a_new_role_and_a_removal_count_at_once(app: App, site: Site) -> None:
    for name in ("anna", "ben"):
        add_account(app, name, Role.OPS)
    visitor, other = Visitor(site), Visitor(site)
    visitor.sign_in("anna")
    other.sign_in("ben")
    accounts = app.newsroom.admins
    accounts.set_password("anna", "another long sentence", by=OPERATOR)
    assert visitor.ask("/editions").status == 303
    assert visitor.sign_in("anna").status == 422
    assert visitor.sign_in("anna", "another long sentence").status == 303
    accounts.remove("anna", by=OPERATOR)
    assert visitor.ask("/editions").status == 303
    assert other.ask("/editions").status == 200


def test_failures_make_the_next_attempts_wait_longer_each_time(
    work: Desk, app: App, site: Site, clock: Clock
) -> None:
    add_account(app, "anna", Role.EDITOR)
    visitor = Visitor(site)
    for _ in range(5):
        assert visitor.sign_in("anna", "wrong").status == 422
    locked = visitor.sign_in("anna")
    assert (locked.status, locked.headers["retry-after"]) == (429, "30")
    # A restart changes nothing.
    with open_desk(App(work.app.config, clock=clock)) as again:
        assert Visitor(again).sign_in("anna").status == 429
    clock.now += timedelta(seconds=31)
    assert visitor.sign_in("anna", "wrong").status == 422
    clock.now += timedelta(seconds=31)
    assert "29 seconds" in visitor.sign_in("anna").text
    clock.now += timedelta(seconds=30)
    assert visitor.sign_in("anna").status == 303
    assert ("anna", "sign-in locked") in audited(app)
    assert visitor.sign_in("anna", "wrong").status == 422


def test_a_network_that_guesses_many_names_must_wait_too(
    app: App, site: Site, clock: Clock
) -> None:
    add_account(app, "anna", Role.EDITOR)
    statuses = [Visitor(site).sign_in(f"name{number}", "x").status for number in range(16)]
    assert statuses == [422] * 15 + [429]
    assert Visitor(site).sign_in("anna").status == 429
    elsewhere = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    assert Visitor(site, headers=elsewhere).sign_in("anna").status == 303
    with app.database.read() as connection:
        stored = connection.execute(select(sign_in_failures.c.hash)).scalars().all()
    assert all(len(each) == 64 for each in stored)


def test_behind_a_trusted_proxy_cookies_are_secure(app: App, site: Site) -> None:
    add_account(app, "anna", Role.EDITOR)
    visitor = Visitor(site, headers={**_PROXY, "host": "desk.example.org"})
    answer = visitor.sign_in("anna")
    assert answer.headers["set-cookie"].startswith("__Host-digest-session=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert visitor.ask("/editions").status == 200


def test_an_unencrypted_connection_is_named_on_the_page(app: App, site: Site) -> None:
    add_account(app, "anna", Role.EDITOR)
    words = "not encrypted"
    assert words not in Visitor(site).ask("/sign-in").text
    assert words not in Visitor(site, headers=_PROXY).ask("/sign-in").text
    plain = {**_PROXY, "x-forwarded-proto": "http"}
    assert words in Visitor(site, headers=plain).ask("/sign-in").text


@pytest.mark.parametrize("host", ["evil.example", "desk.example.org.evil.example"])
def test_another_host_name_is_refused(app: App, site: Site, host: str) -> None:
    add_account(app, "anna", Role.EDITOR)
    assert site.ask("/sign-in", headers={"host": host}).status == 400


def test_a_proxy_that_is_not_trusted_is_named(work: Desk) -> None:
    work.project.change_config('trusted_proxies = ["127.0.0.1"]', 'trusted_proxies = ["192.0.2.1"]')
    app = work.app
    add_account(app, "anna", Role.EDITOR)
    with open_desk(app) as site:
        for headers in (_PROXY, {"x-remote-user": "anna"}):
            refused = site.ask("/editions", headers=headers)
            assert refused.status == 403
            assert "trusted_proxies" in refused.text


def test_a_trusted_proxy_signs_its_users_in(app: App, site: Site) -> None:
    add_account(app, "anna@example.org", Role.VIEWER, None)
    anna = Visitor(site, headers={**_PROXY, "x-remote-user": "Anna@example.org"})
    assert "anna@example.org" in anna.ask("/editions").text
    assert anna.ask("/sign-in").headers["location"] == "/"
    stranger = site.ask("/editions", headers={**_PROXY, "x-remote-user": "ben"})
    assert stranger.status == 403
    assert "digest admin add" in stranger.text
    assert site.ask("/editions", headers=_PROXY).status == 303
    assert Visitor(site).sign_in("anna@example.org", "").status == 422


def test_a_header_with_an_account_needs_the_configuration(work: Desk) -> None:
    work.project.change_config('admin_user_header = "X-Remote-User"', "")
    app = work.app
    add_account(app, "anna", Role.VIEWER)
    with open_desk(app) as site:
        asked = site.ask("/editions", headers={**_PROXY, "x-remote-user": "anna"})
    assert asked.status == 303


def test_a_proxy_user_before_the_first_account_is_refused(site: Site) -> None:
    assert site.ask("/editions", headers={"x-remote-user": "anna"}).status == 403


# --- the terminal -------------------------------------------------------------------------------


def run(work: Desk, *arguments: str, typed: str = "") -> tuple[int, str]:
    config = ["--config", str(work.project.config)]
    done = CliRunner().invoke(command_line, [*config, *arguments], input=typed)
    return done.exit_code, done.output + (str(done.exception) if done.exception else "")


def test_accounts_are_made_and_changed_at_the_terminal(work: Desk) -> None:
    twice = f"{PASSWORD}\n{PASSWORD}\n"
    assert run(work, "admin", "add", "Anna", "--role", "editor", typed=twice)[0] == 0
    assert run(work, "admin", "add", "ops", "--role", "ops", "--no-password")[0] == 0
    assert run(work, "admin", "role", "anna", "--role", "approver")[0] == 0
    listed = run(work, "admin", "list")[1]
    assert [line.split()[:3] for line in listed.splitlines()[1:]] == [
        ["anna", "approver", "yes"],
        ["ops", "ops", "no"],
    ]
    assert PASSWORD not in listed
    assert "0 sessions ended" in run(work, "admin", "password", "anna", typed=twice)[1]
    assert run(work, "admin", "remove", "anna")[0] == 0
    assert "No account is left" in run(work, "admin", "remove", "ops")[1]


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("add", "anna", "--role", "editor"), "short\nshort\n", "at least 12 characters"),
        (("add", "anna", "--role", "editor"), "aaaaaaaaaaaaa\n" * 2, "too easy to guess"),
        (("add", "an na", "--role", "editor"), "", "letters, digits"),
        (("add", "schedule", "--role", "editor"), "", "letters, digits"),
        (("add", "ben", "--role", "editor"), "", "exists already"),
        (("password", "nobody"), "", "does not exist"),
        (("role", "nobody", "--role", "ops"), "", "does not exist"),
        (("remove", "nobody"), "", "does not exist"),
    ],
)
def test_a_wrong_use_is_one_clear_line(
    work: Desk, arguments: tuple[str, ...], typed: str, words: str
) -> None:
    add_account(work.app, "ben", Role.VIEWER)
    code, said = run(work, "admin", *arguments, typed=typed)
    assert code != 0
    assert words in said
    assert [each.account.name for each in work.app.newsroom.admins.list()] == ["ben"]

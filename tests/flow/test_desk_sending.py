"""The pages of a send: what they show and what their forms do, over HTTP."""

from __future__ import annotations

import csv
import http.client
import io
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, event, update

from digest.app.wiring import utc_now
from digest.models import Actor, EditionState
from digest.models.admins import Role
from digest.store.claims import claim_due
from digest.store.closing import close_edition
from digest.store.deliveries import Sent, mark_handing, record_sent
from digest.store.figures import add_sent
from digest.store.list_days import ListDay, save_days
from digest.store.orders import find_order
from digest.store.tables import deliveries
from digest.web.desk import report
from digest.web.desk.app import create_desk
from digest.web.doors import desk_door
from digest.web.routes import DESK
from tests.support.desk_visitor import Visitor, add_account, open_desk
from tests.support.desk_work import Desk
from tests.support.web_server import Answer, Site, serving

_FORM = {"content-type": "application/x-www-form-urlencoded"}
#: Statements of one page, at most.
_MOST_STATEMENTS = 25
_ANN = Actor(name="ann")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a newsletter with eight subscribers and a draft whose subject a spreadsheet runs."""
    desk = Desk.open(tmp_path, review="required")
    desk.project.change_config('name = "weekly"', 'name = "weekly"\ntesters = ["tess@example.net"]')
    desk.add_post("=HYPERLINK(1) <script>alert(1)</script>")
    desk.add_subscribers(8)
    desk.compose()
    return desk


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    with serving(create_desk(desk_door(desk.app), DESK)) as site:
        yield site


def post(site: Site, path: str, **fields: str) -> Answer:
    found = re.search(r'name="csrf" value="(\w+)"', site.ask("/editions/1/sending").text)
    assert found is not None
    body = urlencode({"csrf": found[1], **fields}).encode()
    return site.ask(path, "POST", body, _FORM)


def freeze(desk: Desk) -> None:
    """Freeze edition 1 without sending it."""
    assert desk.run("approve", "1").code == 0
    newsroom = desk.app.newsroom
    (edition,) = newsroom.find_sendable(edition=1, is_at_once=True)
    newsroom.freeze(edition, by=_ANN, is_at_once=True)


def work(desk: Desk, sent: int, others: Mapping[int, tuple[str, str]]) -> None:
    """Send the first mails, and end others by their id with a state and a reason."""
    with desk.app.database.write() as connection:
        claimed = claim_due(connection, 1, "w", now=utc_now())
        ids = [row.id for row in claimed.deliveries]
        mark_handing(connection, ids, "w", now=utc_now())
        rows = [Sent(each, 250, "ok", "one:25") for each in ids[:sent]]
        count = record_sent(connection, rows, "w", now=utc_now())
        add_sent(connection, "w", 1, count, now=utc_now())
        for delivery, (state, reason) in others.items():
            values = {"state": state, "reason": reason, "ended_at": utc_now(), "reply_code": 550}
            which = deliveries.c.id == delivery
            words = "5.1.1 <script>alert(2)</script>"
            connection.execute(update(deliveries).where(which).values(**values, reply_text=words))


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


# --- ordering -------------------------------------------------------------------------------------


def test_a_draft_is_ordered_and_the_order_can_be_withdrawn(desk: Desk, site: Site) -> None:
    refused = post(site, "/editions/1/sending/order", now="yes")
    assert (refused.status, "waits for approval" in refused.text) == (409, True)
    desk.run("approve", "1")
    assert "No service is running" in site.ask("/editions/1/sending").text
    ordered = post(site, "/editions/1/sending/order", now="yes")
    assert (ordered.status, ordered.headers["location"]) == (303, "/editions/1/sending")
    page = site.ask("/editions/1/sending").text
    assert "Ordered by" in page
    assert "digest run" in page
    assert 'http-equiv="refresh"' in page
    assert post(site, "/editions/1/sending/withdraw").status == 303
    with desk.app.database.read() as connection:
        order = find_order(connection, 1)
    assert order is not None
    assert order.problem == "withdrawn"


# --- holding --------------------------------------------------------------------------------------


def test_a_send_is_paused_and_resumed(desk: Desk, site: Site) -> None:
    freeze(desk)
    assert post(site, "/editions/1/sending/pause", reason="a  look").status == 303
    assert (desk.edition().state, desk.edition().paused_reason) == ("paused", "a look")
    page = words_of(site.ask("/editions/1/sending").text)
    assert "It is paused: a look. 8 mails are left" in page
    assert post(site, "/editions/1/sending/resume").status == 303
    assert desk.edition().state is EditionState.SENDING


def test_an_edition_is_cancelled_only_with_its_number_typed(desk: Desk, site: Site) -> None:
    freeze(desk)
    refused = post(site, "/editions/1/sending/cancel", confirm="2")
    assert (refused.status, "Nothing was changed" in refused.text) == (422, True)
    assert desk.edition().state is EditionState.SENDING
    assert post(site, "/editions/1/sending/cancel", confirm="1").status == 303
    assert desk.edition().state is EditionState.CANCELLED


# --- figures --------------------------------------------------------------------------------------


def test_the_figures_are_shown_with_reasons_and_hostile_words_are_escaped(
    desk: Desk, site: Site
) -> None:
    freeze(desk)
    work(desk, 4, {5: ("failed", "refused"), 6: ("unknown", "cut"), 7: ("skipped", "left")})
    page = site.ask("/editions/1/sending").text
    shown = words_of(page)
    assert "87 % of 8 Sent 4 Waiting 0 In hand 1 Deferred 0 Failed 1 Unknown 1 Skipped 1" in shown
    assert "the mailbox does not exist or takes no mail" in shown
    mails = site.ask("/editions/1/sending/mails?state=failed&reason=refused").text
    assert "subscriber4@example.net" in mails
    assert "&lt;script&gt;alert(2)" in mails
    assert "<script>alert" not in page + mails
    assert site.ask("/editions/1/sending/mails?state=sent").status == 404


@pytest.mark.parametrize(
    ("way", "sent", "state"),
    [("sent", 5, "finished"), ("lost", 4, "finished"), ("resend", 4, "sending")],
)
def test_unknown_mails_are_settled_with_their_number_typed(
    desk: Desk, site: Site, way: str, sent: int, state: str
) -> None:
    freeze(desk)
    others = dict.fromkeys((5, 6, 7), ("failed", "refused"))
    work(desk, 4, {**others, 8: ("unknown", "cut")})
    with desk.app.database.write() as connection:
        assert close_edition(connection, 1, now=utc_now())
    page = site.ask("/editions/1/sending").text
    assert all(word in page for word in ("Send again", "Count as sent", "Count as failed"))
    refused = post(site, "/editions/1/sending/resolve", way=way, confirm="3")
    assert (refused.status, "Nothing was changed" in refused.text) == (422, True)
    assert post(site, "/editions/1/sending/resolve", way=way, confirm="1").status == 303
    assert desk.edition().state == state
    shown = words_of(site.ask("/editions/1/sending").text)
    assert f"Sent {sent} Waiting {int(way == 'resend')}" in shown


def test_watching_sends_the_changing_part_until_the_state_changes(desk: Desk, site: Site) -> None:
    freeze(desk)
    work(desk, 4, {})
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request("GET", "/editions/1/sending/events?state=sending")
    answer = connection.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")
    read = ""
    while "\n\n" not in read.partition("event: progress")[2]:
        read += answer.readline().decode()
    assert "50 %" in read
    assert "<html" not in read
    desk.app.newsroom.newsletter("weekly").pause(1, "a look", by=_ANN)
    while "event: done" not in read:
        read += answer.readline().decode()
    connection.close()
    assert "event: done" in site.ask("/editions/1/sending/events?state=draft").text


# --- people and files -----------------------------------------------------------------------------


def test_an_address_shows_what_was_sent_to_it_and_what_the_server_said(
    desk: Desk, site: Site
) -> None:
    freeze(desk)
    work(desk, 4, {5: ("failed", "refused")})
    found = post(site, "/report/mails", address=" subscriber4@example.net ")
    assert (found.status, found.headers["location"]) == (303, "/report/mails/5")
    page = words_of(site.ask("/report/mails/5").text)
    assert "weekly No. 1" in page
    assert "550 5.1.1" in page
    assert "It was not delivered" in page
    assert site.ask("/report/mails/99").status == 404
    nobody = post(site, "/report/mails", address="nobody@example.net")
    assert (nobody.status, "no subscriber" in nobody.text) == (422, True)
    for path in ("/editions/1/sending", "/editions/1/sending/mails?state=failed"):
        links = " ".join(re.findall(r'(?:href|action)="([^"]*)"', site.ask(path).text))
        assert "@" not in links
        assert "/report/mails" in links


def test_the_mails_of_one_person_have_as_many_pages_as_they_fill(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze(desk)
    work(desk, 8, {})
    desk.add_post("Another bridge")
    desk.compose()
    desk.run("approve", "2")
    (edition,) = desk.app.newsroom.find_sendable(edition=2, is_at_once=True)
    desk.app.newsroom.freeze(edition, by=_ANN, is_at_once=True)
    monkeypatch.setattr(report, "_MOST_MAILS", 1)
    newest = site.ask("/report/mails/5").text
    assert "weekly No. 2" in newest
    assert "weekly No. 1" not in newest
    oldest = site.ask("/report/mails/5?before=2").text
    assert 'href="/report/mails/5?before=2"' in newest
    assert "weekly No. 1" in oldest
    assert "Older mails" not in oldest, "a page that is just full is the last"


def test_only_the_right_people_shows_subscribers_and_what_servers_said_of_them(desk: Desk) -> None:
    freeze(desk)
    work(desk, 4, {5: ("failed", "refused"), 6: ("unknown", "cut")})
    app = desk.app
    with app.database.write() as connection:
        connection.execute(update(deliveries).values(reply_text="no subscriber4@example.net here"))
    for role in (Role.VIEWER, Role.EDITOR, Role.OPS):
        add_account(app, role, role)
    with open_desk(app) as site:
        for role in (Role.VIEWER, Role.EDITOR, Role.OPS):
            visitor = Visitor(site)
            visitor.sign_in(role)
            is_seen = {path: "subscriber" in _addresses(visitor.ask(path).text) for path in _SHOWN}
            assert is_seen == dict.fromkeys(_SHOWN, role is Role.OPS), role
            closed = {path: visitor.ask(path).status for path in _CLOSED}
            assert closed == dict.fromkeys(_CLOSED, 200 if role is Role.OPS else 403), role
            mail = visitor.ask("/editions/1/preview?who=p5")
            assert mail.status == (403 if role is Role.VIEWER else 200), role
            find = visitor.post("/subscribers/find", q="subscriber")
            assert find.status == (200 if role is Role.OPS else 403)
            if role is not Role.OPS:
                assert "s…@example.net" in visitor.ask(_SHOWN[1]).text


_SHOWN = (
    "/editions/1/sending",
    "/editions/1/sending/mails?state=failed",
    "/editions/1/sending/mails.csv",
    "/subscribers",
)
_CLOSED = ("/subscribers/5", "/report/mails", "/report/mails/5")


def _addresses(page: str) -> str:
    return " ".join(re.findall(r"[\w.]+@[\w.]+", page))


def test_the_deliveries_are_a_file_that_no_spreadsheet_runs(desk: Desk, site: Site) -> None:
    freeze(desk)
    work(desk, 4, {5: ("failed", "refused")})
    answer = site.ask("/editions/1/sending/mails.csv")
    assert answer.headers["content-disposition"].endswith('"edition-1-deliveries.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 8
    assert {row["state"] for row in rows} == {"sent", "failed", "handing"}
    assert all(row["subject"].startswith("'=") for row in rows)
    assert rows[4]["code"] == "550"


def test_the_report_has_charts_tables_and_files(desk: Desk, site: Site) -> None:
    freeze(desk)
    work(desk, 8, {})
    with desk.app.database.write() as connection:
        close_edition(connection, 1, now=utc_now())
        today = utc_now().date()
        days = [
            ListDay(
                day=today - timedelta(days=3 - n),
                subscribers=8 + n,
                joined=n,
                left=1,
                complained=0,
                bounced=0,
            )
            for n in range(3)
        ]
        save_days(connection, "weekly", days)
    page = site.ask("/report").text
    assert page.count('role="img"') == 4
    assert page.count("<table") == 2
    assert "style=" not in page
    days_file = site.ask("/report/days.csv?newsletter=weekly").text.splitlines()
    assert days_file[0] == "day,subscribers,joined,left,complained,bounced"
    assert days_file[-1].endswith(",10,2,1,0,0")
    editions = list(
        csv.DictReader(io.StringIO(site.ask("/report/editions.csv?newsletter=weekly").text))
    )
    assert (editions[0]["sent"], editions[0]["failed"]) == ("8", "0")
    assert site.ask("/report?newsletter=other").status == 404


def test_a_test_mail_that_cannot_be_sent_says_why(desk: Desk, site: Site) -> None:
    page = site.ask("/editions/1/preview/test").text
    assert "tess@example.net" in page
    nobody = post(site, "/editions/1/preview/test")
    assert (nobody.status, "choose who gets" in nobody.text) == (422, True)
    down = post(site, "/editions/1/preview/test", to="tess@example.net")
    assert (down.status, "127.0.0.1:9" in down.text) == (422, True)


def test_each_page_makes_few_statements(desk: Desk, site: Site) -> None:
    freeze(desk)
    work(desk, 4, {5: ("failed", "refused"), 6: ("unknown", "cut")})
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.split()[0] not in ("BEGIN", "PRAGMA"):
            statements.append(statement)

    site.ask("/")  # the first page checks the schema
    event.listen(Engine, "before_cursor_execute", note)
    try:
        for path in (
            "/editions/1/sending",
            "/editions/1/sending/mails?state=failed",
            "/editions/1/preview/test",
            "/report",
            "/report/mails/5",
            "/report/webhooks",
        ):
            statements.clear()
            assert site.ask(path).status == 200
            assert 0 < len(statements) <= _MOST_STATEMENTS, (path, len(statements))
    finally:
        event.remove(Engine, "before_cursor_execute", note)

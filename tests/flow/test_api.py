"""The API as programs use it: tokens, editions, drafts, mails, subscribers, feeds, figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.app import App
from digest.models.admins import Right, Role
from digest.store.tables import api_tokens, audit
from digest.web.api.app import PREFIX
from tests.support.api_client import Program, make_token
from tests.support.desk_visitor import OPERATOR, Visitor, add_account, open_desk
from tests.support.desk_work import NOW, Desk
from tests.support.web_server import Site


@pytest.fixture
def work(tmp_path: Path) -> Desk:
    work = Desk.open(tmp_path, review="required")
    for title in ("A bridge is mended", "The library stays open", "A mill turns"):
        work.add_post(title)
    work.add_subscribers(5)
    work.compose()
    return work


@pytest.fixture
def site(work: Desk) -> Iterator[Site]:
    with open_desk(work.app) as site:
        yield site


@pytest.fixture
def editor(work: Desk, site: Site) -> Program:
    return Program(site, make_token(work.app, Role.APPROVER, "editing"))


@pytest.fixture
def ops(work: Desk, site: Site) -> Program:
    return Program(site, make_token(work.app, Role.OPS, "nightly"))


def audited(app: App) -> list[tuple[str, str, str]]:
    with app.database.read() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    return [(row.actor, row.token, row.action) for row in rows]


# --- tokens ---------------------------------------------------------------------------------------


def test_this_machine_needs_a_token_too_and_nothing_of_it_is_stored(work: Desk, site: Site) -> None:
    assert site.ask("/editions").status == 200
    assert Program(site).refused("/editions", "GET")[0] == 401
    page = Visitor(site)
    page.ask("/settings/tokens")
    shown = page.post("/settings/tokens", name="report", role="viewer", until="").text
    secret = shown.partition('value="digest_')[2].partition('"')[0]
    program = Program(site, f"digest_{secret}")
    assert program.get("/token")["rights"] == ["see"]
    assert secret not in "".join(work.dump())
    assert secret not in page.ask("/settings/tokens").text


def test_a_token_may_never_do_more_than_its_maker(work: Desk, site: Site) -> None:
    app = work.app
    add_account(app, "anna", Role.EDITOR)
    visitor = Visitor(site)
    visitor.sign_in("anna")
    assert "<option>ops</option>" not in visitor.ask("/settings/tokens").text
    refused = visitor.post("/settings/tokens", name="all", role="ops")
    assert refused.status == 422
    assert "may do more than you" in refused.text
    secret = make_token(app, Role.EDITOR, owner="anna")
    assert Program(site, secret).get("/token")["rights"] == [
        "change",
        "compose",
        "count",
        "open",
        "see",
        "test",
    ]
    app.newsroom.admins.set_role("anna", Role.VIEWER, by=OPERATOR)
    assert Program(site, secret).get("/token")["rights"] == ["see"]
    app.newsroom.admins.remove("anna", by=OPERATOR)
    assert Program(site, secret).ask("/token").status in (401, 403)


def test_an_admin_revokes_only_their_own_tokens(work: Desk, site: Site) -> None:
    app = work.app
    for name in ("anna", "ben"):
        add_account(app, name, Role.OPS)
    secret = make_token(app, Role.OPS, "mine", owner="anna")
    visitor = Visitor(site)
    visitor.sign_in("ben")
    assert "mine" not in visitor.ask("/settings/tokens").text
    assert visitor.post("/settings/tokens/1/revoke").status == 409
    assert Program(site, secret).ask("/token").status == 200
    owner = Visitor(site)
    owner.sign_in("anna")
    owner.ask("/settings/tokens")
    assert owner.post("/settings/tokens/1/revoke").status == 303
    assert Program(site, secret).ask("/token").status == 401


def test_the_terminal_makes_lists_and_revokes_tokens(work: Desk, site: Site) -> None:
    made = work.run("admin", "token", "add", "cron job", "--role", "viewer", "--json")
    secret = json.loads(made.out)["secret"]
    assert Program(site, secret).ask("/token").status == 200
    listed = work.run("admin", "token", "list")
    assert "cron job" in listed.out
    assert secret not in listed.out
    assert work.run("admin", "token", "add", "cron job", "--role", "viewer").code == 2
    over = work.run("admin", "token", "add", "x", "--role", "ops", "--until", "2020-01-01")
    assert (over.code, "this day is over" in over.err) == (2, True)
    assert work.run("admin", "token", "revoke", "cron job").code == 0
    assert Program(site, secret).ask("/token").status == 401


def test_a_token_ends_after_its_last_day(work: Desk) -> None:
    now = [NOW]
    app = App(work.app.config, clock=lambda: now[0])
    made = work.app.newsroom.admins.make_token(
        "short", Role.VIEWER, last_day=NOW.date(), owner="", rights=frozenset(Right), by=OPERATOR
    )
    with open_desk(app) as site:
        assert Program(site, made.secret).ask("/token").status == 200
        with app.database.read() as connection:
            used = connection.execute(select(api_tokens.c.used_at)).scalar_one()
        assert used is not None
        now[0] = NOW + timedelta(days=1, minutes=1)
        assert Program(site, made.secret).ask("/token").status == 401


def test_a_token_that_asks_too_often_waits(work: Desk) -> None:
    secret = make_token(work.app, Role.VIEWER)
    with open_desk(work.app, per_minute=3) as site:
        program = Program(site, secret)
        assert [program.ask("/token").status for _ in range(4)] == [200, 200, 200, 429]
        answer = program.ask("/token")
        assert 0 < int(answer.headers["retry-after"]) <= 20


def test_the_guards_before_the_api_answer_in_its_shape(site: Site, ops: Program) -> None:
    forwarded = ops.ask("/token", x_forwarded_for="192.0.2.7")
    assert (forwarded.status, forwarded.headers["content-type"]) == (
        403,
        "application/problem+json",
    )
    assert "digest admin add" in json.loads(forwarded.body)["do"]
    assert ops.refused("/subscribers", body=b"x" * 300_000)[0] == 413
    assert ops.refused("/nothing", "GET")[0] == 404
    assert ops.refused("/editions/x", "GET")[0] == 404
    assert ops.refused("/subscribers", body=b"{")[0] == 400
    assert ops.refused("/subscribers", body={"address": "a@b", "x": 1})[0] == 422
    assert site.ask(f"{PREFIX}/editions", headers={"host": "evil.example"}).status == 400


# --- editions -------------------------------------------------------------------------------------


def test_an_edition_is_changed_checked_approved_and_ordered(
    work: Desk, editor: Program, ops: Program
) -> None:
    draft = editor.get("/editions/1/choices")
    posts = [story["post_id"] for section in draft["sections"] for story in section["stories"]]
    changed = editor.post(
        "/editions/1/choices",
        version=draft["version"],
        subject="Bridges",
        rewrite=[{"post_id": posts[0], "what": "title", "text": "A better title"}],
    )
    assert changed["version"] > draft["version"]
    status, conflict = editor.refused(
        "/editions/1/choices", body={"version": draft["version"], "subject": "Mills"}
    )
    assert status == 409
    assert conflict["version"] == changed["version"]
    assert conflict["texts"] == [{"text": "Subject", "yours": "Mills", "theirs": "Bridges"}]
    undone = editor.post("/editions/1/undo", version=changed["version"])
    editor.post("/editions/1/redo", version=undone["version"])
    assert editor.get("/editions/1")["subject"] == "Bridges"

    checked = editor.post("/editions/1/check")
    assert (checked["subscribers"], checked["findings"]) == (5, [])
    assert editor.get("/editions/1/findings")["hash"] == checked["hash"]
    assert editor.get("/editions/1/variants")["total"] == 1
    wrong = {"hash": checked["hash"], "subscribers": 999}
    assert editor.refused("/editions/1/approve", body=wrong)[0] == 422
    editor.post("/editions/1/approve", hash=checked["hash"], subscribers=5)
    assert editor.get("/editions/1/review")["is_approved"]

    assert ops.refused("/editions/1/send", body={})[0] == 409  # its hour is ahead
    assert ops.post("/editions/1/send", now=True)["is_at_once"]
    ops.post("/editions/1/send/withdraw")
    assert ops.post("/editions/1/pause", reason="wait")["state"] == "paused"
    ops.post("/editions/1/resume")
    editor.post("/editions/1/withdraw")
    assert editor.refused("/editions/1/cancel", body={"number": 77})[0] == 422
    assert editor.post("/editions/1/cancel", number=1)["state"] == "cancelled"
    entries = editor.get("/editions/1/history")["entries"]
    assert ("anna", "nightly", "pause") in {(e["actor"], e["token"], e["action"]) for e in entries}
    assert ("anna", "editing", "approve") in audited(work.app)
    assert "anna (token nightly)" in work.run("status", "1").out


def test_a_preview_is_the_mail_of_a_stock_person_or_a_subscriber(
    editor: Program, ops: Program
) -> None:
    shown = editor.get("/editions/1/preview")
    assert "A bridge is mended" in shown["text"]
    assert shown["who"] == "everyone"
    message = editor.ask("/editions/1/preview.eml")
    assert message.headers["content-type"] == "message/rfc822"
    page = editor.ask("/editions/1/preview.html")
    assert "sandbox" in page.headers["content-security-policy"]
    who = ops.post("/editions/1/preview/find", address="subscriber2@example.net")["who"]
    assert "subscriber2@example.net" in json.dumps(ops.get("/editions/1/preview", who=who))
    assert editor.refused("/editions/1/preview?who=" + who, "GET")[0] == 403
    assert ops.refused("/editions/1/preview?who=nobody", "GET")[0] == 422
    assert ops.refused("/editions/9/preview", "GET")[0] == 404


def test_deliveries_come_in_pages_and_addresses_need_their_right(
    work: Desk, editor: Program, ops: Program
) -> None:
    assert work.run("approve", "1").code == 0
    assert work.send("1").code == 0
    seen, cursor = [], ""
    while True:
        page = ops.get("/editions/1/deliveries", limit=2, cursor=cursor)
        seen += [each["address"] for each in page["deliveries"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == [f"subscriber{number}@example.net" for number in range(5)]
    hidden = editor.get("/editions/1/deliveries")["deliveries"]
    assert {(each["address"], each["reply_text"]) for each in hidden} == {(None, None)}
    assert ops.get("/editions/1/deliveries", state="failed")["deliveries"] == []
    assert ops.refused("/editions/1/deliveries?cursor=e30", "GET")[0] == 422
    found = ops.post("/deliveries/find", address="subscriber1@example.net")
    assert [each["state"] for each in found["deliveries"]] == ["sent"]
    told = json.loads(work.run("deliveries", "subscriber1@example.net", "--json").out)
    names = set(found["deliveries"][0])
    assert names <= set(told["deliveries"][0])
    assert ops.get("/editions/1/sending")["deliveries"]["sent"] == 5
    assert ops.refused("/editions/1/resolve", body={"how": "resend", "unknown": 3})[0] == 409


# --- the others -----------------------------------------------------------------------------------


def test_subscribers_are_found_changed_and_erased(work: Desk, ops: Program) -> None:
    first = ops.get("/subscribers", limit=3)
    assert len(first["subscribers"]) == 3
    rest = ops.get("/subscribers", limit=3, cursor=first["next"])
    assert (len(rest["subscribers"]), rest["next"]) == (2, "")
    (found,) = ops.post("/subscribers/find", text="subscriber3@")["subscribers"]
    path = f"/subscribers/{found['id']}"
    changed = ops.post(f"{path}/preferences", newsletter="weekly", categories=["Sport"])
    assert changed["subscriptions"][0]["preferences"]["categories"] == ["Sport"]
    assert ops.post(path, name="Robin")["name"] == "Robin"
    ops.post(f"{path}/suppress", note="asked by telephone")
    assert ops.get(path)["suppressed"] == ["manual"]
    assert ops.post(f"{path}/unsuppress")["is_changed"]
    assert ops.post(f"{path}/leave")["is_changed"]
    assert ops.get(path)["subscriptions"][0]["state"] == "left"
    assert ops.get(f"{path}/export")["address"] == "subscriber3@example.net"
    assert ops.refused(f"{path}/erase", body={"address": "other@example.net"})[0] == 422
    ops.post(f"{path}/erase", address="subscriber3@example.net")
    assert ops.refused(path, "GET")[0] == 404
    assert ops.refused(f"{path}/leave")[0] == 404
    assert ops.post("/subscribers", address="new@example.net")["is_asked"]
    assert ops.refused("/subscribers", body={"address": "no address"})[0] == 422


def test_feeds_are_added_and_removed_in_the_file(work: Desk, ops: Program) -> None:
    (known,) = ops.get("/feeds")["feeds"]
    ops.post("/feeds", url="https://mill.example.org/feed", categories=["News"])
    assert "mill.example.org" in work.project.config.read_text("utf-8")
    again = {"url": "https://mill.example.org/feed", "categories": ["News"]}
    assert ops.refused("/feeds", body=again)[0] == 409
    added = [each for each in ops.get("/feeds")["feeds"] if each["name"] != known["name"]]
    ops.post(f"/feeds/{added[0]['name']}/remove")
    assert "mill.example.org" not in work.project.config.read_text("utf-8")
    assert ops.refused(f"/feeds/{'0' * 16}/try")[0] == 404


def test_plan_counts_and_report_are_read(ops: Program, editor: Program) -> None:
    assert ops.get("/plan", weeks=2)["editions"][0]["edition_id"] == 1
    assert ops.get("/counts")["people"] is None
    assert ops.post("/counts", newsletter="weekly")["newsletters"]["weekly"]["subscribers"] == 5
    assert ops.get("/counts")["newsletters"]["weekly"]["domains"]
    assert editor.get("/counts")["newsletters"]["weekly"]["domains"] is None
    assert ops.get("/reports/weekly")["newsletter"] == "weekly"
    assert ops.refused("/reports/other", "GET")[0] == 404

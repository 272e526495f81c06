"""The address that mail providers post to, over HTTP."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from digest.app import App
from digest.web.doors import public_door
from digest.web.guards import MAX_BODY_BYTES
from digest.web.public.app import create_public
from digest.web.public.hooks import MAX_HOOK_BYTES
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.suppression import find_reasons
from tests.support.desk_work import NOW, Desk
from tests.support.signing_up import HOST
from tests.support.web_server import Answer, Site, serving
from tests.support.webhooks import SECRET, basic

PATH = "/hooks/bounces/postmark"
ADDRESS = "subscriber0@example.net"


class Office:
    """A served installation with one webhook."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk.open(folder)
        config = self.desk.project.config
        hooks = f'\n[[bounces.webhooks]]\nprovider = "postmark"\nsecret = "{SECRET}"\n'
        config.write_text(config.read_text("utf-8") + hooks, "utf-8")
        loaded = App.load(config)
        self.app = App(loaded.config, clock=lambda: NOW, patience_s=0.1)
        self.site: Site | None = None

    def post(self, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        assert self.site is not None
        return self.site.ask(PATH, "POST", body, {**HOST, **(headers or {})})

    def reasons(self) -> tuple[str, ...]:
        with self.app.database.read() as connection:
            return find_reasons(
                connection, self.app.keys, parse_address(ADDRESS, allow_reserved=True)
            )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    with serving(create_public(public_door(office.app, office.app), PUBLIC)) as site:
        office.site = site
        yield office


def complaint(office: Office) -> bytes:
    """Send an edition; return a complaint with what Postmark knows from the mail's header."""
    office.desk.add_post("A bridge", "News", at=NOW - timedelta(hours=2))
    office.desk.add_subscribers(1)
    assert office.desk.run("compose").code == 0
    assert office.desk.send().code == 0
    (file,) = (office.desk.project.folder / "out").glob("**/*.eml")
    mail = message_from_bytes(file.read_bytes())
    told = {"RecordType": "SpamComplaint", "ID": 1, "Email": ADDRESS}
    return json.dumps(told | {"Metadata": {"delivery": mail["X-PM-Metadata-delivery"]}}).encode()


def test_a_complaint_is_answered_when_it_is_stored_and_not_while_the_database_is_locked(
    office: Office,
) -> None:
    body = complaint(office)
    assert office.post(body).status == 403
    assert office.post(b"[]", basic(SECRET)).status == 400
    holder = sqlite3.connect(office.app.database.name)
    holder.execute("BEGIN IMMEDIATE")
    answer = office.post(body, basic(SECRET))
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
    holder.close()
    assert office.reasons() == ()
    assert office.post(body, basic(SECRET)).status == 200
    assert office.reasons() == ("complained",)
    shown = office.desk.run("status", "1").out
    assert "reported as spam" in shown


def test_only_this_address_takes_large_bodies(office: Office) -> None:
    assert office.post(b"[" * MAX_HOOK_BYTES, basic(SECRET)).status == 400
    assert office.post(b"[" * (MAX_HOOK_BYTES + 1), basic(SECRET)).status == 413
    assert office.site is not None
    large = b"x" * (MAX_BODY_BYTES + 1)
    for path in ("/hooks", "/subscribe/weekly", "/unsubscribe"):
        assert office.site.ask(path, "POST", large, HOST).status == 413


def test_other_providers_and_methods_have_no_page(office: Office) -> None:
    assert office.site is not None
    assert office.site.ask("/hooks/bounces/ses", "POST", b"{}", HOST).status == 404
    assert office.site.ask(PATH, "GET", None, HOST).status == 405

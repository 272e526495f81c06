"""A newsletter that people sign up for: its pages, its post office, and a clock that tests set."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from digest.app import App
from digest.letter.printing.opened import open_message
from digest.models import Message
from digest.newsroom.post_office import PostOffice
from digest.newsroom.self_service.sign_ups import settle
from digest.web.doors import public_door
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.people import find_person, find_subscription
from subscribers.preferences import Person, Subscription
from subscribers.stamps import make_stamp
from tests.support.desk_work import NOW, Desk
from tests.support.life import Letterbox
from tests.support.web_server import Answer, Site, serving

HOST = {"host": "hill.example.org"}
FORM = {**HOST, "content-type": "application/x-www-form-urlencoded"}
_LINK = re.compile(r"https://hill\.example\.org(/c/\S+?)[\"\s<]")


@dataclass
class Hall:
    """One installation, whose mails go to a letterbox in memory."""

    desk: Desk
    app: App
    now: datetime = NOW
    letterbox: Letterbox = field(default_factory=Letterbox)
    #: Whether mails go to the configured relay instead.
    has_relay: bool = False
    site: Site | None = None

    @classmethod
    def open(cls, folder: Path, *, database: str = "") -> Hall:
        """Set up the newsletter `weekly`; the proxy at 127.0.0.1 is trusted."""
        desk = Desk.open(folder)
        config = desk.project.config
        text = config.read_text("utf-8")
        proxies = '\n[web]\ntrusted_proxies = ["127.0.0.1"]\n'
        config.write_text(text + proxies, "utf-8")
        if database:
            desk.project.change_config("sqlite:///digest.db", database)
        return cls(desk, App.load(config))

    def reload(self) -> None:
        """Read the configuration again."""
        self.app = App(App.load(self.desk.project.config).config, clock=lambda: self.now)
        if not self.has_relay:
            self.app.__dict__["open_mailer"] = lambda: self.letterbox

    @contextmanager
    def serving(self, *, port: int = 0) -> Iterator[Site]:
        """Serve the public pages; close the database at the end."""
        self.reload()
        with (
            closing(self.app.database),
            serving(create_public(public_door(self.app, self.app), PUBLIC), port=port) as site,
        ):
            self.site = site
            yield site

    def ask(self, path: str, method: str = "GET") -> Answer:
        """Ask for a page."""
        assert self.site is not None
        return self.site.ask(path, method, headers=HOST)

    def sign_up(
        self,
        email: str,
        *,
        network: str = "5.6.7.8",
        age_s: float | None = 60,
        newsletter: str = "weekly",
        **more: Any,
    ) -> Answer:
        """Send the form; `age_s` is the age of its stamp, None for an embedded form."""
        assert self.site is not None
        values: dict[str, Any] = {"email": email, **more}
        if age_s is not None:
            shown_at = self.now - timedelta(seconds=age_s)
            values["stamp"] = make_stamp(self.app.keys[0], newsletter, shown_at)
        body = urlencode(values, doseq=True).encode()
        headers = {**FORM, "x-forwarded-for": network}
        return self.site.ask(f"/subscribe/{newsletter}", "POST", body, headers)

    def call(self, body: object, *, network: str = "5.6.7.8", method: str = "POST") -> Answer:
        """Call the JSON endpoint."""
        assert self.site is not None
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**HOST, "x-forwarded-for": network, "origin": "https://shop.example.net"}
        return self.site.ask("/api/subscribe/weekly", method, sent, headers)

    def post(self) -> list[Message]:
        """Settle the sign-ups and send the notes; return the new mails."""
        before = len(self.letterbox.mails)
        settle(self.app)
        asyncio.run(PostOffice(self.app, asyncio.Event()).send_due())
        return self.letterbox.mails[before:]

    def confirm(self, path: str) -> Answer:
        """Press the button of the page that confirms."""
        return self.ask(path, "POST")

    def join(self, email: str, **more: Any) -> Answer:
        """Sign up and confirm; the mail that asks is the first that comes."""
        assert self.sign_up(email, **more).status == 200
        return self.confirm(link_of(self.post()[0]))

    def person(self, email: str) -> Person | None:
        """Return the person with an address."""
        with self.app.database.read() as connection:
            return find_person(connection, parse_address(email, allow_reserved=True))

    def subscription(self, email: str, newsletter: str = "weekly") -> Subscription | None:
        """Return the person's subscription."""
        person = self.person(email)
        with self.app.database.read() as connection:
            return find_subscription(connection, person.id, newsletter) if person else None


def link_of(mail: Message) -> str:
    """Return the path of the link that confirms."""
    found = _LINK.search(open_message(mail.content).html)
    assert found is not None
    return found[1]


def subject_of(mail: Message) -> str:
    """Return the subject."""
    return dict(open_message(mail.content).headers)["Subject"]

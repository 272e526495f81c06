"""The public pages over a real configuration and database, with the mails of their notes."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from digest.app import App
from digest.letter.printing.opened import open_message
from digest.models import Message, Reply
from digest.newsroom.post_office import PostOffice
from digest.sender.attempt import Attempt, Fate
from digest.web.doors import public_door
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.people import find_person, list_subscriptions
from subscribers.preferences import Person, Subscription
from subscribers.tokens import Link, LinkSigner, Purpose
from tests.support.desk_work import NOW, Desk
from tests.support.mailers import Mark, OneByOne
from tests.support.web_server import Answer, Site, serving

ADDRESS = "subscriber0@example.net"
FORM = {"content-type": "application/x-www-form-urlencoded"}
Fields = Sequence[tuple[str, str]]


class TakingMailer(OneByOne):
    """Takes every mail, or refuses it with an answer that repeats the address."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        #: Such as `550 5.1.1 <{}> is unknown`; empty: mails are taken.
        self.answer = ""

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        await mark()
        if self.answer:
            code, _, text = self.answer.format(message.recipient).partition(" ")
            fate = Fate.REFUSED if code.startswith("5") else Fate.TRANSIENT
            return Attempt(fate=fate, reply=Reply(code=int(code), text=text), relay="relay:25")
        self.taken.append(message)
        return Attempt(fate=Fate.SENT)


@dataclass
class Counter:
    """The pages of one installation, and its clock."""

    desk: Desk
    site: Site
    app: App
    now: datetime = NOW
    mailer: TakingMailer = field(default_factory=TakingMailer)

    def person(self, address: str = ADDRESS) -> Person | None:
        with self.app.database.read() as connection:
            return find_person(connection, parse_address(address, allow_reserved=True))

    def subscription(self, address: str = ADDRESS) -> Subscription:
        person = self.person(address)
        assert person is not None
        with self.app.database.read() as connection:
            return list_subscriptions(connection, person.id)[0]

    def token(self, purpose: Purpose = Purpose.PREFERENCES, *, number: int | None = None) -> str:
        person = self.person()
        assert person is not None
        link = Link(public_id=person.public_id, newsletter="weekly", number=number)
        return LinkSigner(self.app.keys[0]).sign(purpose, link)

    def show(self, path: str = "") -> Answer:
        return self.site.ask(path or f"/p/{self.token()}")

    def send(self, part: str = "", *fields: tuple[str, str]) -> Answer:
        """Send a form of the preferences page."""
        return self.send_to(f"/p/{self.token()}{part}", *fields)

    def send_to(self, path: str, *fields: tuple[str, str]) -> Answer:
        return self.site.ask(path, "POST", urlencode(fields).encode(), FORM)

    def mails(self) -> dict[str, str]:
        """Send the notes that are due; return the text of each by its recipient."""
        self.mailer.taken.clear()
        office = PostOffice(self.app, asyncio.Event())
        # A thread of its own, because a browser's test has an event loop in this one.
        worker = threading.Thread(target=lambda: asyncio.run(office.send_due()))
        worker.start()
        worker.join()
        return {each.recipient: open_message(each.content).text for each in self.mailer.taken}

    def rows(self, query: str) -> list[Any]:
        with sqlite3.connect(self.desk.project.database) as connection:
            return list(connection.execute(query))


def path_in(text: str, letter: str) -> str:
    """Return the path of the link of one kind in a mail's text."""
    found = re.search(rf"https?://[^/\s]+(/{letter}/\S+)", text)
    assert found is not None, text
    return found[1]


@contextmanager
def open_counter(
    folder: Path, *, settings: str = "", subscribers: int = 1, **chosen: Any
) -> Iterator[Counter]:
    """Serve the pages of a newsletter with subscribers.

    Args:
        folder: an empty folder.
        settings: lines to add to the newsletter's table in the configuration.
        subscribers: the number of subscribers.
        chosen: their preferences.
    """
    desk = Desk.open(folder)
    if settings:
        text = desk.project.config.read_text("utf-8")
        table = re.sub(r"(?m)^(schedule|categories) = .*$", "", text) + settings
        desk.project.config.write_text(table, "utf-8")
    desk.app.database.close()
    desk.add_subscribers(subscribers, **chosen)
    app = desk.app
    counter = Counter(desk=desk, site=Site(0), app=app)
    app.clock = lambda: counter.now
    app.__dict__["open_mailer"] = lambda: counter.mailer
    door = replace(public_door(app, app), base_url="http://127.0.0.1", clock=lambda: counter.now)
    with serving(create_public(door, PUBLIC)) as served:
        counter.site = served
        yield counter
    app.database.close()


#: A newsletter with two cadences, sent at the hour of each subscriber's own zone.
LOCAL = """
categories = ["News", "Sport"]
timezone = "Europe/Berlin"
deliver = "local"
cadences = { weekly = "Thu 07:00", monthly = "1st Mon 07:00" }
"""
#: The same, sent to all at the same moment.
TOGETHER = LOCAL.replace('deliver = "local"\n', "")


def days(count: int) -> timedelta:
    return timedelta(days=count)

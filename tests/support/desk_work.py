"""An editor's work in tests: posts and subscribers in a real database, commands run in-process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from digest.app import App
from digest.cli import app as command_line
from digest.errors import DigestError
from digest.models import Change, PostUpdate, StoredEdition
from digest.pipeline.compose import Draft, compose
from digest.store import editions, posts
from digest.text.links import url_key
from subscribers.addresses import parse_address
from subscribers.people import add_person, subscribe
from subscribers.preferences import Preferences, State, Subscription
from tests.support.feed_rows import open_feed
from tests.support.parsed import parsed_post
from tests.support.project import Project, Result, weekly_at

#: The present time, because commands run in this process read the clock.
NOW = datetime.now(UTC)
_FEED = "https://hill.example.org/feed"
_TWO_SECTIONS = 'categories = ["News", "Sport"]'


@dataclass(frozen=True)
class Desk:
    """One newsletter, `weekly`, with the sections News and Sport."""

    project: Project

    @classmethod
    def open(cls, folder: Path, *, review: str = "auto") -> Desk:
        """Set up an empty newsletter in a folder."""
        project = Project(folder)
        # The hour of the next edition is three days ahead.
        project.write_config(
            feed_url=_FEED, smtp_port=9, schedule=weekly_at(NOW + timedelta(days=3))
        )
        project.change_config('category = "News"', 'category = ["News", "Sport"]')
        project.change_config('categories = ["News"]', f'{_TWO_SECTIONS}\nreview = "{review}"')
        return cls(project)

    @property
    def app(self) -> App:
        """Return the configuration, as the file has it now."""
        return App.load(self.project.config)

    def add_post(self, title: str, category: str = "News", *, at: datetime = NOW) -> None:
        """Store a post that was first seen at this time."""
        self.add_posts((title,), category, at=at)

    def add_posts(
        self, titles: Iterable[str], category: str = "News", *, at: datetime = NOW
    ) -> None:
        """Store posts that were first seen at this time."""
        updates = tuple(_new_post(title, at) for title in titles)
        with self.app.database.write() as connection:
            feed_id = open_feed(connection, f"{_FEED}/{category}", now=at).id
            posts.save_posts(connection, feed_id, updates, (category,), now=at)

    def add_subscribers(self, count: int, *, first: int = 0, **chosen: Any) -> None:
        """Store confirmed subscribers: `subscriber0@example.net` and so on."""
        preferences = Preferences(**chosen)
        with self.app.database.write() as connection:
            for number in range(first, first + count):
                address = parse_address(f"subscriber{number}@example.net", allow_reserved=True)
                person = add_person(connection, address, name="", now=NOW)
                subscription = Subscription(
                    newsletter="weekly",
                    state=State.CONFIRMED,
                    joined_at=NOW - timedelta(days=30),
                    preferences=preferences,
                )
                subscribe(connection, person.id, subscription)

    def compose(self, *, now: datetime = NOW) -> Draft:
        """Compose or refresh the draft of the next slot."""
        app = self.app
        cadence = app.newsletter_of().cadence("")
        with app.database.read() as connection:
            slot = next(
                slot
                for slot in cadence.settings.coming_slots(now)
                if not editions.has_frozen_edition(
                    connection, "weekly", cadence.name, slot.local_at
                )
            )
        schedule = cadence.settings.schedule
        return compose(app.database, cadence.rules, schedule, now=now, slot=slot)

    def edition(self, edition_id: int = 1) -> StoredEdition:
        """Return an edition in its present state."""
        with self.app.database.read() as connection:
            found = editions.get_edition(connection, edition_id)
        assert found is not None
        return found

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """Run a command in this process; an error that ends it is the last line of `err`."""
        command = ["--config", str(self.project.config), *arguments]
        done = CliRunner().invoke(command_line, command, input=stdin)
        if isinstance(done.exception, DigestError):
            return Result(
                code=int(done.exception.exit_code), out=done.stdout, err=str(done.exception)
            )
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Result(code=done.exit_code, out=done.stdout, err=done.stderr)

    def send(self, *arguments: str) -> Result:
        """Send into a folder, before the edition's hour."""
        return self.run("send", "--now", "--outbox", str(self.project.folder / "out"), *arguments)

    def dump(self) -> list[str]:
        """Return the whole database as text."""
        connection = sqlite3.connect(self.project.database)
        try:
            return list(connection.iterdump())
        finally:
            connection.close()


def _new_post(title: str, at: datetime) -> PostUpdate:
    url = f"https://hill.example.org/{title.replace(' ', '-')}/"
    parsed = parsed_post(guid=title, url=url, title=title, published_at=at)
    return PostUpdate(
        change=Change.NEW, post_id=None, parsed=parsed, url_key=url_key(url), content_hash=title
    )

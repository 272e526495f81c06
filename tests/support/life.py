"""A newsletter with a clock that the test sets: real store and letters, no sockets."""

# ruff: noqa: ARG002 - a double takes what the real one takes
from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import cached_property
from pathlib import Path

from sqlalchemy import insert, select

from digest.app import App
from digest.errors import FeedError
from digest.models import (
    CollectReport,
    Document,
    FeedOutcome,
    FeedSource,
    Fetched,
    Message,
    ParsedFeed,
    ParsedPost,
    Validators,
)
from digest.newsroom.context import Alerts, ReadFeeds, RunContext
from digest.newsroom.service.dispatch import dispatch
from digest.newsroom.service.poll import poll
from digest.newsroom.service.tick import tick
from digest.pipeline.collect import collect
from digest.sender.attempt import Attempt, Fate
from digest.sender.work import Mailer
from digest.store.tables import editions, notices, slots
from subscribers.tables import people, subscriptions
from tests.support.databases import database_url
from tests.support.mailers import Mark, OneByOne
from tests.support.parsed import parsed_feed, parsed_post
from tests.support.project import Project
from tests.support.quiet import QuietSurroundings

#: A Thursday, four days before the first slot.
START = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
#: Monday at seven.
SLOT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
TICK = timedelta(minutes=10)
#: The hours around the slots.
_MORNING, _NOON = 5, 11
#: The time between posts; in five weeks fewer than a section may show.
EVERY = timedelta(hours=36)
WEEKLY = 'schedule = "Mon 07:00"'
_STORY = re.compile(r"Story (\d+)\b")


@dataclass
class Paper(QuietSurroundings):
    """A feed in memory: two posts in three days, titled by their numbers."""

    start: datetime
    is_down: bool = False
    asked: int = 0

    def count(self, now: datetime) -> int:
        """Return the number of posts."""
        return max(0, (now - self.start) // EVERY)

    async def get(
        self, url: str, validators: Validators, *, named_by: str = "", json: bytes | None = None
    ) -> Fetched:
        """Answer a request; every answer is a new document."""
        self.asked += 1
        if self.is_down:
            raise FeedError(url, "no answer", transient=True)
        body = str(self.asked).encode()
        return Fetched(url=url, status=200, body=body, content_type="", validators=validators)

    async def read_feed(self, document: Document, now: datetime) -> ParsedFeed:
        """Return the posts until now."""
        return parsed_feed(*map(self._post, range(self.count(now))))

    def _post(self, number: int) -> ParsedPost:
        return parsed_post(
            guid=f"post-{number}",
            url=f"https://hill.example.org/{number}/",
            title=f"Story {number} of the bridge on the hill",
            published_at=self.start + number * EVERY,
        )


@dataclass
class Letterbox(OneByOne):
    """A mailer that accepts every mail without a connection, and may call a function for each."""

    mails: list[Message] = field(default_factory=list)

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Accept one mail."""
        if not await mark():
            return Attempt(fate=Fate.SKIPPED)
        self.mails.append(message)
        return Attempt(fate=Fate.SENT)

    def stories(self, recipient: str) -> Counter[int]:
        """Return the number of stories in each mail of one subscriber."""
        mails = (mail for mail in self.mails if mail.recipient == recipient)
        return Counter(story for mail in mails for story in set(_stories(mail)))

    def per_subscriber(self) -> Counter[str]:
        """Count the mails by subscriber."""
        return Counter(mail.recipient for mail in self.mails)


def _stories(mail: Message) -> Iterable[int]:
    parsed = message_from_bytes(mail.content, policy=policy.default)
    part = parsed.get_body(("plain",))
    assert part is not None
    words = " ".join(part.get_content().split())
    return map(int, _STORY.findall(words))


class LivingApp(App):
    """The wiring, except the clock and everything that would leave this process."""

    def __init__(self, life: Life) -> None:
        super().__init__(life.app.config, clock=lambda: life.now)
        self._life = life

    @property
    def read_feeds(self) -> ReadFeeds:
        return self._read

    @property
    def alerts(self) -> Alerts:
        return replace(super().alerts, recipients=("ops@example.org",))

    @cached_property
    def open_mailer(self) -> Callable[[], Mailer]:
        return lambda: self._life.letterbox

    async def _read(
        self,
        sources: tuple[FeedSource, ...],
        now: datetime,
        *,
        on_progress: Callable[[FeedOutcome], None] = lambda _: None,
        is_forced: bool = False,
    ) -> CollectReport:
        paper = self._life.paper
        return await collect(
            self.database,
            paper,
            paper,
            sources,
            now=now,
            on_progress=on_progress,
            is_forced=is_forced,
        )


class Life:
    """One database, one feed, some subscribers, and the time."""

    def __init__(
        self,
        folder: Path,
        *,
        subscribers: int = 2,
        config: str = WEEKLY,
        engine: str = "sqlite",
    ) -> None:
        project = Project(folder)
        project.write_config(
            feed_url="https://hill.example.org/feed",
            smtp_port=1,
            connections=1,
            database=database_url(engine, folder),
            schedule="Mon 07:00",
        )
        project.change_config(WEEKLY, f"{config}\nmax_posts_per_category = 25")
        self.now = START
        self.paper = Paper(START)
        self.letterbox = Letterbox()
        self.app = App.load(project.config)
        self.context: RunContext = self.another_world()
        self._add_subscribers(subscribers)

    def close(self) -> None:
        """Close the connections, which a server counts."""
        self.context.database.close()
        self.app.database.close()

    def another_world(self) -> RunContext:
        """Return the objects of a further process on the same database."""
        return LivingApp(self)

    async def look(self, context: RunContext | None = None) -> None:
        """Run every job of a process once."""
        await poll(context or self.context, self.now)
        await tick(context or self.context, self.now)
        await dispatch(context or self.context, stop=asyncio.Event())

    async def run_until(self, end: datetime, *, step: timedelta = TICK) -> None:
        """Run until this time."""
        while self.now < end:
            await self.look()
            self.now = min(end, self.now + step)
        await self.look()

    async def live_until(self, end: datetime) -> None:
        """Run until this time: each hour around seven, when slots come, else every four hours."""
        while self.now < end:
            await self.look()
            self.now = min(end, self.now + self._pause())
        await self.look()

    def _pause(self) -> timedelta:
        if _MORNING <= self.now.hour < _NOON:
            return timedelta(hours=1)
        morning = self.now.replace(hour=_MORNING, minute=0, second=0)
        morning += timedelta(days=self.now >= morning)
        return min(timedelta(hours=4), morning - self.now)

    def slot_states(self) -> dict[str, str]:
        """Return the state of each slot, by its name."""
        with self.context.database.read() as connection:
            rows = connection.execute(select(slots.c.local_at, slots.c.state)).all()
        return {row.local_at: row.state for row in rows}

    def edition_states(self) -> list[str]:
        """Return the states of the editions, oldest first."""
        with self.context.database.read() as connection:
            found = connection.execute(select(editions.c.state).order_by(editions.c.id))
            return list(found.scalars())

    def told(self) -> list[str]:
        """Return the keys of the notices, oldest first."""
        with self.context.database.read() as connection:
            return list(connection.scalars(select(notices.c.key).order_by(notices.c.id)))

    def _add_subscribers(self, count: int) -> None:
        with self.context.database.write() as connection:
            for number in range(1, count + 1):
                address = f"subscriber{number}@example.net"
                person = {"id": number, "public_id": f"p{number}", "address": address}
                connection.execute(
                    insert(people).values(**person, address_key=address, created_at=START)
                )
                connection.execute(
                    insert(subscriptions).values(
                        person_id=number,
                        newsletter="weekly",
                        state="confirmed",
                        joined_at=START,
                    )
                )

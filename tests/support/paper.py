"""A newsletter without sockets: real store, real steps, and a clock that is a value."""

# ruff: noqa: ARG002 - a double takes what the real one takes

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from json import dumps
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from digest.composer.rules import Rules
from digest.errors import NothingToDo
from digest.letter.checks.lint_context import Present
from digest.letter.letter import Letter
from digest.letter.printing.message import PlaceMarks, compile_letter
from digest.letter.writer import LetterWriter
from digest.models import (
    Document,
    Edition,
    EditionState,
    FeedSource,
    Fetched,
    Masthead,
    Message,
    ParsedFeed,
    ParsedPost,
    Reply,
    Slot,
    StoredEdition,
    Validators,
    Variant,
)
from digest.pipeline.audience import AudienceRule
from digest.pipeline.collect import collect
from digest.pipeline.compose import compose
from digest.pipeline.deliver import deliver
from digest.pipeline.freeze import freeze
from digest.scheduler.slots import Schedule, parse_schedule
from digest.sender.attempt import Attempt, Fate
from digest.sender.relay import Relay
from digest.sender.relays import Relays
from digest.store import approvals, editions
from digest.store.engine import Database
from digest.store.tables import deliveries
from subscribers.addresses import parse_address
from subscribers.people import add_person, find_subscription, subscribe
from subscribers.preferences import Preferences, State, Subscription
from subscribers.segments import EVERYBODY
from subscribers.tables import people
from tests.support.mailers import Mark, OneByOne
from tests.support.quiet import QuietSurroundings
from tests.support.samples import sample_facts, sample_identity, sample_renderer, sample_site
from tests.support.subscriptions import put_subscription

NAME = "paper"
SECTIONS = ("News", "Security", "Culture")
FEEDS = {
    "https://paper.example/news": ("News",),
    "https://paper.example/security": ("Security",),
    "https://paper.example/culture": ("Culture",),
    "https://paper.example/review": ("News", "Culture"),
}
SCHEDULES = {
    "weekly": parse_schedule("Mon 07:00"),
    "daily": parse_schedule("daily 07:00"),
    "monthly": parse_schedule("1st Mon 07:00"),
}
KEYS = ("a key that is long enough",)
#: The number of posts in a feed's document.
_DOCUMENT = 12
_TOLD = re.compile(rb"\[\[(\S+)\]\]")


class LightWriter(LetterWriter):
    """Writes letters with only the names of their posts, because a real one takes 40 ms."""

    def write(self, edition: Edition, variant: Variant, present: Present | None = None) -> Letter:
        """Return a letter that names each post, also those under "and N more"."""
        lead = (variant.lead,) if variant.lead else ()
        filed = [
            story
            for section in variant.sections
            for story in section.stories + section.titles + section.more
        ]
        text = "".join(f"[[{story.title}]]\n" for story in (*lead, *filed))
        marks = PlaceMarks(seed=f"{len(text):016x}")
        pieces = compile_letter(
            subject=variant.subject,
            html="<p>",
            text=text,
            edition=edition,
            facts=self.facts,
            marks=marks,
        )
        return Letter(
            variant=variant,
            subject=variant.subject,
            preheader=variant.preheader,
            html="",
            text=text,
            pieces=pieces,
            findings=(),
        )


@dataclass(frozen=True, kw_only=True)
class Mailed:
    """One attempt that reached a mailbox: the edition, the subscriber, the text and the outcome."""

    edition_id: int
    subscriber: str
    posts: tuple[str, ...]
    fate: Fate


class Post(OneByOne):
    """Mailboxes that each accept, refuse, defer or do not answer."""

    def __init__(self) -> None:
        self.moods: dict[str, Fate] = {}
        self.tries: list[tuple[str, bytes, Fate]] = []

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Answer a message as the mailbox is set."""
        fate = self.moods.get(message.recipient, Fate.SENT)
        if fate in (Fate.SENT, Fate.UNKNOWN) and not await mark():
            return Attempt(fate=Fate.SKIPPED)
        self.tries.append((message.recipient, message.content, fate))
        return Attempt(fate=fate, reply=Reply(code=250, text=fate))


@dataclass
class Documents(QuietSurroundings):
    """The content of the feeds; serves both as fetcher and as parser."""

    posts: dict[str, list[ParsedPost]] = field(default_factory=lambda: {url: [] for url in FEEDS})

    def publish(self, url: str, name: str, published_at: datetime, random: Random) -> None:
        """Add a post to a feed, anywhere in its document."""
        post = ParsedPost(
            guid=f"guid-{name}",
            url=f"https://paper.example/{name}",
            title=name,
            author="",
            feed_categories=(),
            published_raw="",
            published_at=published_at,
            summary_html=f"<p>{name} has been told in as few words as there are.</p>",
            content_html="",
        )
        document = self.posts[url]
        if all(known.guid != post.guid for known in document):
            document.insert(random.randint(0, len(document)), post)

    async def get(
        self, url: str, validators: Validators, *, named_by: str = "", json: bytes | None = None
    ) -> Fetched:
        """Return a feed's document, as the names of its posts; a post's page has none."""
        body = dumps([post.guid for post in self.posts.get(url, ())]).encode()
        return Fetched(url=url, status=200, body=body, content_type="", validators=validators)

    async def read_feed(self, document: Document, now: datetime) -> ParsedFeed:
        """Read the document."""
        return ParsedFeed(
            title="",
            site_url="",
            language="",
            format="rss20",
            posts=tuple(self.posts[document.url]),
        )

    def trim(self) -> None:
        """Remove the oldest posts of each document, as feeds do."""
        for url, document in self.posts.items():
            newest = sorted(document, key=lambda post: str(post.published_at))[-_DOCUMENT:]
            self.posts[url] = [post for post in document if post in newest]


class Paper:
    """One newsletter with three cadences; `now` is set by the test."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.now = now
        self.database = database
        self.documents = Documents()
        self.mail = Post()
        #: The part of the subscribers that the newsletter is for.
        self.segment = EVERYBODY
        self.writer = LightWriter(
            site=sample_site(),
            renderer=sample_renderer(),
            facts=sample_facts(),
            identity=replace(sample_identity(), sender="digest@paper.example"),
        )
        self._people: dict[str, int] = {}

    # --- subscribers ------------------------------------------------------------------------------

    def join(self, name: str, sections: tuple[str, ...], cadence: str, seen: int | None) -> None:
        """Add a new subscriber."""
        address = parse_address(f"{name}@example.org", allow_reserved=True)
        chosen = Preferences(categories=sections, cadence=cadence)
        with self.database.write() as connection:
            person = add_person(connection, address, name="", now=self.now)
            self._people[name] = person.id
            subscription = Subscription(
                newsletter=NAME,
                state=State.CONFIRMED,
                joined_at=self.now,
                preferences=chosen,
                seen_seq=seen,
            )
            subscribe(connection, person.id, subscription)

    def change(self, name: str, **wishes: Any) -> None:
        """Change a subscriber's choices."""
        self._change(name, lambda s: replace(s, preferences=replace(s.preferences, **wishes)))

    def set_state(self, name: str, state: State) -> None:
        """Let a subscriber leave, or come back."""
        self._change(name, lambda s: replace(s, state=state))

    def _change(self, name: str, change: Callable[[Subscription], Subscription]) -> None:
        with self.database.write() as connection:
            found = find_subscription(connection, self._people[name], NAME)
            assert found is not None
            put_subscription(connection, self._people[name], change(found))

    # --- the steps --------------------------------------------------------------------------------

    def collect(self) -> None:
        """Read every feed."""
        sources = tuple(
            FeedSource(url=url, categories=names, has_comments=False)
            for url, names in FEEDS.items()
        )
        report = asyncio.run(
            collect(self.database, self.documents, self.documents, sources, now=self.now)
        )
        assert not report.failed

    def compose(self, cadence: str, slot: Slot) -> int | None:
        """Compose an edition; None if nothing is new."""
        with suppress(NothingToDo):
            return compose(
                self.database,
                rules_of(cadence),
                SCHEDULES[cadence],
                now=self.now,
                slot=slot,
                segment=self.segment,
            ).edition_id
        return None

    def stored(self, edition_id: int) -> StoredEdition:
        """Return an edition in its present state."""
        with self.database.read() as connection:
            found = editions.get_edition(connection, edition_id)
        assert found is not None
        return found

    def freeze(self, edition_id: int, *, local_at: str | None = None, **options: Any) -> int:
        """Freeze an edition; return how many subscribers get it."""
        with suppress(NothingToDo):
            return self.freeze_stored(self.stored(edition_id), local_at=local_at, **options)
        return 0

    def freeze_stored(
        self, stored: StoredEdition, *, local_at: str | None = None, **options: Any
    ) -> int:
        """Freeze an edition as it was stored."""
        audience = replace(audience_of(stored.cadence), local_at=local_at, segment=self.segment)
        return freeze(
            self.database, stored, self.writer, audience, keys=KEYS, now=self.now, **options
        )

    def cancel(self, edition_id: int) -> None:
        """Cancel the rest of an edition."""
        with self.database.write() as connection:
            approvals.cancel(connection, edition_id, now=self.now)

    def is_open(self, edition_id: int, subscriber: str) -> bool:
        """Return whether a subscriber's mail of an edition is to be tried again."""
        with self.database.read() as connection:
            found = connection.execute(
                select(deliveries.c.ended_at)
                .join_from(deliveries, people, people.c.id == deliveries.c.subscriber_id)
                .where(
                    deliveries.c.edition_id == edition_id,
                    people.c.address == f"{subscriber}@example.org",
                )
            ).scalar_one()
        return found is None

    def send(self) -> list[Mailed]:
        """Send the due mails; return each attempt."""
        mailed: list[Mailed] = []
        with self.database.read() as connection:
            under_way = [
                stored
                for stored in reversed(editions.list_editions(connection, NAME))
                if stored.state is EditionState.SENDING
            ]
        for stored in under_way:
            self.mail.tries.clear()
            asyncio.run(
                deliver(
                    self.database,
                    stored,
                    self.writer.identity,
                    keys=KEYS,
                    open_mailer=lambda: self.mail,
                    relays=Relays((Relay(host="mail.example.org", port=25),)),
                    max_age=timedelta(hours=24),
                    clock=lambda: self.now,
                )
            )
            mailed += [_mailed(stored.id, *each) for each in self.mail.tries]
        return mailed


def slot_at(schedule: Schedule, day: datetime) -> Slot | None:
    """Return the slot of a day at seven; None if the schedule has none then."""
    local = day.astimezone(ZoneInfo("UTC"))
    if not schedule.falls_on(local.date()):
        return None
    due_at = datetime(local.year, local.month, local.day, 7, tzinfo=UTC)
    return Slot(local_at=due_at.strftime("%Y-%m-%dT%H:%M"), due_at=due_at)


def _mailed(edition_id: int, address: str, content: bytes, fate: Fate) -> Mailed:
    posts = tuple(name.decode() for name in _TOLD.findall(content))
    return Mailed(
        edition_id=edition_id, subscriber=address.partition("@")[0], posts=posts, fate=fate
    )


def rules_of(cadence: str) -> Rules:
    """Return the rules of one cadence."""
    first, *_ = names = tuple(SCHEDULES)
    return Rules(
        newsletter=NAME,
        masthead=Masthead(title="The Paper", home_url="https://paper.example/"),
        cadence=cadence,
        is_first_cadence=cadence == first,
        other_cadences=tuple(name for name in names if name != cadence),
        timezone="UTC",
        language="en",
        categories=SECTIONS,
        max_posts_per_category=3,
    )


def audience_of(cadence: str) -> AudienceRule:
    """Return the audience of an edition of this cadence."""
    rules = rules_of(cadence)
    return AudienceRule(
        newsletter=NAME,
        cadence=cadence,
        is_first=rules.is_first_cadence,
        others=rules.other_cadences,
        max_window=timedelta(weeks=5),
        max_variants=500,
        local_at=None,
        timezone="UTC",
    )

"""The web pages with a real database of subscribers and with editions in memory."""

# ruff: noqa: ARG002 - a double takes what the real one takes
from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn, cast

from starlette.types import ASGIApp

from digest.errors import StoreError, UsageError
from digest.models import (
    Actor,
    AuditEntry,
    EditionState,
    Masthead,
)
from digest.models.admins import Recognised
from digest.newsroom import Newsroom
from digest.newsroom.context import RunContext
from digest.newsroom.desk.coming import Coming
from digest.newsroom.desk.history import History
from digest.newsroom.desk.home import Home, Need, Weight
from digest.newsroom.desk.rows import (
    EditionHead,
    EditionList,
    EditionRow,
)
from digest.newsroom.self_service.applying import FormKind, ReadForm, read_form
from digest.newsroom.self_service.choices import Form
from digest.newsroom.self_service.facts import CadenceFacts, NewsletterFacts
from digest.newsroom.self_service.returning import Leavers
from digest.newsroom.self_service.sign_ups import Application
from digest.resources import templates_dir
from digest.scheduler.slots import parse_schedule
from digest.store import tables as store_tables
from digest.store.engine import Database
from digest.web.desk.app import create_desk
from digest.web.desk.door import DeskDoor
from digest.web.desk.pages import DeskPages
from digest.web.public.door import PublicDoor
from digest.web.public.pages import PublicPages
from digest.web.routes import DESK
from digest.web.table import Route
from subscribers import tables
from subscribers.addresses import parse_address
from subscribers.leavings import LeaveJournal
from subscribers.people import add_person, find_subscription, subscribe
from subscribers.preferences import Preferences, State, Subscription
from subscribers.tokens import Link, LinkReader, LinkSigner, Purpose
from tests.support.samples import sample_site

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
KEYS = ("new-key", "old-key")
TITLE = "Heritage in <your> inbox"


def desk_pages() -> DeskPages:
    return DeskPages((templates_dir(),), paths=frozenset(route.path for route in DESK))


class NoAccounts:
    """The accounts of an installation that has none."""

    def recognise(self, token: str = "", *, proxied_name: str | None = None) -> Recognised:
        return Recognised(has_accounts=False)


def desk_showing(
    shown: object, routes: Sequence[Route] = DESK, api: Sequence[Route] = ()
) -> ASGIApp:
    """Return the desk, on this machine without accounts, with a double of what it shows."""
    newsroom = cast("Newsroom", SimpleNamespace(desk=shown, admins=NoAccounts()))
    return create_desk(
        DeskDoor(
            newsroom=newsroom, pages=desk_pages(), key=KEYS[0], operator=Actor(name="operator")
        ),
        routes,
        api,
    )


def public_pages(
    newsletters: Mapping[str, NewsletterFacts], base_url: str = "", *folders: Path
) -> PublicPages:
    return PublicPages(
        (*folders, templates_dir()), site="Heritage", newsletters=newsletters, base_url=base_url
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleStore:
    """One subscriber of two newsletters, in a file."""

    database: Database
    folder: Path
    public_id: str
    person_id: int

    @property
    def facts(self) -> dict[str, NewsletterFacts]:
        facts = NewsletterFacts(
            name="weekly",
            title=TITLE,
            cadences={
                "weekly": CadenceFacts(schedule=parse_schedule("Mon 07:00")),
                "daily": CadenceFacts(schedule=parse_schedule("daily 07:00")),
            },
            timezone="UTC",
            categories=("Economy", "Security <i>"),
            masthead=Masthead(title=TITLE),
        )
        return {"weekly": facts}

    @property
    def leavers(self) -> Leavers:
        return Leavers(lambda: self.database, self.journal, self.facts, lambda: NOW)

    @property
    def journal(self) -> LeaveJournal:
        return LeaveJournal(self.folder / "leaves.journal")

    @property
    def link(self) -> Link:
        return Link(public_id=self.public_id, newsletter="weekly")

    def token(self, purpose: Purpose, *, key: str = KEYS[0], newsletter: str = "weekly") -> str:
        number = 7 if purpose.is_numbered else None
        link = Link(public_id=self.public_id, newsletter=newsletter, number=number)
        return LinkSigner(key).sign(purpose, link)

    def subscription(self, newsletter: str = "weekly") -> Subscription:
        with self.database.read() as connection:
            found = find_subscription(connection, self.person_id, newsletter)
        assert found is not None
        return found

    def dump(self) -> list[str]:
        connection = sqlite3.connect(self.database.name)
        try:
            return list(connection.iterdump())
        finally:
            connection.close()


@contextmanager
def people_store(folder: Path) -> Iterator[PeopleStore]:
    database = Database(f"sqlite:///{folder / 'digest.db'}", busy_timeout_s=0.2)
    with database.write() as connection:
        tables.metadata.create_all(connection)
        store_tables.metadata.create_all(connection)
        person = add_person(connection, parse_address("ann@heritage.org"), name="Ann <b>", now=NOW)
        for newsletter in ("weekly", "monthly"):
            subscribe(
                connection,
                person.id,
                Subscription(
                    newsletter=newsletter,
                    state=State.CONFIRMED,
                    joined_at=NOW,
                    preferences=Preferences(categories=("Economy", "Security <i>")),
                ),
            )
    yield PeopleStore(
        database=database, folder=folder, public_id=person.public_id, person_id=person.id
    )
    database.close()


def public_door(store: PeopleStore, base_url: str = "http://127.0.0.1") -> PublicDoor:
    return PublicDoor(
        base_url=base_url,
        links=LinkReader(KEYS),
        signer=LinkSigner(KEYS[0]),
        leavers=store.leavers,
        web_view=lambda link: f"<p>edition {link.number}</p>" if link.number == 7 else None,
        pages=public_pages(store.facts, base_url),
        clock=lambda: NOW,
        archive=NoArchive(),
        context=context_of(store, store.database),
        sign_ups=QuietSignUps(store.facts),
    )


def context_of(store: PeopleStore, database: Database) -> RunContext:
    """Return a context with what the pages of one subscriber need."""
    context = SimpleNamespace(
        database=database,
        fields=(),
        newsletters=tuple(map(_newsletter_of, store.facts.values())),
        keys=KEYS,
        clock=lambda: NOW,
        is_development=False,
    )
    return cast("RunContext", context)


def _newsletter_of(facts: NewsletterFacts) -> SimpleNamespace:
    rules = SimpleNamespace(language=facts.language, masthead=facts.masthead)
    return SimpleNamespace(
        name=facts.name,
        title=facts.title,
        timezone=facts.timezone,
        categories=facts.categories,
        max_window=facts.max_window,
        writer=SimpleNamespace(site=sample_site()),
        cadences=[
            SimpleNamespace(name=name, settings=cadence, rules=rules)
            for name, cadence in facts.cadences.items()
        ],
    )


class NoArchive:
    """The archive where no newsletter has one."""

    newsletters: tuple[str, ...] = ()

    def list_editions(self, newsletter: str, *, cadence: str = "", page: int = 1) -> None:
        return None

    def show_edition(self, newsletter: str, number: int) -> None:
        return None


@dataclass(frozen=True, slots=True)
class QuietSignUps:
    """Shows the pages to sign up; `tests.support.signing_up` has those that work."""

    facts: Mapping[str, NewsletterFacts]

    @property
    def newsletters(self) -> tuple[NewsletterFacts, ...]:
        return tuple(self.facts.values())

    def find(self, newsletter: str) -> NewsletterFacts | None:
        return self.facts.get(newsletter)

    def newest(self, newsletter: str) -> None:
        return None

    def stamp(self, newsletter: str) -> str:
        return "stamp"

    def read(
        self, newsletter: NewsletterFacts, form: Form, kind: FormKind, *, network: str
    ) -> ReadForm:
        return read_form(form, newsletter, kind, network=network, keys=KEYS, now=NOW)

    def accept(self, application: Application) -> bool:
        return True

    def find_joining(self, link: Link) -> None:
        return None

    def join(self, link: Link) -> None:
        return None


class LockedDatabase(Database):
    """A database that another process has locked."""

    def read(self) -> NoReturn:
        raise StoreError(f"database {self.name}: locked by another process; try again later")

    write = read


def locked_leavers(store: PeopleStore, *, journal: LeaveJournal | None = None) -> Leavers:
    """Return the subscribers who leave while another process has locked the database."""
    return Leavers(lambda: locked_database(store), journal or store.journal, {}, lambda: NOW)


def locked_database(store: PeopleStore) -> LockedDatabase:
    return LockedDatabase(f"sqlite:///{store.folder / 'digest.db'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEditions:
    """Stored editions."""

    rows: tuple[EditionRow, ...]

    def home(self) -> Home:
        need = Need(
            weight=Weight.BAD,
            text=self.rows[0].subject if self.rows else "no edition",
            path="/plan",
            action="See the plan",
        )
        return Home(needs=(need,), coming=self.coming(4), last=self.rows[-1:])

    def coming(self, weeks: int) -> Coming:
        return Coming(editions=(), blocked=(), weeks=weeks)

    def history(self, edition_id: int) -> History:
        words = self.rows[0].subject
        entry = AuditEntry(at=NOW, actor=words, action="approve", detail=words)
        return History(head=self.head(edition_id), entries=(entry,))

    def list_editions(
        self, newsletter: str = "", *, before: int | None = None, after: int | None = None
    ) -> EditionList:
        return EditionList(rows=self.rows, newsletters=(), newsletter="", newer=None, older=None)

    def head(self, edition_id: int) -> EditionHead:
        for row in self.rows:
            if row.head.id == edition_id:
                return row.head
        raise UsageError(f"edition {edition_id}: does not exist; see `digest status`")


def held_editions(words: str = "") -> HeldEditions:
    """Return three editions, with `words` in every place that a feed or a commenter can fill."""
    head = EditionHead(
        id=3,
        newsletter=words or "The Lantern Weekly",
        name="weekly",
        cadence="weekly",
        number=113,
        state=EditionState.DRAFT,
        paused_reason="",
        slot="2026-11-27T07:00",
        due_at=datetime(2026, 11, 27, 12, 0, tzinfo=UTC),
        timezone="America/New_York",
        is_frozen=False,
    )
    first = EditionRow(
        head=head,
        subject=words or "Four councils, one night crew, and 7 more",
        story_count=8,
        older_count=2,
        size=64_200,
        error_count=1,
        warning_count=1,
        audience=11592,
        is_last_audience=True,
    )
    sending = replace(
        first,
        head=replace(head, id=2, number=112, state=EditionState.SENDING, is_frozen=True),
        error_count=0,
        older_count=0,
        is_last_audience=False,
    )
    paused = replace(
        sending,
        head=replace(
            head,
            id=1,
            number=111,
            state=EditionState.PAUSED,
            paused_reason=words or "too many failures",
            is_frozen=True,
        ),
        size=None,
        warning_count=0,
        story_count=1,
    )
    return HeldEditions(rows=(first, sending, paused))

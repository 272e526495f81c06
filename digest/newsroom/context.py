"""What the use cases work with: values and ways out, all passed in.

`digest.app` makes them from the configuration, each when it is first asked for; tests make their
own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from digest.composer.rules import Rules
    from digest.letter.notice import NoticeWriter
    from digest.letter.writer import LetterWriter
    from digest.models import CollectReport, FeedOutcome, FeedSource
    from digest.newsroom.observer import Observer
    from digest.pipeline.audience import AudienceRule
    from digest.readers.web.fetch import Fetcher
    from digest.scheduler.agenda import CadenceSettings
    from digest.sender.attempt import Mailer
    from digest.store.engine import Database
    from subscribers.leavings import LeaveJournal


#: The recipient that means the webhook of `Alerts`.
WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """One cadence of a newsletter."""

    settings: CadenceSettings
    rules: Rules

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self.settings.cadence


class NewsletterContext(Protocol):
    """One newsletter as configured."""

    @property
    def name(self) -> str:
        """Its name in the configuration."""

    @property
    def title(self) -> str:
        """Its name as printed."""

    @property
    def timezone(self) -> str:
        """IANA name."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Its sections, in order."""

    @property
    def is_reviewed(self) -> bool:
        """Whether an edition needs approval."""

    @property
    def cadences(self) -> tuple[Cadence, ...]:
        """The first is for new subscribers."""

    def cadence(self, name: str) -> Cadence:
        """Return the cadence of that name, the first for an empty name.

        Raises:
            UsageError: there is none.
        """

    def audience_of(self, cadence: str, local_at: str) -> AudienceRule:
        """Return who gets the edition of a slot, and when.

        Args:
            cadence: its name; one that is no longer configured has an audience too.
            local_at: the slot's wall clock, `2026-11-23T07:00`.
        """

    @property
    def writer(self) -> LetterWriter:
        """Writes and addresses its letters."""

    @property
    def preview_writer(self) -> LetterWriter:
        """Writes the letters of drafts that are looked at: with the poll, all else alike."""

    @property
    def feeds(self) -> frozenset[str]:
        """Addresses of the feeds that bring its posts."""

    @property
    def max_age(self) -> timedelta:
        """How long after its hour a mail is still tried."""

    @property
    def max_window(self) -> timedelta:
        """How far back a subscriber's window may reach."""

    @property
    def max_jump(self) -> float:
        """An audience that differs by more than this share from the last one's is held."""

    @property
    def approvers(self) -> tuple[str, ...]:
        """Addresses that are notified when an edition waits for approval."""


class RunContext(Protocol):
    """Everything around one database."""

    @property
    def database(self) -> Database:
        """The database, its schema checked."""

    def unopened_database(self) -> Database:
        """Return the database, neither opened nor checked; none is made."""

    @property
    def newsletters(self) -> tuple[NewsletterContext, ...]:
        """In the order of the configuration."""

    def newsletter_of(self, name: str) -> NewsletterContext:
        """Return the newsletter of that name; for an empty name, the only one.

        Raises:
            UsageError: there is none of that name, or there are several and none is named.
        """

    @property
    def sources(self) -> tuple[FeedSource, ...]:
        """The configured feeds."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The signing keys, newest first."""

    @property
    def is_development(self) -> bool:
        """Whether http, localhost and example domains pass."""

    def refuse_unsafe(self) -> None:
        """Hold every send that would sign its links with a key that everybody knows.

        Raises:
            Refused: the configuration still has the example's key.
        """

    @property
    def relay_problems(self) -> tuple[str, ...]:
        """What the configuration says against sending over its relays, one line each."""

    # --- ways in and out ------------------------------------------------------------------------

    @property
    def read_feeds(self) -> ReadFeeds:
        """Fetches feeds and stores what is new."""

    @property
    def open_fetcher(self) -> Callable[[], Fetcher]:
        """Opens the guarded way to the web; to be entered."""

    @property
    def open_mailer(self) -> Callable[[], Mailer]:
        """Opens one more connection to the relays each time it is called."""

    @property
    def connections(self) -> int:
        """Connections to the relays at once."""

    @property
    def observer(self) -> Observer:
        """Hears what happens."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """Returns the time, aware and in UTC."""

    @property
    def journal(self) -> LeaveJournal:
        """Keeps leavings that the database could not take."""

    # --- the service ----------------------------------------------------------------------------

    @property
    def alerts(self) -> Alerts:
        """Who is notified of what, and how."""

    @property
    def retention(self) -> Retention:
        """How long things are kept."""


class ReadFeeds(Protocol):
    """Fetches feeds and stores what is new; a feed that fails is in the report."""

    async def __call__(
        self,
        sources: tuple[FeedSource, ...],
        now: datetime,
        *,
        on_progress: Callable[[FeedOutcome], None] = ...,
        is_forced: bool = ...,
    ) -> CollectReport:
        """Fetch feeds.

        Args:
            sources: the feeds to fetch.
            now: the time; dates after it are not believed.
            on_progress: called after each feed.
            is_forced: also fetch feeds that are gone, or whose server asked for a pause.

        Raises:
            StoreError: the database cannot serve.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Who is notified when something needs a person."""

    #: Mail addresses, and `WEBHOOK`; empty: no person is notified.
    recipients: tuple[str, ...]
    #: Gets each notice as JSON; None: none is configured.
    webhook: str | None
    #: Is called after each tick that went well; None: none is configured.
    ping_url: str | None
    #: How long after its slot an edition that is not out is late.
    late_after: timedelta
    #: Writes the mails to these people.
    notice_writer: Callable[[], NoticeWriter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept."""

    #: The encoded mails of an edition, after it is finished.
    pieces: timedelta
    comments: timedelta

"""The context that is passed to the use cases: settings, the database, the fetcher, the mailer.

`digest.app` makes each part from the configuration when it is first needed; tests make their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from digest.scheduler.slots import shown_cadence

if TYPE_CHECKING:
    from pathlib import Path

    from digest.composer.rules import Rules
    from digest.letter.addresser import MailIdentity
    from digest.letter.note import NoteWriter
    from digest.letter.notice import NoticeWriter
    from digest.letter.writer import LetterWriter
    from digest.models import CollectReport, EventKind, FeedOutcome, FeedSource, Settings
    from digest.newsroom.feeds.file import FeedFile
    from digest.newsroom.observer import Observer
    from digest.pipeline.audience import AudienceRule
    from digest.pipeline.judging import Judge
    from digest.readers.web.fetch import Fetcher
    from digest.scheduler.agenda import CadenceSettings
    from digest.sender.canary import Canary
    from digest.sender.relays import Relays
    from digest.sender.work import Mailer
    from digest.store.engine import Database
    from subscribers.fields import Field
    from subscribers.leavings import LeaveJournal
    from subscribers.segments import Segment


#: The recipient that means the webhook of `Alerts`.
WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One webhook of the operator, which gets events."""

    url: str
    #: The key that signs them.
    secret: bytes
    events: tuple[EventKind, ...]
    #: Empty: all newsletters.
    newsletters: tuple[str, ...] = ()
    #: Whether its host may have an address inside this network.
    allow_private: bool = False

    @property
    def key(self) -> str:
        """Its name in the database, where the URL is not stored because it may be secret."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """One cadence of a newsletter."""

    settings: CadenceSettings
    rules: Rules

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self.settings.cadence

    @property
    def shown(self) -> str:
        """Its name for people; see `shown_cadence`."""
        return shown_cadence(self.name, self.settings.schedule)


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
        """Its cadences; the first is for new subscribers."""

    def cadence(self, name: str) -> Cadence:
        """Return the cadence of that name; for an empty name, the first.

        Raises:
            UsageError: the cadence does not exist.
        """

    @property
    def segment(self) -> Segment:
        """The part of its subscribers that it is for."""

    def audience_of(self, cadence: str, local_at: str) -> AudienceRule:
        """Return the audience rule of a slot's edition.

        Args:
            cadence: the cadence's name; it may be one that is no longer configured.
            local_at: the slot's wall clock, such as `2026-11-23T07:00`.
        """

    @property
    def identity(self) -> MailIdentity:
        """The sender of its mails, and the address of their links."""

    @property
    def writer(self) -> LetterWriter:
        """The writer of its letters."""

    @property
    def note_writer(self) -> NoteWriter:
        """The writer of mails to one subscriber outside an edition."""

    @property
    def has_welcome(self) -> bool:
        """Whether a new subscriber is mailed the newest edition."""

    @property
    def feeds(self) -> frozenset[str]:
        """Addresses of the feeds that bring its posts."""

    @property
    def max_age(self) -> timedelta:
        """The time after its due time in which a mail is still tried."""

    @property
    def max_window(self) -> timedelta:
        """The longest window of a subscriber."""

    @property
    def judge(self) -> Judge | None:
        """Its own judge of comments; None if it has none."""

    @property
    def max_jump(self) -> float:
        """The share by which an audience may differ from the last one; above it, a send stops."""

    @property
    def testers(self) -> tuple[str, ...]:
        """Addresses that the desk may send test mails to."""

    @property
    def approvers(self) -> tuple[str, ...]:
        """Addresses that are notified when an edition waits for approval."""


class RunContext(Protocol):
    """The context of one installation, with one database."""

    @property
    def database(self) -> Database:
        """The open database, with its schema checked."""

    def unopened_database(self) -> Database:
        """Return the database without opening, checking or creating it."""

    def other_database(self, url: str) -> Database:
        """Return another database, neither opened nor checked; its state file is in our folder."""

    @property
    def newsletters(self) -> tuple[NewsletterContext, ...]:
        """The configured newsletters, in order."""

    def newsletter_of(self, name: str) -> NewsletterContext:
        """Return the newsletter of that name; for an empty name, the only one.

        Raises:
            UsageError: the newsletter does not exist, or the name is empty and there are several.
        """

    @property
    def sources(self) -> tuple[FeedSource, ...]:
        """The configured feeds."""

    @property
    def feed_file(self) -> FeedFile:
        """The feeds of the configuration file, read again.

        Raises:
            ConfigError: the file cannot be used.
        """

    def describe_settings(self) -> Settings:
        """Return the configuration in force, each value with its origin and without secrets."""

    def has_edited_file(self) -> None:
        """Let the process use the configuration file that it has just changed."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The configured fields of subscribers, in order."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The signing keys, newest first."""

    @property
    def return_domain(self) -> str:
        """The domain of the return addresses that name a delivery; empty if none is configured."""

    @property
    def is_development(self) -> bool:
        """Whether http, localhost and example domains are allowed."""

    def refuse_unsafe(self) -> None:
        """Check that a send would not sign its links with a publicly known key.

        Raises:
            Refused: the configuration still has the example's key.
        """

    @property
    def relay_problems(self) -> tuple[str, ...]:
        """The reasons why the configured relays cannot be used, one line each."""

    # --- input and output -----------------------------------------------------------------------

    @property
    def read_feeds(self) -> ReadFeeds:
        """The function that fetches feeds and stores what is new."""

    @property
    def read_comments(self) -> ReadComments:
        """The function that reads the comments of posts again and stores what changed."""

    @property
    def open_fetcher(self) -> Callable[[], Fetcher]:
        """The function that returns a guarded web client, an async context manager."""

    def open_mailbox(self, source: str, path: Path | None) -> Iterable[bytes]:
        """Return the mails that came back, one at a time.

        Args:
            source: `pipe` (standard input), `maildir`, `mbox`, `imap` or `pop`; empty for the
                configured mailbox.
            path: the Maildir or the mbox file; None for the configured one.

        Raises:
            UsageError: the mailbox is not configured, or cannot be read.
            RelayError: the mail server cannot be read from.
        """

    @property
    def open_mailer(self) -> Callable[[], Mailer]:
        """The function that returns one more connection to the relays, not yet open."""

    @property
    def relays(self) -> Relays:
        """The state of its relays and of the recipients' domains."""

    @property
    def canary(self) -> Canary | None:
        """Rules that judge the first mails of an edition; None if they are not."""

    @property
    def observer(self) -> Observer:
        """The observer, which is called with every event."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The function that returns the time, aware and in UTC."""

    @property
    def journal(self) -> LeaveJournal:
        """The journal of unsubscriptions that could not be written to the database."""

    # --- the service ----------------------------------------------------------------------------

    @property
    def alerts(self) -> Alerts:
        """The recipients and channels of alerts."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The webhooks that get events."""

    @property
    def retention(self) -> Retention:
        """The retention of stored mails, comments and sign-ups."""

    @property
    def backups(self) -> Backups:
        """Where backups are stored, and how many."""


class ReadFeeds(Protocol):
    """Fetches feeds and stores what is new; failures are in the report."""

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
            now: the time; later dates in feeds are not believed.
            on_progress: a function that is called after each feed.
            is_forced: whether feeds that are gone, or whose server asked for a pause, are fetched.

        Raises:
            StoreError: the database cannot be used.
        """


class ReadComments(Protocol):
    """Reads the comments of posts again and stores what changed; what does not answer stays."""

    async def __call__(self, post_ids: Sequence[int], now: datetime) -> None:
        """Read comments.

        Args:
            post_ids: the posts.
            now: the time; later dates are not believed.

        Raises:
            StoreError: the database cannot be used.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """The recipients and channels of alerts."""

    #: Mail addresses, and `WEBHOOK`; empty if alerts are off.
    recipients: tuple[str, ...]
    #: Address that gets each notice as JSON; None if none is configured.
    webhook: str | None
    #: Address that is called after each successful tick; None if none is configured.
    ping_url: str | None
    #: How long after its slot an edition that was not sent counts as late.
    late_after: timedelta
    #: Returns the writer of the mails to the recipients.
    notice_writer: Callable[[], NoticeWriter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Where backups are stored, and how many."""

    folder: Path
    #: How many are kept.
    keep: int
    #: How often `digest run` makes one; None: it makes none.
    every: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The retention of stored mails, comments and sign-ups."""

    #: For the encoded mails of an edition, after it is finished.
    pieces: timedelta
    #: For comments, after they were first seen.
    comments: timedelta
    #: For sign-ups that nobody confirmed; their links work as long.
    unconfirmed: timedelta = timedelta(days=7)
    #: For keyed hashes of networks, and of addresses that sign-ups caused mails to.
    networks: timedelta = timedelta(days=30)

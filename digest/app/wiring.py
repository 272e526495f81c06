"""From one configuration to everything that the use cases work with, each made when first asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from digest.app import parts
from digest.config import EXAMPLE_KEY, Config, NewsletterConfig, load_config
from digest.errors import Refused, UsageError
from digest.newsroom import Newsroom
from digest.newsroom.context import WEBHOOK, Alerts, Retention
from digest.newsroom.observer import LogObserver, Observer
from digest.resources import templates_dir

if TYPE_CHECKING:
    from digest.app.feed_list import FeedList
    from digest.letter.writer import LetterWriter
    from digest.models import FeedSource
    from digest.newsroom.context import Cadence, ReadFeeds
    from digest.pipeline.audience import AudienceRule
    from digest.readers.web.fetch import Fetcher
    from digest.sender.attempt import Mailer
    from digest.store.engine import Database
    from subscribers.leavings import LeaveJournal

#: Names that stand for others in examples (RFC 2606 section 3).
_EXAMPLES = ("example.org", "example.com", "example.net")
#: How long a write waits for another writer.
PATIENCE_S = 30.0


def utc_now() -> datetime:
    """Return the time: the program's one clock, read by the doors and passed in from there."""
    return datetime.now(UTC)


class App:
    """The configuration as the newsroom's `RunContext`."""

    def __init__(
        self,
        config: Config,
        *,
        path: Path | None = None,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Take a configuration that was read.

        Args:
            config: the whole.
            path: the file it was read from.
            patience_s: how long a write waits for another writer of the database.
            clock: returns the time, aware and in UTC.
        """
        self.clock = clock
        self.config = config
        self.path = path
        self._patience_s = patience_s

    @classmethod
    def load(cls, path: Path, *, patience_s: float = PATIENCE_S) -> Self:
        """Read the configuration.

        Raises:
            ConfigError: it cannot be used.
        """
        return cls(load_config(path), path=path, patience_s=patience_s)

    @cached_property
    def newsroom(self) -> Newsroom:
        """The use cases."""
        return Newsroom(self)

    @cached_property
    def database(self) -> Database:
        """The database, its schema checked."""
        return parts.database.open_database(self.config, patience_s=self._patience_s)

    def unopened_database(self) -> Database:
        """Return the database, neither opened nor checked; none is made."""
        return parts.database.unopened_database(self.config, patience_s=self._patience_s)

    @cached_property
    def observer(self) -> Observer:
        """Hears what happens."""
        return LogObserver()

    @property
    def keys(self) -> tuple[str, ...]:
        """The signing keys, newest first."""
        return tuple(key.get_secret_value() for key in self.config.site.secret_keys)

    @property
    def is_development(self) -> bool:
        """Whether http, localhost and example domains pass."""
        return self.config.site.development

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for: the operator's folder, then the shipped one."""
        own = self.config.site.templates
        return (own, templates_dir()) if own else (templates_dir(),)

    # --- newsletters ----------------------------------------------------------------------------

    @cached_property
    def newsletters(self) -> tuple[ConfiguredNewsletter, ...]:
        """In the order of the configuration."""
        return tuple(ConfiguredNewsletter(self, each) for each in self.config.newsletters)

    def newsletter_of(self, name: str = "") -> ConfiguredNewsletter:
        """Return the newsletter of that name; for an empty name, the only one.

        Raises:
            UsageError: there is none of that name, or there are several and none is named.
        """
        known = {newsletter.name: newsletter for newsletter in self.newsletters}
        if not name and len(known) == 1:
            return self.newsletters[0]
        if name not in known:
            what = f"there is no newsletter {name!r}" if name else "there are several newsletters"
            raise UsageError(f"{what}; use --newsletter with one of: {', '.join(known)}")
        return known[name]

    def newsletter(self, name: str = "") -> NewsletterConfig:
        """Return the configuration of `newsletter_of(name)`."""
        return self.newsletter_of(name).config

    @property
    def relay_problems(self) -> tuple[str, ...]:
        """What the configuration says against sending over its relays, one line each."""
        return tuple(
            f"smtp: {relay.host} is the example's relay; name your own"
            for relay in self.config.smtp
            if relay.host.endswith(_EXAMPLES) and not self.is_development
        )

    # --- ways in and out ------------------------------------------------------------------------

    @cached_property
    def sources(self) -> tuple[FeedSource, ...]:
        """The configured feeds."""
        return parts.sources.feed_sources(self.config)

    @property
    def feed_list(self) -> FeedList:
        """The feeds of the configuration file, for the commands that change it."""
        return parts.feed_list.FeedList(self)

    @property
    def read_feeds(self) -> ReadFeeds:
        """Fetches feeds and stores what is new."""
        return partial(parts.reading.read_feeds, self)

    @property
    def open_fetcher(self) -> Callable[[], Fetcher]:
        """Opens the guarded way to the web; to be entered."""
        return partial(parts.reading.open_fetcher, self.config)

    @cached_property
    def open_mailer(self) -> Callable[[], Mailer]:
        """Opens one more connection to the relays each time it is called."""
        return parts.sending.mailers_of(self.config)

    @property
    def connections(self) -> int:
        """Connections to the relays at once."""
        return self.config.smtp[0].connections

    @property
    def journal(self) -> LeaveJournal:
        """Keeps leavings that the database could not take."""
        return parts.database.journal_of(self.config)

    @property
    def alerts(self) -> Alerts:
        """Who is notified of what, and how."""
        told = self.config.alerts
        return Alerts(
            recipients=(*told.email, *((WEBHOOK,) if told.webhook else ())),
            webhook=told.webhook,
            ping_url=told.ping_url,
            late_after=told.late_after,
            notice_writer=lambda: parts.printing.notice_writer_of(self),
        )

    @property
    def retention(self) -> Retention:
        """How long things are kept."""
        kept = self.config.retention
        return Retention(pieces=kept.pieces, comments=kept.comments)

    def check_letter_templates(self) -> None:
        """Read the templates of the letters.

        Raises:
            TemplateError: one of the operator's own cannot be read.
        """
        parts.printing.check_letter_templates(self.template_folders)

    def refuse_unsafe(self) -> None:
        """Hold every send that would sign its links with a key that everybody knows.

        Raises:
            Refused: the configuration still has the example's key.
        """
        if EXAMPLE_KEY in self.keys:
            raise Refused(
                "site.secret_keys holds the example's key: anybody could forge the links of these"
                " mails; put a random one in its place"
            )


class ConfiguredNewsletter:
    """A newsletter of the configuration as the newsroom's `NewsletterContext`."""

    def __init__(self, app: App, config: NewsletterConfig) -> None:
        self._app = app
        self.config = config

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self.config.name

    @property
    def title(self) -> str:
        """Its name as printed."""
        return self.config.title

    @property
    def timezone(self) -> str:
        """IANA name."""
        return self.config.timezone

    @property
    def categories(self) -> tuple[str, ...]:
        """Its sections, in order."""
        return self.config.categories

    @property
    def is_reviewed(self) -> bool:
        """Whether an edition needs approval."""
        return self.config.review == "required"

    @cached_property
    def cadences(self) -> tuple[Cadence, ...]:
        """The first is for new subscribers."""
        return parts.composing.cadences_of(self._app.config, self.config)

    def cadence(self, name: str) -> Cadence:
        """Return the cadence of that name, the first for an empty name.

        Raises:
            UsageError: there is none.
        """
        known = {cadence.name: cadence for cadence in self.cadences}
        if not name:
            return self.cadences[0]
        if name not in known:
            raise UsageError(f"{self.name} has no cadence {name!r}; it has {', '.join(known)}")
        return known[name]

    def audience_of(self, cadence: str, local_at: str) -> AudienceRule:
        """Return who gets the edition of a slot, and when."""
        return parts.composing.audience_of(self._app.config, self.config, cadence, local_at)

    @cached_property
    def writer(self) -> LetterWriter:
        """Writes and addresses its letters."""
        return parts.printing.letter_writer_of(self._app, self.config)

    @cached_property
    def preview_writer(self) -> LetterWriter:
        """Writes the letters of drafts that are looked at."""
        return parts.printing.preview_writer_of(self._app, self.config)

    @property
    def feeds(self) -> frozenset[str]:
        """Addresses of the feeds that bring its posts."""
        wanted = set(self.config.categories)
        return frozenset(feed.url for feed in self._app.config.feeds if feed.targets & wanted)

    @property
    def max_age(self) -> timedelta:
        """How long after its hour a mail is still tried."""
        return self.config.max_age

    @property
    def max_window(self) -> timedelta:
        """How far back a subscriber's window may reach."""
        return self.config.max_window

    @property
    def max_jump(self) -> float:
        """An audience that differs by more than this share from the last one's is held."""
        return self.config.max_audience_jump

    @property
    def approvers(self) -> tuple[str, ...]:
        """Addresses that are notified when an edition waits for approval."""
        return self.config.approvers

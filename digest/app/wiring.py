"""Builds everything that the use cases need from the configuration, each part on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from digest.app import parts
from digest.app.newsletter import ConfiguredNewsletter
from digest.config import EXAMPLE_KEY, Config, NewsletterConfig, load_config
from digest.config.webhooks import secret_bytes
from digest.errors import Missing, Refused, UsageError
from digest.newsroom import Newsroom
from digest.newsroom.context import WEBHOOK, Alerts, Backups, Endpoint, Retention
from digest.newsroom.observer import LogObserver, Observer, Observers
from digest.newsroom.tally import Tally
from digest.resources import templates_dir

if TYPE_CHECKING:
    from digest.app.feed_list import FeedList
    from digest.letter.printing.sign import DkimSigner
    from digest.models import FeedSource, Settings
    from digest.newsroom.context import ReadComments, ReadFeeds
    from digest.newsroom.hooks import Webhook
    from digest.readers.web.fetch import Fetcher
    from digest.sender.canary import Canary
    from digest.sender.relays import Relays
    from digest.sender.work import Mailer
    from digest.store.engine import Database
    from subscribers.fields import Field
    from subscribers.leavings import LeaveJournal

#: Domains reserved for examples (RFC 2606 section 3).
_EXAMPLES = ("example.org", "example.com", "example.net")
#: Seconds that a write waits for another writer.
PATIENCE_S = 30.0


def utc_now() -> datetime:
    """Return the time, aware and in UTC; the program's only clock, passed in by the doors."""
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
        """Keep a configuration.

        Args:
            config: the whole configuration.
            path: the file it was read from; None if it was not read from a file.
            patience_s: the seconds that a write waits for another writer of the database.
            clock: a function that returns the time, aware and in UTC.
        """
        self.clock = clock
        self.config = config
        self.path = path
        self._patience_s = patience_s
        #: Called after the desk has changed the configuration file; `digest run` reads it again.
        self.on_edit: Callable[[], object] = lambda: None

    @classmethod
    def load(cls, path: Path, *, patience_s: float = PATIENCE_S) -> Self:
        """Read the configuration from a file.

        Raises:
            ConfigError: the configuration cannot be used.
        """
        return cls(load_config(path), path=path, patience_s=patience_s)

    @cached_property
    def newsroom(self) -> Newsroom:
        """The use cases."""
        return Newsroom(self)

    @cached_property
    def database(self) -> Database:
        """The database, with its schema checked."""
        return parts.database.open_database(self.config, patience_s=self._patience_s)

    def unopened_database(self) -> Database:
        """Return the database, neither opened nor checked; never create one."""
        return parts.database.unopened_database(self.config, patience_s=self._patience_s)

    def other_database(self, url: str) -> Database:
        """Return another database, neither opened nor checked; its state file is in our folder."""
        return parts.database.other_database(self.config, url)

    @property
    def server_address(self) -> str:
        """The database's address for the queue of workers; empty for SQLite."""
        return self.unopened_database().server_address

    @cached_property
    def tally(self) -> Tally:
        """The counts of this process."""
        return Tally()

    @cached_property
    def observer(self) -> Observer:
        """Logs what happens, and counts it."""
        return Observers(LogObserver(), self.tally)

    @property
    def keys(self) -> tuple[str, ...]:
        """The signing keys, newest first."""
        return tuple(key.get_secret_value() for key in self.config.site.secret_keys)

    @property
    def return_domain(self) -> str:
        """The domain of the return addresses that name a delivery; empty if none is configured."""
        return self.config.bounces.domain or ""

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """The webhooks of mail providers."""
        return parts.bounces.webhooks_of(self.config.bounces)

    @property
    def is_development(self) -> bool:
        """Whether http, localhost and example domains are allowed."""
        return self.config.site.development

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """The folders with templates: the operator's, then the shipped one."""
        own = self.config.site.templates
        return (own, templates_dir()) if own else (templates_dir(),)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields of subscribers, in the order of the configuration."""
        return tuple(field.to_field() for field in self.config.fields)

    # --- newsletters ----------------------------------------------------------------------------

    @cached_property
    def newsletters(self) -> tuple[ConfiguredNewsletter, ...]:
        """The newsletters, in the order of the configuration."""
        return tuple(ConfiguredNewsletter(self, each) for each in self.config.newsletters)

    def newsletter_of(self, name: str = "") -> ConfiguredNewsletter:
        """Return the newsletter with a name; for an empty name, the only newsletter.

        Raises:
            UsageError: there is no such newsletter, or the name is empty and there are several.
        """
        known = {newsletter.name: newsletter for newsletter in self.newsletters}
        if not name and len(known) == 1:
            return self.newsletters[0]
        if name not in known:
            problem = (
                f"newsletter {name!r} does not exist"
                if name
                else "there is more than one newsletter"
            )
            error = Missing if name else UsageError
            raise error(f"{problem}; use --newsletter with one of: {', '.join(known)}")
        return known[name]

    def newsletter(self, name: str = "") -> NewsletterConfig:
        """Return the configuration of `newsletter_of(name)`."""
        return self.newsletter_of(name).config

    @property
    def relay_problems(self) -> tuple[str, ...]:
        """The reasons not to send over the configured relays, one line each."""
        return tuple(
            f"smtp: {relay.host} is the example's relay; use your own"
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
        """The feeds of the configuration file, for the commands that change them."""
        return parts.feed_list.FeedList(self)

    @property
    def feed_file(self) -> FeedList:
        """The feeds of the file as it is now, for the desk."""
        return parts.feed_list.FeedList.reread(self)

    def describe_settings(self) -> Settings:
        """Return the configuration in force, each value with its origin and without secrets."""
        return parts.settings.describe(self)

    def has_edited_file(self) -> None:
        """Let the process use the configuration file that it has just changed."""
        self.on_edit()

    @property
    def read_feeds(self) -> ReadFeeds:
        """Fetches feeds and stores new posts and comments."""
        return partial(parts.reading.read_feeds, self)

    @property
    def read_comments(self) -> ReadComments:
        """Reads the comments of posts again and stores what changed."""
        return partial(parts.reading.read_comments, self)

    @property
    def open_fetcher(self) -> Callable[[], Fetcher]:
        """Opens the guarded fetcher, to use with `async with`."""
        return partial(parts.reading.open_fetcher, self.config)

    def open_mailbox(self, source: str, path: Path | None) -> Iterable[bytes]:
        """Return the mails that came back: of the configured mailbox, or of another one."""
        return parts.bounces.open_mailbox(self.config.bounces, source, path, self.database)

    @cached_property
    def open_mailer(self) -> Callable[[], Mailer]:
        """Opens another connection to the relays on each call."""
        return parts.sending.mailers_of(self.relays)

    @cached_property
    def signer(self) -> DkimSigner:
        """Signs mails with the configured keys."""
        return parts.signing.signer_of(self.config)

    @cached_property
    def relays(self) -> Relays:
        """The state of its relays and of the recipients' domains."""
        return parts.sending.shared_relays(self.config)

    @property
    def canary(self) -> Canary | None:
        """Rules that judge the first mails of an edition; None if they are not."""
        return parts.sending.canary_of(self.config)

    def take_over(self, old: App) -> None:
        """Keep what was known before the configuration was read again, where it is the same."""
        self.relays.take_over(old.relays)
        self.__dict__["tally"] = old.tally

    @property
    def journal(self) -> LeaveJournal:
        """Keeps leavings while the database is not available."""
        return parts.database.journal_of(self.config)

    @property
    def alerts(self) -> Alerts:
        """The recipients of alerts, and how they are notified."""
        alerts = self.config.alerts
        return Alerts(
            recipients=(*alerts.email, *((WEBHOOK,) if alerts.webhook else ())),
            webhook=alerts.webhook,
            ping_url=alerts.ping_url,
            late_after=alerts.late_after,
            notice_writer=lambda: parts.printing.notice_writer_of(self),
        )

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The webhooks that get events."""
        return tuple(
            Endpoint(
                url=each.url,
                secret=secret_bytes(each.secret.get_secret_value() if each.secret else ""),
                events=each.events,
                newsletters=each.newsletters,
                allow_private=each.allow_private,
            )
            for each in self.config.webhooks
        )

    @property
    def retention(self) -> Retention:
        """Terms for which letters, comments and sign-ups are kept."""
        kept = self.config.retention
        return Retention(
            pieces=kept.pieces,
            comments=kept.comments,
            unconfirmed=kept.unconfirmed,
            networks=kept.networks,
        )

    @property
    def backups(self) -> Backups:
        """Where backups are stored, and how many."""
        chosen = self.config.backup
        return Backups(folder=chosen.folder, keep=chosen.keep, every=chosen.every)

    def check_letter_templates(self) -> None:
        """Check the templates of the letters.

        Raises:
            TemplateError: a template of the operator has an error.
        """
        parts.printing.check_letter_templates(self)

    def refuse_unsafe(self) -> None:
        """Refuse to send mails whose links would be signed with a publicly known key.

        Raises:
            Refused: the configuration still has the example's key.
        """
        if EXAMPLE_KEY in self.keys:
            raise Refused(
                "site.secret_keys: still has the example's key, so anyone could forge the links in"
                " these mails; replace it with a random key"
            )

"""Wiring: from the configuration to the values that the rooms need.

The one place that knows both. Rooms get plain values, never the configuration.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import Self

from digest import __version__
from digest.composer.rules import ImageMode, Policy, Rules
from digest.config import EXAMPLE_KEY, Config, NewsletterConfig, load_config
from digest.errors import Refused, UsageError
from digest.letter.headers import HeaderFacts
from digest.letter.render import Renderer
from digest.letter.site import LetterSite
from digest.models import FeedSource
from digest.press import Press
from digest.readers.fetch import Fetcher
from digest.resources import templates_dir
from digest.scheduler.slots import Schedule, parse_schedule
from digest.sender.relay import Relay
from digest.sender.smtp import SmtpMailer
from digest.store.engine import Database
from digest.store.schema import open_checked


class App:
    """What a door works with, built from one configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the configuration.

        Raises:
            ConfigError: it cannot be used.
        """
        return cls(load_config(path))

    @cached_property
    def database(self) -> Database:
        """The database, its schema checked."""
        return open_checked(self.config.database.url)

    @property
    def keys(self) -> tuple[str, ...]:
        """The signing keys, newest first."""
        return tuple(key.get_secret_value() for key in self.config.site.secret_keys)

    @property
    def is_development(self) -> bool:
        """Whether http, localhost and example domains pass."""
        return self.config.site.development

    def newsletter(self, name: str = "") -> NewsletterConfig:
        """Give the newsletter of that name, or the only one.

        Raises:
            UsageError: there is none of that name, or there are several and none is named.
        """
        known = {newsletter.name: newsletter for newsletter in self.config.newsletters}
        if not name and len(known) == 1:
            return self.config.newsletters[0]
        if name not in known:
            what = f"there is no newsletter {name!r}" if name else "there are several newsletters"
            raise UsageError(f"{what}; use --newsletter with one of: {', '.join(known)}")
        return known[name]

    def sources(self) -> tuple[FeedSource, ...]:
        """Give the feeds to read."""
        return tuple(
            FeedSource(url=feed.url, categories=feed.category, has_comments=feed.comments == "auto")
            for feed in self.config.feeds
        )

    def fetcher(self) -> Fetcher:
        """Give the guarded way to the web; to be entered."""
        limits = self.config.fetch
        return Fetcher(
            timeout_s=limits.timeout_s,
            max_bytes=limits.max_bytes,
            concurrency=limits.concurrency,
            allow_private=limits.allow_private,
            # A site's owner can see in the log who reads the feed, and whom to ask.
            user_agent=f"digest/{__version__} (+{self.config.site.base_url})",
        )

    def rules(self, newsletter: NewsletterConfig, cadence: str = "") -> Rules:
        """Give what the composer needs to know of a newsletter's cadence, the first by default."""
        return Rules(
            newsletter=newsletter.name,
            title=newsletter.title,
            tagline=newsletter.tagline,
            home_url=newsletter.home_url or self.config.site.base_url,
            policy_url=newsletter.policy_url or "",
            cadence=cadence or next(iter(newsletter.named_schedules)),
            timezone=newsletter.timezone,
            language=newsletter.language,
            categories=newsletter.categories,
            max_posts_per_category=newsletter.max_posts_per_category,
            top_comments_per_post=newsletter.top_comments_per_post,
            min_posts=newsletter.min_posts,
            images=ImageMode(newsletter.images),
            allow_http_images=self.is_development,
            intro=newsletter.intro,
            editor=newsletter.editor,
            policy=Policy(
                no_quote=newsletter.policy.no_quote,
                blocked_words=newsletter.policy.blocked_words,
            ),
        )

    def schedules(self, newsletter: NewsletterConfig) -> dict[str, Schedule]:
        """Give when each cadence of a newsletter is due; new readers get the first."""
        return {
            name: parse_schedule(schedule) for name, schedule in newsletter.named_schedules.items()
        }

    def press(self, newsletter: NewsletterConfig) -> Press:
        """Give what prints and addresses a newsletter's letters."""
        name, address = parseaddr(newsletter.sender)
        domain = address.rpartition("@")[2]
        return Press(
            site=LetterSite(
                base_url=self.config.site.base_url,
                postal_address=self.config.site.postal_address,
                is_development=self.is_development,
            ),
            renderer=Renderer((templates_dir(),)),
            facts=HeaderFacts(
                from_name=name,
                from_address=address,
                reply_to=newsletter.reply_to or "",
                list_id=f"{newsletter.name}.{domain}",
            ),
            sender=address,
            domain=domain,
        )

    def open_mailer(self) -> SmtpMailer:
        """Give one more line to the relays."""
        return SmtpMailer(self._relays)

    @property
    def connections(self) -> int:
        """Lines to the relays at once."""
        return self.config.smtp[0].connections

    @cached_property
    def _relays(self) -> tuple[Relay, ...]:
        return tuple(
            Relay(
                host=relay.host,
                port=relay.port,
                security=relay.security,
                username=relay.username,
                password=relay.password.get_secret_value(),
                connections=relay.connections,
            )
            for relay in self.config.smtp
        )

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


def utc_now() -> datetime:
    """Give the time: the program's one clock, read by the doors and passed in from there."""
    return datetime.now(UTC)

"""What the doors work with: one object, built from one configuration."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import cached_property, partial
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from digest.app.composing import rules_of
from digest.app.reading import feed_sources, open_fetcher, open_gallery
from digest.composer.rules import Rules
from digest.config import (
    EXAMPLE_KEY,
    Config,
    NewsletterConfig,
    load_config,
)
from digest.errors import Refused, UsageError
from digest.letter.headers import HeaderFacts
from digest.letter.notice import NoticeDesk
from digest.letter.render import Renderer
from digest.letter.site import LetterSite
from digest.models import FeedSource
from digest.pipeline.collect import Gallery, collect
from digest.pipeline.prepare import AudienceRule
from digest.pipeline.purge import Retention
from digest.pipeline.tell import WEBHOOK
from digest.pipeline.watch import Watch
from digest.pipeline.world import Cadence, Newsletter, World
from digest.press import Press
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from digest.resources import templates_dir
from digest.scheduler.agenda import Plan
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

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for: the operator's folder, then the shipped one."""
        own = self.config.site.templates
        return (own, templates_dir()) if own else (templates_dir(),)

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
        return feed_sources(self.config)

    def fetcher(self) -> Fetcher:
        """Give the guarded way to the web; to be entered."""
        return open_fetcher(self.config, clock=utc_now)

    def gallery(self, pool: ParserPool) -> AbstractAsyncContextManager[Gallery | None]:
        """Give what newsletters need that show pictures from a place of their own; None: none do.

        Args:
            pool: entered.
        """
        return open_gallery(self.config, pool, clock=utc_now)

    def rules(self, newsletter: NewsletterConfig, cadence: str = "") -> Rules:
        """Give what the composer needs to know of a newsletter's cadence, the first by default."""
        return rules_of(self.config, newsletter, cadence)

    def schedules(self, newsletter: NewsletterConfig) -> dict[str, Schedule]:
        """Give when each cadence of a newsletter is due; new readers get the first."""
        return {
            name: parse_schedule(schedule) for name, schedule in newsletter.named_schedules.items()
        }

    def audience_rule(
        self, newsletter: NewsletterConfig, cadence: str, local_at: str
    ) -> AudienceRule:
        """Give who gets the edition of a slot, and when.

        Args:
            newsletter: whose edition.
            cadence: the edition's.
            local_at: the slot's wall clock, `2026-11-23T07:00`.
        """
        rules = self.rules(newsletter, cadence)
        return AudienceRule(
            newsletter=newsletter.name,
            cadence=cadence,
            is_first=rules.is_first_cadence,
            others=rules.other_cadences,
            max_window=newsletter.max_window,
            max_variants=newsletter.max_variants,
            local_at=local_at if newsletter.deliver == "local" else None,
            timezone=newsletter.timezone,
        )

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
            renderer=Renderer(self.template_folders),
            facts=HeaderFacts(
                from_name=name,
                from_address=address,
                reply_to=newsletter.reply_to or "",
                list_id=f"{newsletter.name}.{domain}",
            ),
            sender=address,
            domain=domain,
        )

    def preview_press(self, newsletter: NewsletterConfig) -> Press:
        """Give the press that prints drafts to be looked at: the poll too, all else alike."""
        press = self.press(newsletter)
        return replace(press, site=replace(press.site, shows_poll=True))

    def world(self, clock: Callable[[], datetime]) -> World:
        """Give what `digest run` works with."""
        return World(
            database=self.database,
            newsletters=tuple(map(self._newsletter_at_work, self.config.newsletters)),
            sources=self.sources(),
            read_feeds=self._read_feeds,
            keys=self.keys,
            open_mailer=self.open_mailer,
            connections=self.connections,
            alerted=self.alerted,
            clock=clock,
        )

    async def _read_feeds(self, sources: tuple[FeedSource, ...], now: datetime) -> None:
        async with (
            self.fetcher() as fetcher,
            ParserPool() as pool,
            self.gallery(pool) as gallery,
        ):
            await collect(self.database, fetcher, pool, sources, now=now, gallery=gallery)

    def _newsletter_at_work(self, newsletter: NewsletterConfig) -> Newsletter:
        return Newsletter(
            name=newsletter.name,
            cadences=tuple(
                Cadence(
                    plan=self._plan(newsletter, cadence, schedule),
                    rules=self.rules(newsletter, cadence),
                    max_window=newsletter.max_window,
                    max_jump=newsletter.max_audience_jump,
                    audience_of=partial(self.audience_rule, newsletter, cadence),
                )
                for cadence, schedule in self.schedules(newsletter).items()
            ),
            press=self.press(newsletter),
            feeds=frozenset(
                feed.url for feed in self.config.feeds if feed.targets & set(newsletter.categories)
            ),
            max_age=newsletter.max_age,
            approvers=newsletter.approvers,
        )

    def _plan(self, newsletter: NewsletterConfig, cadence: str, schedule: Schedule) -> Plan:
        return Plan(
            newsletter=newsletter.name,
            cadence=cadence,
            schedule=schedule,
            zone=ZoneInfo(newsletter.timezone),
            catch_up=newsletter.catch_up,
            is_reviewed=newsletter.review == "required",
            draft_lead=newsletter.draft_lead,
            approve_within=newsletter.approve_within,
            is_local=newsletter.deliver == "local",
        )

    @property
    def alerted(self) -> tuple[str, ...]:
        """Who is told when something needs a person."""
        alerts = self.config.alerts
        return (*alerts.email, *((WEBHOOK,) if alerts.webhook else ()))

    def watched(self) -> Watch:
        """Give what is watched for alerts."""
        newsletters = self.config.newsletters
        return Watch(
            newsletters=tuple(each.name for each in newsletters),
            reviewed=frozenset(each.name for each in newsletters if each.review == "required"),
            feeds=tuple(feed.url for feed in self.config.feeds),
            late_after=self.config.alerts.late_after,
            recipients=self.alerted,
        )

    def notice_desk(self) -> NoticeDesk:
        """Give what writes the mails to the people who run this, from the first newsletter."""
        press = self.press(self.config.newsletters[0])
        return NoticeDesk(
            facts=press.facts,
            renderer=press.renderer,
            site=self.config.site.name,
            base_url=self.config.site.base_url,
        )

    def retention(self) -> Retention:
        """Give how long things are kept."""
        keep = self.config.retention
        return Retention(pieces=keep.pieces, comments=keep.comments)

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

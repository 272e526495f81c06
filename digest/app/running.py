"""From the configuration to what `digest run` works with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from digest.app.composing import audience_of, rules_of, schedules_of
from digest.app.printing import letter_writer_of
from digest.app.reading import open_fetcher, open_image_settings
from digest.app.sending import connections_of, mailers_of
from digest.app.sources import feed_sources
from digest.app.wiring import App
from digest.config import Config, NewsletterConfig
from digest.models import FeedSource
from digest.newsroom.context import Cadence, Newsletter, RunContext
from digest.newsroom.service.notices import WEBHOOK
from digest.newsroom.service.purge import Retention
from digest.newsroom.service.watch import Watch
from digest.pipeline.collect import collect
from digest.readers.parsing.pool import ParserPool
from digest.scheduler.agenda import CadenceSettings
from digest.scheduler.slots import Schedule


def run_context_of(app: App, clock: Callable[[], datetime]) -> RunContext:
    """Give what the ticks work with."""
    return RunContext(
        database=app.database,
        newsletters=tuple(_newsletter(app, each) for each in app.config.newsletters),
        sources=feed_sources(app.config),
        read_feeds=partial(_read_feeds, app),
        keys=app.keys,
        open_mailer=mailers_of(app.config),
        connections=connections_of(app.config),
        alerted=_alerted(app.config),
        clock=clock,
    )


def watch_of(config: Config) -> Watch:
    """Give what is watched for alerts."""
    newsletters = config.newsletters
    return Watch(
        newsletters=tuple(each.name for each in newsletters),
        reviewed=frozenset(each.name for each in newsletters if each.review == "required"),
        feeds=tuple(feed.url for feed in config.feeds),
        late_after=config.alerts.late_after,
        recipients=_alerted(config),
    )


def retention_of(config: Config) -> Retention:
    """Give how long things are kept."""
    return Retention(pieces=config.retention.pieces, comments=config.retention.comments)


def _alerted(config: Config) -> tuple[str, ...]:
    """Who is told when something needs a person."""
    return (*config.alerts.email, *((WEBHOOK,) if config.alerts.webhook else ()))


async def _read_feeds(app: App, sources: tuple[FeedSource, ...], now: datetime) -> None:
    async with (
        open_fetcher(app.config) as fetcher,
        ParserPool() as pool,
        open_image_settings(app.config, pool) as image_settings,
    ):
        await collect(app.database, fetcher, pool, sources, now=now, image_settings=image_settings)


def _newsletter(app: App, newsletter: NewsletterConfig) -> Newsletter:
    return Newsletter(
        name=newsletter.name,
        cadences=tuple(
            Cadence(
                plan=_plan(newsletter, cadence, schedule),
                rules=rules_of(app.config, newsletter, cadence),
                max_window=newsletter.max_window,
                max_jump=newsletter.max_audience_jump,
                audience_of=partial(audience_of, app.config, newsletter, cadence),
            )
            for cadence, schedule in schedules_of(newsletter).items()
        ),
        writer=letter_writer_of(app, newsletter),
        feeds=frozenset(
            feed.url for feed in app.config.feeds if feed.targets & set(newsletter.categories)
        ),
        max_age=newsletter.max_age,
        approvers=newsletter.approvers,
    )


def _plan(newsletter: NewsletterConfig, cadence: str, schedule: Schedule) -> CadenceSettings:
    return CadenceSettings(
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

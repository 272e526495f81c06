"""Builds the rules, schedules and audiences of a newsletter from the configuration."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from digest.composer.rules import ImageMode, Policy, Rules
from digest.config import Config, CustomConfig, NewsletterConfig
from digest.models import Civility, CustomBlock, Masthead, Poll, Support
from digest.newsroom.context import Cadence
from digest.pipeline.audience import AudienceRule
from digest.scheduler.agenda import CadenceSettings
from digest.scheduler.slots import Schedule, parse_schedule
from subscribers.fields import parse_value
from subscribers.segments import EVERYBODY, Segment


def rules_of(config: Config, newsletter: NewsletterConfig, cadence: str = "") -> Rules:
    """Return the composer's rules for one cadence of a newsletter; default: its first cadence."""
    names = tuple(newsletter.named_schedules)
    chosen = cadence or names[0]
    return Rules(
        newsletter=newsletter.name,
        masthead=_masthead_of(config, newsletter),
        cadence=chosen,
        is_first_cadence=chosen == names[0],
        other_cadences=tuple(name for name in names if name != chosen),
        timezone=newsletter.timezone,
        language=newsletter.language,
        categories=newsletter.categories,
        max_posts_per_category=newsletter.max_posts_per_category,
        max_posts_per_author=newsletter.max_posts_per_author,
        max_posts_per_feed=newsletter.max_posts_per_feed,
        top_comments_per_post=newsletter.top_comments_per_post,
        top_comments_lead=newsletter.top_comments_lead,
        min_posts=newsletter.min_posts,
        images=ImageMode(newsletter.images),
        images_url=_images_url(config, newsletter),
        allow_http_images=config.site.development,
        policy=Policy(
            no_quote=newsletter.policy.no_quote,
            blocked_words=newsletter.policy.blocked_words,
            holds_first_timers=newsletter.policy.first_time == "hold",
            civility=Civility(newsletter.policy.civility),
            judge=newsletter.policy.judge,
        ),
    )


def schedules_of(newsletter: NewsletterConfig) -> dict[str, Schedule]:
    """Return the schedule of each cadence; new subscribers get the first cadence."""
    return {name: parse_schedule(schedule) for name, schedule in newsletter.named_schedules.items()}


def audience_of(
    config: Config, newsletter: NewsletterConfig, cadence: str, local_at: str
) -> AudienceRule:
    """Return the rule for who gets the edition of a slot, and when.

    Args:
        config: the whole configuration.
        newsletter: the newsletter of the edition.
        cadence: the cadence of the edition.
        local_at: the slot's local time, such as `2026-11-23T07:00`.
    """
    rules = rules_of(config, newsletter, cadence)
    return AudienceRule(
        newsletter=newsletter.name,
        cadence=cadence,
        is_first=rules.is_first_cadence,
        others=rules.other_cadences,
        max_window=newsletter.max_window,
        max_variants=newsletter.max_variants,
        local_at=local_at if newsletter.deliver == "local" else None,
        timezone=newsletter.timezone,
        segment=segment_of(config, newsletter),
    )


def segment_of(config: Config, newsletter: NewsletterConfig) -> Segment:
    """Return the part of a newsletter's subscribers that it is for."""
    wanted = newsletter.audience
    if wanted is None:
        return EVERYBODY
    zone = ZoneInfo(newsletter.timezone)
    fields = {field.name: field.to_field() for field in config.fields}
    spoken = newsletter.language.lower()
    languages = tuple(sorted({tag.lower() for tag in wanted.language}))
    return Segment(
        languages=languages,
        has_default_language=any(f"{spoken}-".startswith(f"{tag}-") for tag in languages),
        zones=tuple(sorted(set(wanted.zone))),
        has_default_zone=newsletter.timezone in wanted.zone,
        sources=tuple(sorted(set(wanted.source))),
        joined_after=_start_of(wanted.joined_after, zone),
        joined_before=_start_of(wanted.joined_before, zone),
        fields=tuple(
            (name, tuple(sorted({parse_value(fields[name], value) for value in values})))
            for name, values in sorted(wanted.field.items())
        ),
    )


def _start_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    """Return the moment at which a day starts in a zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC) if day else None


def cadences_of(config: Config, newsletter: NewsletterConfig) -> tuple[Cadence, ...]:
    """Return the cadences of a newsletter; new subscribers get the first."""
    return tuple(
        Cadence(
            settings=_settings(newsletter, cadence, schedule),
            rules=rules_of(config, newsletter, cadence),
        )
        for cadence, schedule in schedules_of(newsletter).items()
    )


def _settings(newsletter: NewsletterConfig, cadence: str, schedule: Schedule) -> CadenceSettings:
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


def _masthead_of(config: Config, newsletter: NewsletterConfig) -> Masthead:
    return Masthead(
        title=newsletter.title,
        tagline=newsletter.tagline,
        home_url=newsletter.home_url or config.site.base_url,
        policy_url=newsletter.policy_url or "",
        intro=newsletter.intro,
        editor=newsletter.editor,
        poll=_poll_of(newsletter),
        support=_support_of(newsletter),
        custom=tuple(map(_custom_of, newsletter.custom)),
        theme=newsletter.theme.to_theme(),
    )


def _images_url(config: Config, newsletter: NewsletterConfig) -> str:
    if newsletter.images == "folder":
        return config.images.url or ""
    return f"{config.site.base_url}/i"


def _poll_of(newsletter: NewsletterConfig) -> Poll | None:
    poll = newsletter.poll
    if poll is None:
        return None
    return Poll(question=poll.question, choices=poll.choices, note=poll.note)


def _support_of(newsletter: NewsletterConfig) -> Support | None:
    asked = newsletter.support
    return Support(text=asked.text, link=asked.link, url=asked.url) if asked else None


def _custom_of(block: CustomConfig) -> CustomBlock:
    return CustomBlock(
        title=block.title, paragraphs=block.text, link=block.link, url=block.url or ""
    )

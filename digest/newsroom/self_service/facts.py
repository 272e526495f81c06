"""The facts about newsletters that the public pages print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from digest.models import Masthead
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.self_service.own_fields import editable
from digest.scheduler.slots import Schedule
from digest.scheduler.wording import schedule_words
from digest.text.languages import language_of_words
from subscribers.fields import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceFacts:
    """The facts about a cadence."""

    schedule: Schedule
    #: Whether it is due at its hour in each subscriber's time zone.
    is_local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterFacts:
    """The facts about a newsletter that the pages print."""

    #: The name in the configuration, and in addresses.
    name: str = ""
    title: str
    #: The cadences by name; the first also has the subscribers who chose none, or one that no
    #: longer exists.
    cadences: Mapping[str, CadenceFacts]
    #: IANA name of its zone, in which its mails name days.
    timezone: str = "UTC"
    #: BCP 47 tag.
    language: str = "en"
    #: Its sections, in order.
    categories: tuple[str, ...] = ()
    #: The longest window of a subscriber.
    max_window: timedelta = timedelta(weeks=5)
    #: Absolute URL of the page of past editions; empty without one.
    archive_url: str = ""
    #: The parts around the posts, including the design.
    masthead: Masthead = field(default_factory=lambda: Masthead(title=""))
    #: The operator's own fields that subscribers may see and change.
    fields: tuple[Field, ...] = ()

    def in_words(self, cadence: str, language: str) -> str:
        """Return a subscriber's cadence in words: `every Monday at 07:00`; empty if unknown."""
        chosen = self.cadences.get(cadence) or next(iter(self.cadences.values()), None)
        return schedule_words(chosen.schedule, language) if chosen else ""


def facts_of(context: RunContext) -> dict[str, NewsletterFacts]:
    """Return the facts about each newsletter, by its name, in the order of the configuration."""
    fields = editable(context.fields)
    return {each.name: replace(facts_about(each), fields=fields) for each in context.newsletters}


def facts_about(newsletter: NewsletterContext) -> NewsletterFacts:
    """Return the facts about one newsletter, without the subscribers' own fields."""
    rules = newsletter.cadences[0].rules
    return NewsletterFacts(
        name=newsletter.name,
        title=newsletter.title,
        cadences={
            cadence.name: CadenceFacts(
                schedule=cadence.settings.schedule, is_local=cadence.settings.is_local
            )
            for cadence in newsletter.cadences
        },
        timezone=newsletter.timezone,
        language=language_of_words(rules.language),
        categories=newsletter.categories,
        max_window=newsletter.max_window,
        archive_url=newsletter.writer.site.archive_url(newsletter.name),
        masthead=rules.masthead,
    )

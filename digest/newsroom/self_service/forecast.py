"""Finds the contents and the time of a subscriber's next edition, for given choices. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from digest.composer.snapshot import edition_from_json
from digest.newsroom.self_service.choices import cadence_of
from digest.newsroom.self_service.facts import NewsletterFacts
from digest.pipeline.audience import local_instant
from digest.scheduler.agenda import CadenceSettings
from digest.store import drafts, editions, posts, slots
from digest.store.choices import CadenceName
from digest.store.engine import Connection
from digest.store.headlines import headlines_since
from subscribers.preferences import Preferences, Subscription

#: The titles that are shown; more are counted.
MOST_TITLES = 10
#: Slots that are looked at; more than a pause of a year has.
_MOST_SLOTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The title of a post, and where it leads."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleSection:
    """The titles of one category."""

    name: str
    titles: tuple[Title, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The contents of the next edition, as things are now."""

    #: In the newsletter's order; empty if there is nothing new yet.
    sections: tuple[TitleSection, ...]
    #: The number of posts beyond `MOST_TITLES`.
    more: int


# --- when ---------------------------------------------------------------------------------------


def next_edition_at(
    connection: Connection, facts: NewsletterFacts, preferences: Preferences, *, now: datetime
) -> datetime | None:
    """Return when a subscriber's next edition is planned, in the zone of `zone_of`.

    None if the newsletter plans none. An edition is not made if there are too few posts.
    """
    cadence = cadence_of(facts, preferences)
    if not cadence:
        return None
    settings = _settings_of(facts, cadence)
    paused_until = preferences.paused_until or now
    for slot in islice(settings.coming_slots(now), _MOST_SLOTS):
        if settings.starts_at(slot) < paused_until:
            continue
        names = (facts.name, cadence, slot.local_at)
        if editions.has_frozen_edition(connection, *names) or slots.is_given_up(connection, *names):
            continue
        due_at = slot.due_at
        if settings.is_local:
            own = (preferences.zone, preferences.hour)
            due_at = local_instant(slot.local_at, *own, default_zone=facts.timezone)
            # Earlier than the first zone's hour is not possible.
            due_at = max(due_at, settings.starts_at(slot))
        return due_at.astimezone(zone_of(facts, preferences))
    return None


def zone_of(facts: NewsletterFacts, preferences: Preferences) -> ZoneInfo:
    """Return the zone in which a subscriber's hour is shown."""
    cadence = facts.cadences.get(cadence_of(facts, preferences))
    if cadence is not None and cadence.is_local and preferences.zone:
        try:
            return ZoneInfo(preferences.zone)
        except (ValueError, OSError, KeyError):
            pass
    return ZoneInfo(facts.timezone)


def _settings_of(facts: NewsletterFacts, cadence: str) -> CadenceSettings:
    chosen = facts.cadences[cadence]
    return CadenceSettings(
        newsletter=facts.name,
        cadence=cadence,
        schedule=chosen.schedule,
        zone=ZoneInfo(facts.timezone),
        catch_up=timedelta(),
        is_local=chosen.is_local,
    )


# --- what ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A post of the window."""

    title: Title
    categories: tuple[str, ...]


def contents_for(
    connection: Connection,
    facts: NewsletterFacts,
    subscription: Subscription,
    preferences: Preferences,
    *,
    now: datetime,
) -> Contents:
    """Return the posts since the subscriber's last edition, for these choices.

    If the draft of the cadence's next edition covers them, its stories are shown as composed;
    else the posts as they are stored.
    """
    cadence = CadenceName(facts.name, cadence_of(facts, preferences))
    taken = [
        name
        for name in facts.categories
        if not preferences.categories or name in preferences.categories
    ]
    since = _start(connection, facts, cadence, subscription.seen_seq, now)
    found = _in_draft(connection, cadence, since)
    if found is None:
        found = [
            _Found(title=Title(title=post.title, url=post.url), categories=post.categories)
            for post in headlines_since(connection, cadence, since, taken)
        ]
    return _arrange(found, taken)


def _start(
    connection: Connection,
    facts: NewsletterFacts,
    cadence: CadenceName,
    seen_seq: int | None,
    now: datetime,
) -> int:
    """Return the `seq` after which the window begins; as `rule_for_group` decides for editions."""
    reach = posts.last_seq_before(connection, now - facts.max_window)
    last_cut = editions.last_cut(connection, *cadence)
    if last_cut is None:
        last_cut = reach if editions.has_any_frozen(connection, facts.name) else 0
    return max(last_cut if seen_seq is None else seen_seq, min(reach, last_cut))


def _in_draft(connection: Connection, cadence: CadenceName, since: int) -> list[_Found] | None:
    """Return the stories of the draft; None if there is none that covers the window."""
    draft = drafts.live_draft(connection, *cadence)
    if draft is None:
        return None
    edition = edition_from_json(draft.snapshot)
    if since < edition.since_seq:
        return None
    return [
        _Found(title=Title(title=story.title, url=story.url), categories=story.categories)
        for story in edition.stories
        if story.seq > since
    ]


def _arrange(found: Iterable[_Found], taken: list[str]) -> Contents:
    """File the posts under their first category; show the first few, and count the others."""
    filed: dict[str, list[Title]] = {name: [] for name in taken}
    shown = more = 0
    seen: set[tuple[str, str]] = set()
    for post in found:
        home = next((name for name in taken if name in post.categories), None)
        # Two feeds may have one post.
        identity = (post.title.title.casefold(), "" if post.title.title else post.title.url)
        if home is None or identity in seen:
            continue
        seen.add(identity)
        if shown < MOST_TITLES:
            filed[home].append(post.title)
            shown += 1
        else:
            more += 1
    sections = (
        TitleSection(name=name, titles=tuple(titles)) for name, titles in filed.items() if titles
    )
    return Contents(sections=tuple(sections), more=more)

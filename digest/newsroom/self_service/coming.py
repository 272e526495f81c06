"""When a subscriber's next edition comes. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from digest.newsroom.self_service.facts import NewsletterFacts
from digest.scheduler.slots import next_slot
from subscribers.preferences import Preferences


def next_edition(
    facts: NewsletterFacts, preferences: Preferences, *, now: datetime
) -> datetime | None:
    """Return the hour of the next edition, in the zone of its day; None without a cadence.

    Args:
        facts: the facts about the newsletter.
        preferences: the subscriber's choices; a pause does not count.
        now: the time.
    """
    chosen = facts.cadences.get(preferences.cadence) or next(iter(facts.cadences.values()), None)
    if chosen is None:
        return None
    name = (preferences.zone if chosen.is_local else "") or facts.timezone
    zone = ZoneInfo(name)
    return next_slot(chosen.schedule, zone, after=now).due_at.astimezone(zone)

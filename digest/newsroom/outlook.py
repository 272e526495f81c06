"""Reading what the plan is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.composer.edition import edition_from_json
from digest.composer.rules import Rules
from digest.newsroom.calendar import CadenceFacts, DraftFacts
from digest.pipeline.audience import AudienceRule
from digest.pipeline.prepare import read_distribution
from digest.scheduler.slots import Schedule
from digest.store import audience as subscribers
from digest.store import audience_counts, editions, posts, slots
from digest.store.carry_overs import CadenceName
from digest.store.editions import StoredEdition


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCadence:
    """One cadence as configured."""

    rules: Rules
    schedule: Schedule
    audience: AudienceRule
    is_review_required: bool


def read_cadence(connection: Connection, planned: PlannedCadence, *, now: datetime) -> CadenceFacts:
    """Read what is known of a cadence."""
    rules, audience = planned.rules, planned.audience
    draft = editions.live_draft(connection, rules.newsletter, rules.cadence)
    groups = subscribers.audience_groups(connection, audience.audience_key, now=now)
    done = slots.list_slots(connection, rules.newsletter, rules.cadence)
    return CadenceFacts(
        newsletter=rules.newsletter,
        cadence=rules.cadence,
        schedule=planned.schedule,
        timezone=rules.timezone,
        is_local=audience.is_local,
        is_review_required=planned.is_review_required,
        min_posts=rules.min_posts,
        done=frozenset(slot.local_at for slot in done if slot.state != "due"),
        draft=_read_draft(connection, draft, audience, now) if draft else None,
        new_posts=_count_new(connection, rules, now - audience.max_window),
        subscribers=sum(group.subscribers for group in groups),
        returning=audience_counts.returning_subscribers(connection, audience.audience_key, now=now),
        windows=len({(g.categories, g.seen_seq, g.language, g.text_size) for g in groups}),
        rate=audience_counts.last_rate(connection, rules.newsletter),
    )


def _read_draft(
    connection: Connection, draft: StoredEdition, audience: AudienceRule, now: datetime
) -> DraftFacts:
    distribution = read_distribution(
        connection, edition_from_json(draft.snapshot), audience, now=max(now, draft.due_at)
    )
    return DraftFacts(
        edition_id=draft.id,
        local_at=draft.local_at,
        state=draft.state,
        paused_reason=draft.paused_reason,
        variants=len({mail.variant.key for mail in distribution.mails.values()}),
    )


def _count_new(connection: Connection, rules: Rules, oldest: datetime) -> int:
    cut = editions.last_cut(connection, rules.newsletter, rules.cadence)
    since = posts.last_seq_before(connection, oldest) if cut is None else cut
    of = CadenceName(rules.newsletter, rules.cadence)
    return audience_counts.count_new_posts(connection, since, rules.categories, of)


def find_strays(
    found: audience_counts.Census, categories: tuple[str, ...], cadences: tuple[str, ...]
) -> tuple[str, ...]:
    """Name what subscribers chose and the configuration does not name any more."""
    strays = [
        f"category {each.value!r}, chosen by {each.subscribers}, is no longer configured; it"
        f" stays in"
        " their choice, and they get the others"
        for each in found.categories
        if each.value not in categories
    ]
    strays += [
        f"cadence {each.value!r}, chosen by {each.subscribers}, is no longer configured; they get"
        f" {cadences[0]!r}"
        for each in found.cadences
        if each.value and each.value not in cadences
    ]
    return tuple(strays)

"""Reads the plan of the next weeks: the editions, their audiences and their open conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.composer.snapshot import edition_from_json
from digest.errors import Refused
from digest.models import Count, StoredEdition
from digest.newsroom.calendar import CadenceFacts, DraftFacts, PlannedEdition, plan_weeks
from digest.newsroom.clock import clock_problem
from digest.newsroom.context import Cadence, NewsletterContext, RunContext
from digest.pipeline.audience import AudienceRule
from digest.pipeline.poll import find_repeat
from digest.pipeline.prepare import read_distribution
from digest.store import audience as audiences
from digest.store import audience_counts, drafts, editions, posts, slots
from digest.store.audience_counts import Census
from digest.store.choices import CadenceName
from digest.store.engine import Connection
from digest.store.segments import NOBODY, LeftOut, count_left_out
from digest.store.waiting import Waiting, count_waiting

__all__ = ["Audience", "Count", "Plan", "PlannedEdition", "find_strays", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The subscribers of a newsletter, counted by their choices."""

    newsletter: str
    census: Census
    #: Choices that are no longer configured, one line each.
    warnings: tuple[str, ...]
    #: Subscribers whose choice matches no category of the newsletter; they get no mail.
    without_category: int
    #: Subscribers who get no edition until `digest resolve`.
    waiting: tuple[Waiting, ...] = ()
    #: Subscribers whom `[newsletters.audience]` leaves out; the census does not count them.
    left_out: LeftOut = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of the next weeks."""

    #: The next one first.
    editions: tuple[PlannedEdition, ...]
    audiences: tuple[Audience, ...]
    #: Faults of the configuration that block every send, one line each.
    blocked: tuple[str, ...]
    #: Cadences whose next edition asks no poll because its question was asked, one line each.
    repeated_polls: tuple[str, ...] = ()


def plan(context: RunContext, newsletters: Sequence[str], *, weeks: int) -> Plan:
    """Return the editions of the next weeks.

    Args:
        context: the installation's context.
        newsletters: the newsletters' names; empty for all.
        weeks: the number of weeks.

    Raises:
        UsageError: the newsletter does not exist.
        StoreError: the database cannot be used.
    """
    wanted = [context.newsletter_of(name) for name in newsletters] or context.newsletters
    now = context.clock()
    with context.database.read() as connection:
        facts = [
            _read_cadence(connection, each, cadence, now=now)
            for each in wanted
            for cadence in each.cadences
        ]
        audiences = tuple(_read_audience(connection, each) for each in wanted)
        repeated = tuple(
            f"poll of {each.name} ({cadence.shown}): already asked in edition {asked_in}; change"
            " the question of [newsletters.poll], or remove it"
            for each in wanted
            for cadence in each.cadences
            if (asked_in := find_repeat(connection, cadence.rules))
        )
    return Plan(
        editions=plan_weeks(facts, now=now, weeks=weeks),
        audiences=audiences,
        blocked=find_blocks(context),
        repeated_polls=repeated,
    )


def find_blocks(context: RunContext) -> tuple[str, ...]:
    """Return the faults that block every send, one line each."""
    blocks = (*context.relay_problems, *filter(None, [clock_problem(context)]))
    try:
        context.refuse_unsafe()
    except Refused as refusal:
        return (str(refusal), *blocks)
    return blocks


def _read_cadence(
    connection: Connection, newsletter: NewsletterContext, cadence: Cadence, *, now: datetime
) -> CadenceFacts:
    audience = newsletter.audience_of(cadence.name, "")
    names = (newsletter.name, cadence.name)
    draft = drafts.live_draft(connection, *names)
    groups = audiences.audience_groups(connection, audience.audience_key, now=now)
    done = [
        slot
        for slot in slots.list_slots(connection, *names)
        # A slot that was missed by a clock that was ahead is due again.
        if slot.state != "due" and not (slot.may_return and slot.due_at > now)
    ]
    return CadenceFacts(
        newsletter=newsletter.name,
        cadence=cadence.name,
        schedule=cadence.settings.schedule,
        timezone=newsletter.timezone,
        is_local=audience.is_local,
        is_review_required=newsletter.is_reviewed,
        min_posts=cadence.rules.min_posts,
        done=frozenset(slot.local_at for slot in done),
        used={
            each.local_at: each.id for each in editions.frozen_after(connection, *names, when=now)
        },
        draft=_read_draft(connection, draft, audience, now) if draft else None,
        new_posts=_count_new(connection, newsletter, cadence, now - audience.max_window),
        subscribers=sum(group.subscribers for group in groups),
        returning=audience_counts.returning_subscribers(connection, audience.audience_key, now=now),
        windows=len({(g.categories, g.seen_seq, g.language, g.text_size) for g in groups}),
        rate=audience_counts.last_rate(connection, newsletter.name),
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


def _count_new(
    connection: Connection, newsletter: NewsletterContext, cadence: Cadence, oldest: datetime
) -> int:
    cut = editions.last_cut(connection, newsletter.name, cadence.name)
    since = posts.last_seq_before(connection, oldest) if cut is None else cut
    of = CadenceName(newsletter.name, cadence.name)
    return audience_counts.count_new_posts(connection, since, newsletter.categories, of)


def _read_audience(connection: Connection, newsletter: NewsletterContext) -> Audience:
    census = audience_counts.take_census(connection, newsletter.name, segment=newsletter.segment)
    cadences = tuple(cadence.name for cadence in newsletter.cadences)
    return Audience(
        newsletter=newsletter.name,
        census=census,
        warnings=find_strays(census, newsletter.categories, cadences),
        without_category=audience_counts.count_without_category(
            connection, newsletter.name, newsletter.categories, newsletter.segment
        ),
        waiting=count_waiting(connection, newsletter.name),
        left_out=count_left_out(connection, newsletter.name, newsletter.segment),
    )


def find_strays(
    found: Census, categories: tuple[str, ...], cadences: tuple[str, ...]
) -> tuple[str, ...]:
    """Return a line for each category and cadence that is chosen but no longer configured."""
    strays = [
        f"category {each.value!r} is no longer configured; subscribers who chose it:"
        f" {each.subscribers}; they keep the choice and get their other categories, if any"
        for each in found.categories
        if each.value not in categories
    ]
    strays += [
        f"cadence {each.value!r} is no longer configured; subscribers who chose it:"
        f" {each.subscribers}; they get {cadences[0]!r}"
        for each in found.cadences
        if each.value and each.value not in cadences
    ]
    return tuple(strays)

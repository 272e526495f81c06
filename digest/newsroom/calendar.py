"""Plans the next weeks: the editions with their times, audiences and open conditions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from digest.models import EditionState, Slot
from digest.scheduler.slots import Schedule, next_slot, shown_cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFacts:
    """The draft of a slot, which may be approved or paused."""

    edition_id: int
    #: Wall clock of the slot in the newsletter's zone, such as `2026-11-23T07:00`.
    local_at: str
    state: EditionState
    #: Why it is paused; empty otherwise.
    paused_reason: str
    #: Number of variants that its subscribers need.
    variants: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceFacts:
    """The facts about one cadence of a newsletter that its plan depends on."""

    newsletter: str
    cadence: str
    schedule: Schedule
    #: IANA name.
    timezone: str
    #: Whether the slot's wall clock applies in each subscriber's own zone.
    is_local: bool
    is_review_required: bool
    min_posts: int
    #: Wall clocks of the slots that need no edition any more: frozen, empty or missed.
    done: frozenset[str]
    #: Future slots whose edition was sent before its hour: the edition's id by wall clock.
    used: Mapping[str, int]
    #: None if no draft was composed yet.
    draft: DraftFacts | None
    #: New posts in the newsletter's categories since the cadence's last edition.
    new_posts: int
    #: Subscribers who may be mailed now.
    subscribers: int
    #: Number of subscribers whose pause ends, by the time at which it ends.
    returning: Mapping[datetime, int]
    #: Number of different choices and windows of those subscribers: the limit of variants.
    windows: int
    #: Messages per second in the last run; None if there was none.
    rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEdition:
    """One future edition."""

    newsletter: str
    cadence: str
    #: The cadence for people; see `shown_cadence`.
    shown_cadence: str
    #: Wall clock in `timezone`.
    local_at: str
    timezone: str
    due_at: datetime
    is_local: bool
    #: None if it is not composed yet.
    edition_id: int | None
    #: `draft`, `approved` or `paused`; empty if it is not composed yet.
    state: str
    subscribers: int
    variants: int
    #: Whether `variants` is an upper limit.
    is_most: bool
    #: When the last mail is sent; None if the rate is unknown or the cadence `is_local`.
    ends_at: datetime | None
    #: The conditions that are not met yet, one line each.
    missing: tuple[str, ...]
    #: Whether its edition was already sent, before its hour.
    is_used: bool = False


def plan_weeks(
    cadences: Iterable[CadenceFacts], *, now: datetime, weeks: int
) -> tuple[PlannedEdition, ...]:
    """Return the editions of the next weeks, the next one first."""
    until = now + timedelta(weeks=weeks)
    planned = [each for facts in cadences for each in _plan_cadence(facts, now, until)]
    return tuple(sorted(planned, key=lambda each: (each.due_at, each.newsletter, each.cadence)))


def _plan_cadence(facts: CadenceFacts, now: datetime, until: datetime) -> Iterator[PlannedEdition]:
    is_next = True
    for slot in _slots(facts, now, until):
        if slot.local_at in facts.used:
            yield _used(facts, slot)
            continue
        yield _plan_edition(facts, slot, is_next=is_next)
        is_next = False


def _slots(facts: CadenceFacts, now: datetime, until: datetime) -> Iterator[Slot]:
    """Yield the open and the used slots, beginning with the slot of a waiting draft."""
    zone = ZoneInfo(facts.timezone)
    after = now
    if facts.draft is not None:
        waiting = datetime.fromisoformat(facts.draft.local_at).replace(tzinfo=zone)
        after = min(now, waiting - timedelta(microseconds=1))
    while (slot := next_slot(facts.schedule, zone, after=after)).due_at <= until:
        after = slot.due_at
        is_draft = facts.draft is not None and slot.local_at == facts.draft.local_at
        is_open = slot.local_at not in facts.done or slot.local_at in facts.used
        if is_draft or (slot.due_at > now and is_open):
            yield slot


def _used(facts: CadenceFacts, slot: Slot) -> PlannedEdition:
    return PlannedEdition(
        newsletter=facts.newsletter,
        cadence=facts.cadence,
        shown_cadence=shown_cadence(facts.cadence, facts.schedule),
        local_at=slot.local_at,
        timezone=facts.timezone,
        due_at=slot.due_at,
        is_local=facts.is_local,
        edition_id=facts.used[slot.local_at],
        state="sent",
        subscribers=0,
        variants=0,
        is_most=False,
        ends_at=None,
        missing=(),
        is_used=True,
    )


def _plan_edition(facts: CadenceFacts, slot: Slot, *, is_next: bool) -> PlannedEdition:
    has_draft = facts.draft is not None and facts.draft.local_at == slot.local_at
    draft = facts.draft if has_draft else None
    subscribers = facts.subscribers + sum(
        count for until, count in facts.returning.items() if until <= slot.due_at
    )
    return PlannedEdition(
        newsletter=facts.newsletter,
        cadence=facts.cadence,
        shown_cadence=shown_cadence(facts.cadence, facts.schedule),
        local_at=slot.local_at,
        timezone=facts.timezone,
        due_at=slot.due_at,
        is_local=facts.is_local,
        edition_id=draft.edition_id if draft else None,
        state=draft.state if draft else "",
        subscribers=subscribers,
        variants=draft.variants if draft else facts.windows,
        is_most=draft is None,
        ends_at=_end(facts, slot, subscribers),
        missing=tuple(_missing(facts, draft, subscribers)) if is_next else (),
    )


def _end(facts: CadenceFacts, slot: Slot, subscribers: int) -> datetime | None:
    if not facts.rate or facts.is_local:
        return None
    return slot.due_at + timedelta(seconds=subscribers / facts.rate)


def _missing(facts: CadenceFacts, draft: DraftFacts | None, subscribers: int) -> Iterator[str]:
    if draft is None and facts.new_posts < facts.min_posts:
        yield f"posts: {facts.new_posts} of {facts.min_posts}"
    if draft is not None and draft.state is EditionState.PAUSED:
        yield f"paused: {draft.paused_reason}"
    if facts.is_review_required and (draft is None or draft.state is EditionState.DRAFT):
        yield "approval"
    if subscribers == 0:
        yield "subscribers"

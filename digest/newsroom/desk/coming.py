"""The editions of the next weeks, without counting subscribers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import EditionState, Slot, SlotFacts
from digest.newsroom.calendar import CadenceFacts, DraftFacts, PlannedEdition, plan_weeks
from digest.newsroom.context import Cadence, NewsletterContext, RunContext
from digest.newsroom.plan import find_blocks
from digest.store import audience_counts, desk_list, editions, posts
from digest.store.choices import CadenceName
from digest.store.desk_list import DeskEdition
from digest.store.engine import Connection
from digest.store.slots import recent_slots

#: Weeks that the page may show.
MOST_WEEKS = 26
#: Slots of drafts that wait may be this old.
_LOOK_BACK = timedelta(days=21)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingEdition:
    """One future edition."""

    planned: PlannedEdition
    #: The newsletter's title.
    title: str
    #: Until when it may still be approved; None if it needs no approval any more.
    approve_until: datetime | None
    #: The number of mails of the cadence's last edition; None before the first.
    last_audience: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The plan of the next weeks."""

    #: The next one first.
    editions: tuple[ComingEdition, ...]
    #: Faults that keep everything from being sent, one line each.
    blocked: tuple[str, ...]
    weeks: int


def read_coming(context: RunContext, *, weeks: int) -> Coming:
    """Return the editions of the next weeks, at most `MOST_WEEKS`.

    Raises:
        StoreError: the database cannot be used.
    """
    now, weeks = context.clock(), max(1, min(weeks, MOST_WEEKS))
    names = [each.name for each in context.newsletters]
    of_each = [(each, cadence) for each in context.newsletters for cadence in each.cadences]
    blocked = find_blocks(context)
    with context.database.read() as connection:
        slots = recent_slots(connection, names, since=now - _LOOK_BACK)
        newest = desk_list.newest_frozen(
            connection, [(owner.name, cadence.name) for owner, cadence in of_each]
        )
        last = {(each.newsletter, each.cadence): each for each in newest}
        facts = [
            _facts(
                connection,
                owner,
                cadence,
                [s for s in slots if (s.newsletter, s.cadence) == (owner.name, cadence.name)],
                last.get((owner.name, cadence.name)),
                now,
            )
            for owner, cadence in of_each
        ]
    owners = {owner.name: owner for owner in context.newsletters}
    return Coming(
        editions=tuple(
            _coming(owners[each.newsletter], each, last.get((each.newsletter, each.cadence)))
            for each in plan_weeks(facts, now=now, weeks=weeks)
        ),
        blocked=blocked,
        weeks=weeks,
    )


def _coming(
    owner: NewsletterContext, planned: PlannedEdition, last: DeskEdition | None
) -> ComingEdition:
    needs_approval = owner.is_reviewed and planned.state in ("", EditionState.DRAFT)
    slot = Slot(local_at=planned.local_at, due_at=planned.due_at)
    until = owner.cadence(planned.cadence).settings.approve_until(slot)
    return ComingEdition(
        planned=planned,
        title=owner.title,
        approve_until=until if needs_approval else None,
        last_audience=last.frozen_count if last else None,
    )


def _facts(
    connection: Connection,
    owner: NewsletterContext,
    cadence: Cadence,
    slots: Sequence[SlotFacts],
    last: DeskEdition | None,
    now: datetime,
) -> CadenceFacts:
    drafts = [slot for slot in slots if _is_draft(slot, last)]
    draft = _draft_facts(drafts[-1]) if drafts else None
    return CadenceFacts(
        newsletter=owner.name,
        cadence=cadence.name,
        schedule=cadence.settings.schedule,
        timezone=owner.timezone,
        is_local=owner.audience_of(cadence.name, "").is_local,
        is_review_required=owner.is_reviewed,
        min_posts=cadence.rules.min_posts,
        done=frozenset(s.local_at for s in slots if s.state != "due" and s not in drafts),
        used={
            slot.local_at: slot.edition_id
            for slot in slots
            if slot.edition_id and slot.due_at > now and slot not in drafts
        },
        draft=draft,
        new_posts=_count_new(connection, owner, cadence, last, now) if draft is None else 0,
        # Not counted here: an empty audience is a matter of the newsletter's page of subscribers.
        subscribers=last.frozen_count if last and last.frozen_count else 1,
        returning={},
        windows=0,
        rate=None,
    )


def _is_draft(slot: SlotFacts, last: DeskEdition | None) -> bool:
    """Return whether a slot has a draft; a paused edition may be frozen."""
    if slot.edition_id is None or slot.edition_state in editions.OPEN:
        return slot.edition_id is not None
    is_newest = last is None or slot.edition_id > last.id
    return slot.edition_state is EditionState.PAUSED and is_newest


def _draft_facts(slot: SlotFacts) -> DraftFacts | None:
    if slot.edition_id is None or slot.edition_state is None:
        return None
    return DraftFacts(
        edition_id=slot.edition_id,
        local_at=slot.local_at,
        state=slot.edition_state,
        paused_reason=slot.paused_reason,
        variants=0,
    )


def _count_new(
    connection: Connection,
    owner: NewsletterContext,
    cadence: Cadence,
    last: DeskEdition | None,
    now: datetime,
) -> int:
    oldest = now - owner.max_window
    since = posts.last_seq_before(connection, oldest) if last is None else last.cut_seq
    of = CadenceName(owner.name, cadence.name)
    return audience_counts.count_new_posts(connection, since, owner.categories, of)

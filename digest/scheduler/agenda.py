"""Decides what to do for one cadence: plain facts and the time in, actions as data out.

No state is kept between two decisions: the caller stores slots and editions, and the next decision
reads them. A slot that was composed, empty or missed never comes again, even if the clock is set
back, except one that a clock that was ahead made miss. Of several slots that passed during an
outage, at most the newest gets an edition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from digest.models import Slot, SlotState
from digest.scheduler.slots import (
    Schedule,
    first_hour,
    next_slot,
    previous_slot,
    slot_named,
    slots_between,
)

#: How often new posts are added to a draft that is neither approved nor edited.
REFRESH_EVERY = timedelta(minutes=10)
#: The time from the first clock on earth that shows a local time to the last, and a spare hour.
_AROUND_THE_EARTH = timedelta(hours=27)
#: Longer than the time between two slots of any schedule.
_LONGEST_PAUSE = timedelta(days=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceSettings:
    """The settings of one cadence of a newsletter."""

    newsletter: str
    cadence: str
    schedule: Schedule
    zone: ZoneInfo
    #: How long after its slot an edition may still be sent.
    catch_up: timedelta
    #: Whether a person approves each edition.
    is_reviewed: bool = False
    #: With review: how long before its slot an edition is drafted.
    draft_lead: timedelta = timedelta(hours=24)
    #: With review: how long after its slot an edition waits for approval.
    approve_within: timedelta = timedelta(hours=12)
    #: Whether each subscriber's own zone counts; then an edition starts in the earliest zone.
    is_local: bool = False

    def starts_at(self, slot: Slot) -> datetime:
        """Return when the first mail of a slot is due."""
        return first_hour(slot, is_local=self.is_local)

    def opens_at(self, slot: Slot) -> datetime:
        """Return when the draft of a slot is due."""
        return self.starts_at(slot) - (self.draft_lead if self.is_reviewed else timedelta())

    def approve_until(self, slot: Slot) -> datetime:
        """Return when the wait for approval ends."""
        return self.starts_at(slot) + self.approve_within

    def passed_slot(self, now: datetime) -> Slot:
        """Return the newest slot whose hour has come."""
        slots = slots_between(
            self.schedule, self.zone, after=now - _LONGEST_PAUSE, until=now + _AROUND_THE_EARTH
        )
        return [slot for slot in slots if self.starts_at(slot) <= now][-1]

    def coming_slots(self, now: datetime) -> Iterator[Slot]:
        """Yield the slots whose hour has not come, the next one first, without end."""
        slot = self.passed_slot(now)
        while True:
            slot = next_slot(self.schedule, self.zone, after=slot.due_at)
            yield slot

    def catch_up_until(self, slot: Slot) -> datetime:
        """Return the latest time at which a slot without a draft may get its edition."""
        return self.starts_at(slot) + self.catch_up

    def send_until(self, slot: Slot) -> datetime:
        """Return the latest time at which sending may start."""
        if self.is_reviewed:
            return max(self.catch_up_until(slot), self.approve_until(slot))
        return self.catch_up_until(slot)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSlot:
    """A slot in the database."""

    local_at: str
    state: SlotState
    #: Whether it was missed by the clock alone, so that it is due again if its hour is ahead.
    may_return: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft:
    """The draft of a cadence that is not sent yet."""

    edition_id: int
    local_at: str
    is_approved: bool
    composed_at: datetime
    #: When it was composed for the first time.
    created_at: datetime
    #: Whether an editor changed it; then it waits for approval without new posts.
    is_edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The stored state of one cadence."""

    #: The newest slots, in any order.
    slots: tuple[KnownSlot, ...] = ()
    #: None if there is no unsent draft.
    draft: OpenDraft | None = None


# --- actions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Store the next slot, so that it is known after an outage."""

    slot: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Delete an announced slot that is no longer in the schedule."""

    local_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """Make a slot due again: it was missed by a clock that was ahead, and its hour is to come."""

    local_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """Compose the slot's draft, or add new posts to it."""

    slot: Slot
    #: Time of the slot before it: without a feed read since then, there are no new posts.
    since: datetime
    #: Whether the slot has come; before that, too few posts do not make the slot empty.
    is_final: bool
    #: The existing draft; None if there is none.
    edition_id: int | None = None
    #: Whether it only adds new posts to a draft that waits for approval.
    is_refresh: bool = False

    @property
    def is_slot_come(self) -> bool:
        """Whether this is the edition's own composing at its slot."""
        return self.is_final and not self.is_refresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Freeze the draft, which starts the send."""

    slot: Slot
    edition_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Mark slots as missed for good; their posts go into the next edition."""

    #: At least one, oldest first.
    slots: tuple[Slot, ...]
    #: The reason, for the operator.
    why: str
    #: The draft to cancel with them; None if there is none.
    edition_id: int | None = None


class Stage(StrEnum):
    """The stages of the wait for approval."""

    DRAFTED = "drafted"
    DUE = "due"
    HALFWAY = "halfway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """Notify the approvers that an edition waits for approval, once for each stage."""

    slot: Slot
    edition_id: int
    stage: Stage
    until: datetime


Action = Announce | Withdraw | Reopen | Compose | Publish | Miss | Remind


# --- the decision -------------------------------------------------------------------------------


def decide(plan: CadenceSettings, facts: Facts, now: datetime) -> tuple[Action, ...]:
    """Return the actions that are due for a cadence now, in order.

    Without stored slots only the next slot is announced; earlier ones do not count.
    """
    return tuple(_Agenda(plan, facts, now).actions())


class _Agenda:
    """One decision for one cadence."""

    def __init__(self, plan: CadenceSettings, facts: Facts, now: datetime) -> None:
        self._plan = plan
        self._now = now
        self._known = {known.local_at: known.state for known in facts.slots}
        self._draft = facts.draft
        self._returning = [
            known.local_at
            for known in facts.slots
            if known.may_return and self._is_ahead(known.local_at)
        ]
        self._known |= dict.fromkeys(self._returning, SlotState.DUE)

    def actions(self) -> Iterator[Action]:
        for local_at in self._returning:
            yield Reopen(local_at=local_at)
        open_slots = self._open_slots()
        started = [slot for slot in open_slots if self._plan.starts_at(slot) <= self._now]
        if len(started) > 1:
            yield self._miss(started[:-1], "a later edition was due before it was composed")
        if started:
            yield from self._settle(started[-1])
        else:
            yield from self._draft_ahead(open_slots)
        yield from self._announce()

    def _open_slots(self) -> list[Slot]:
        """Return the slots without an edition whose draft is due, oldest first."""
        known = [self._slot(local_at) for local_at in self._known]
        if not known:
            return []
        unmade = [slot for slot in known if self._is_open(slot)]
        # Slots that passed since the newest stored one, or whose draft may already be due.
        unmade += slots_between(
            self._plan.schedule,
            self._plan.zone,
            after=max(slot.due_at for slot in known),
            until=self._now + self._plan.draft_lead + _AROUND_THE_EARTH,
        )
        come = (slot for slot in unmade if self._plan.opens_at(slot) <= self._now)
        return sorted(come, key=lambda slot: slot.due_at)

    def _is_open(self, slot: Slot) -> bool:
        state = self._known[slot.local_at]
        if state is SlotState.COMPOSED:
            return self._draft_of(slot) is not None
        return state in (SlotState.DUE, SlotState.FEEDS_DOWN)

    # --- a slot that has come -------------------------------------------------------------------

    def _settle(self, slot: Slot) -> Iterator[Action]:
        plan, draft = self._plan, self._draft_of(slot)
        if draft is not None and draft.is_approved:
            is_late = self._now > plan.send_until(slot)
            yield self._miss([slot], "too late") if is_late else _publish(slot, draft)
        elif plan.is_reviewed and self._now >= self._approve_until(slot, draft):
            yield self._miss([slot], "it was not approved in time")
        elif self._now > plan.starts_at(slot) + plan.catch_up and (
            draft is None or not plan.is_reviewed
        ):
            yield self._miss([slot], self._why_late(slot))
        elif draft is None:
            yield self._compose(slot)
        elif plan.is_reviewed:
            yield from self._wait_for_approval(slot, draft)
        elif draft.composed_at < plan.starts_at(slot):
            yield self._compose(slot)
        else:
            yield _publish(slot, draft)

    def _why_late(self, slot: Slot) -> str:
        if self._known.get(slot.local_at) is SlotState.FEEDS_DOWN:
            return "none of its feeds could be read"
        return f"it was {_hours(self._now - self._plan.starts_at(slot))} late"

    def _wait_for_approval(self, slot: Slot, draft: OpenDraft) -> Iterator[Action]:
        is_fresh = draft.composed_at <= self._now < draft.composed_at + REFRESH_EVERY
        if not (draft.is_edited or is_fresh):
            yield replace(self._compose(slot), is_refresh=True)
        starts_at, until = self._plan.starts_at(slot), self._approve_until(slot, draft)
        stage = Stage.DRAFTED
        if self._now >= starts_at:
            stage = Stage.HALFWAY if self._now - starts_at >= (until - starts_at) / 2 else Stage.DUE
        yield Remind(slot=slot, edition_id=draft.edition_id, stage=stage, until=until)

    def _approve_until(self, slot: Slot, draft: OpenDraft | None) -> datetime:
        """Return when the wait for approval ends; later for a slot that was taken up again."""
        until = self._plan.approve_until(slot)
        is_taken_up = draft is not None and draft.created_at >= until
        return self._plan.send_until(slot) if is_taken_up else until

    # --- ahead ----------------------------------------------------------------------------------

    def _draft_ahead(self, slots: list[Slot]) -> Iterator[Action]:
        for slot in slots[:1]:
            draft = self._draft_of(slot)
            if draft is None:
                yield self._compose(slot)
            elif not draft.is_approved:
                yield from self._wait_for_approval(slot, draft)

    def _announce(self) -> Iterator[Action]:
        coming = next_slot(self._plan.schedule, self._plan.zone, after=self._now)
        if coming.local_at not in self._known:
            yield Announce(slot=coming)
        for local_at, state in self._known.items():
            if state is SlotState.DUE and self._is_ahead(local_at) and not self._is_on(local_at):
                yield Withdraw(local_at=local_at)

    def _is_ahead(self, local_at: str) -> bool:
        return self._plan.starts_at(self._slot(local_at)) > self._now

    def _is_on(self, local_at: str) -> bool:
        """Return whether the slot is in the schedule."""
        slot = self._slot(local_at)
        return previous_slot(self._plan.schedule, self._plan.zone, until=slot.due_at) == slot

    # --- parts ----------------------------------------------------------------------------------

    def _slot(self, local_at: str) -> Slot:
        return slot_named(local_at, self._plan.zone)

    def _draft_of(self, slot: Slot) -> OpenDraft | None:
        has_it = self._draft is not None and self._draft.local_at == slot.local_at
        return self._draft if has_it else None

    def _compose(self, slot: Slot) -> Compose:
        before = slot.due_at - timedelta(seconds=1)
        since = previous_slot(self._plan.schedule, self._plan.zone, until=before)
        draft = self._draft_of(slot)
        return Compose(
            slot=slot,
            since=since.due_at,
            is_final=self._now >= self._plan.starts_at(slot),
            edition_id=draft.edition_id if draft else None,
        )

    def _miss(self, slots: list[Slot], why: str) -> Miss:
        drafts = [draft for slot in slots if (draft := self._draft_of(slot))]
        edition_id = drafts[0].edition_id if drafts else None
        return Miss(slots=tuple(slots), why=why, edition_id=edition_id)


def _publish(slot: Slot, draft: OpenDraft) -> Publish:
    return Publish(slot=slot, edition_id=draft.edition_id)


def _hours(late: timedelta) -> str:
    hours = round(late.total_seconds() / 3600)
    unit = "hour" if hours == 1 else "hours"
    return f"{hours} {unit}" if hours < 72 else f"{hours // 24} days"

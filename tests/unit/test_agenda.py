from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.models import Slot, SlotState
from digest.scheduler.agenda import (
    Action,
    Announce,
    CadenceSettings,
    Compose,
    Facts,
    KnownSlot,
    Miss,
    OpenDraft,
    Publish,
    Remind,
    Reopen,
    Stage,
    Withdraw,
    decide,
)
from digest.scheduler.slots import parse_schedule, slot_named

LONDON = ZoneInfo("Europe/London")
#: A Monday.
SLOT = slot_named("2026-11-23T07:00", LONDON)
NEXT = slot_named("2026-11-30T07:00", LONDON)
BEFORE = slot_named("2026-11-16T07:00", LONDON)
HOUR = timedelta(hours=1)

DUE, COMPOSED, EMPTY, MISSED, FEEDS_DOWN = SlotState


def a_plan(schedule: str = "Mon 07:00", **changes: Any) -> CadenceSettings:
    known: dict[str, Any] = {
        "newsletter": "weekly",
        "cadence": "weekly",
        "schedule": parse_schedule(schedule),
        "zone": LONDON,
        "catch_up": timedelta(hours=24),
    }
    return CadenceSettings(**(known | changes))


def known(state: SlotState = DUE, slot: Slot = SLOT) -> KnownSlot:
    return KnownSlot(local_at=slot.local_at, state=state)


def a_draft(
    composed_at: datetime, *, is_approved: bool = False, is_edited: bool = False
) -> OpenDraft:
    return OpenDraft(
        edition_id=7,
        local_at=SLOT.local_at,
        is_approved=is_approved,
        composed_at=composed_at,
        created_at=composed_at,
        is_edited=is_edited,
    )


def look(
    after: timedelta,
    *slots: KnownSlot,
    plan: CadenceSettings | None = None,
    draft: OpenDraft | None = None,
) -> tuple[Action, ...]:
    """Decide this long after the slot; the next slot is stored already."""
    facts = Facts(slots=(*slots, known(DUE, NEXT)), draft=draft)
    return decide(plan or a_plan(), facts, SLOT.due_at + after)


COMPOSE = Compose(slot=SLOT, since=BEFORE.due_at, is_final=True)
PUBLISH = Publish(slot=SLOT, edition_id=7)


# --- stored slots ---------------------------------------------------------------------------------


def test_with_nothing_on_record_only_the_next_slot_is_announced() -> None:
    actions = decide(a_plan(), Facts(), SLOT.due_at + HOUR)
    assert actions == (Announce(slot=NEXT),)


def test_before_its_time_there_is_nothing_to_do() -> None:
    assert look(-HOUR, known()) == ()


def test_a_slot_that_is_no_longer_in_the_schedule_is_withdrawn() -> None:
    tuesday = slot_named("2026-11-24T07:00", LONDON)
    assert look(-HOUR, known(), plan=a_plan("Tue 07:00")) == (
        Announce(slot=tuesday),
        Withdraw(local_at=SLOT.local_at),
        Withdraw(local_at=NEXT.local_at),
    )


def test_a_changed_schedule_catches_up_on_nothing() -> None:
    facts = Facts(slots=(known(COMPOSED), known(DUE, NEXT)))
    (announce,) = decide(a_plan("daily 07:00"), facts, SLOT.due_at + timedelta(days=3, hours=1))
    assert announce == Announce(slot=slot_named("2026-11-27T07:00", LONDON))


# --- without review -----------------------------------------------------------------------------


def test_an_edition_is_composed_at_its_slot() -> None:
    assert look(timedelta(), known()) == (COMPOSE,)


def test_a_draft_is_published_at_its_slot() -> None:
    assert look(timedelta(), known(COMPOSED), draft=a_draft(SLOT.due_at)) == (PUBLISH,)


def test_a_draft_composed_manually_is_refreshed_first() -> None:
    assert look(timedelta(), known(COMPOSED), draft=a_draft(SLOT.due_at - HOUR)) == (
        replace(COMPOSE, edition_id=7),
    )


def test_a_manually_approved_draft_is_sent_unchanged() -> None:
    draft = a_draft(SLOT.due_at - HOUR, is_approved=True)
    assert look(timedelta(), known(COMPOSED), draft=draft) == (PUBLISH,)


@pytest.mark.parametrize("state", [COMPOSED, EMPTY, MISSED])
@pytest.mark.parametrize("after", [timedelta(), 3 * HOUR, -3 * HOUR, timedelta(days=6)])
def test_an_ended_slot_never_comes_again(state: SlotState, after: timedelta) -> None:
    assert look(after, known(state)) == ()


def test_failing_feeds_are_tried_again_until_it_is_too_late() -> None:
    assert look(24 * HOUR, known(FEEDS_DOWN)) == (COMPOSE,)
    assert look(25 * HOUR, known(FEEDS_DOWN)) == (
        Miss(slots=(SLOT,), why="none of its feeds could be read"),
    )


@pytest.mark.parametrize(
    ("down", "made"),
    [(timedelta(minutes=1), 1), (timedelta(hours=5), 1), (timedelta(days=3), 0)],
)
def test_after_an_outage_at_most_one_edition_comes(down: timedelta, made: int) -> None:
    actions = look(down, known())
    assert sum(isinstance(action, Compose) for action in actions) == made
    assert sum(isinstance(action, Miss) for action in actions) == 1 - made


def test_after_five_weeks_every_slot_is_missed_and_reported_together() -> None:
    facts = Facts(slots=(known(COMPOSED, BEFORE), known()))
    now = SLOT.due_at + timedelta(weeks=5, days=3)
    older, newest, announce = decide(a_plan(), facts, now)
    assert isinstance(older, Miss)
    assert isinstance(newest, Miss)
    missed = [slot.local_at[:10] for slot in (*older.slots, *newest.slots)]
    days = ["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28"]
    assert missed == days
    assert isinstance(announce, Announce)


def test_of_two_passed_days_only_the_newer_is_composed() -> None:
    facts = Facts(slots=(known(),))
    tuesday = slot_named("2026-11-24T07:00", LONDON)
    missed, composed, _ = decide(a_plan("daily 07:00"), facts, tuesday.due_at + HOUR)
    assert isinstance(missed, Miss)
    assert missed.slots == (SLOT,)
    assert composed == Compose(slot=tuesday, since=SLOT.due_at, is_final=True)


def test_a_clock_that_jumps_ahead_nine_days_makes_at_most_one_edition() -> None:
    facts = Facts(slots=(known(COMPOSED), known(DUE, NEXT)))
    (missed, announced) = decide(a_plan(), facts, SLOT.due_at + timedelta(days=9))
    assert missed == Miss(slots=(NEXT,), why="it was 48 hours late")
    assert isinstance(announced, Announce)


def test_a_slot_that_a_clock_made_missed_is_due_again_while_its_hour_is_ahead() -> None:
    lost = replace(known(MISSED, NEXT), may_return=True)
    facts = Facts(slots=(known(COMPOSED), lost))
    assert decide(a_plan(), facts, NEXT.due_at - HOUR) == (Reopen(local_at=NEXT.local_at),)
    assert not look_for(Reopen, decide(a_plan(), facts, NEXT.due_at))
    elsewhere = decide(a_plan("Tue 07:00"), facts, NEXT.due_at - HOUR)
    assert look_for(Withdraw, elsewhere) == [Withdraw(local_at=NEXT.local_at)]


def test_a_slot_that_an_editor_or_a_restore_gave_up_stays_missed() -> None:
    facts = Facts(slots=(known(COMPOSED), known(MISSED, NEXT)))
    assert decide(a_plan(), facts, NEXT.due_at - HOUR) == ()
    assert not look_for(Compose, decide(a_plan(), facts, NEXT.due_at + HOUR))


def look_for(kind: type[Action], actions: tuple[Action, ...]) -> list[Action]:
    return [action for action in actions if isinstance(action, kind)]


def test_a_clock_set_back_during_a_run_waits_for_the_slot_again() -> None:
    draft = a_draft(SLOT.due_at)
    assert look(-3 * HOUR, known(COMPOSED), draft=draft) == ()
    assert look(timedelta(), known(COMPOSED), draft=draft) == (PUBLISH,)


def test_a_draft_that_waited_too_long_is_given_up() -> None:
    actions = look(25 * HOUR, known(COMPOSED), draft=a_draft(SLOT.due_at))
    assert actions == (Miss(slots=(SLOT,), why="it was 25 hours late", edition_id=7),)


def test_local_delivery_starts_with_the_first_zone() -> None:
    plan = a_plan(is_local=True)
    assert look(-15 * HOUR, known(), plan=plan) == ()
    assert look(-14 * HOUR, known(), plan=plan) == (COMPOSE,)


# --- with review --------------------------------------------------------------------------------

REVIEWED = a_plan(is_reviewed=True)
UNTIL = SLOT.due_at + 12 * HOUR


def remind(stage: Stage) -> Remind:
    return Remind(slot=SLOT, edition_id=7, stage=stage, until=UNTIL)


def test_the_draft_is_composed_ahead() -> None:
    assert look(-25 * HOUR, known(), plan=REVIEWED) == ()
    (compose,) = look(-24 * HOUR, known(), plan=REVIEWED)
    assert compose == Compose(slot=SLOT, since=BEFORE.due_at, is_final=False)


def test_the_draft_of_an_unrecorded_slot_is_composed_ahead_too() -> None:
    facts = Facts(slots=(known(COMPOSED, BEFORE),))
    compose, announce = decide(REVIEWED, facts, SLOT.due_at - HOUR)
    assert isinstance(compose, Compose)
    assert announce == Announce(slot=SLOT)


def test_a_draft_is_refreshed_until_it_is_approved() -> None:
    draft = a_draft(SLOT.due_at - 5 * HOUR)
    actions = look(-4 * HOUR, known(COMPOSED), plan=REVIEWED, draft=draft)
    compose = replace(COMPOSE, edition_id=7, is_final=False, is_refresh=True)
    assert actions == (compose, remind(Stage.DRAFTED))
    approved = a_draft(SLOT.due_at - 5 * HOUR, is_approved=True)
    assert look(-4 * HOUR, known(COMPOSED), plan=REVIEWED, draft=approved) == ()


def test_a_slot_that_was_taken_up_again_waits_as_long_as_it_may_be_sent() -> None:
    draft = a_draft(SLOT.due_at + 15 * HOUR)
    late = look(20 * HOUR, known(COMPOSED), plan=REVIEWED, draft=draft)
    assert not any(isinstance(action, Miss) for action in late)
    assert isinstance(look(25 * HOUR, known(COMPOSED), plan=REVIEWED, draft=draft)[0], Miss)


@pytest.mark.parametrize("after", [-4 * HOUR, 1 * HOUR])
def test_an_edited_draft_is_not_refreshed_and_waits(after: timedelta) -> None:
    draft = a_draft(SLOT.due_at - 5 * HOUR, is_edited=True)
    stage = Stage.DRAFTED if after < timedelta() else Stage.DUE
    assert look(after, known(COMPOSED), plan=REVIEWED, draft=draft) == (remind(stage),)


def test_without_review_an_edited_draft_takes_in_new_posts_at_its_hour() -> None:
    draft = a_draft(SLOT.due_at - HOUR, is_edited=True)
    assert look(timedelta(), known(COMPOSED), draft=draft) == (replace(COMPOSE, edition_id=7),)


def test_an_approved_draft_is_sent_at_its_slot_and_not_before() -> None:
    draft = a_draft(SLOT.due_at - 5 * HOUR, is_approved=True)
    late = look(11 * HOUR, known(COMPOSED), plan=REVIEWED, draft=draft)
    assert look(timedelta(), known(COMPOSED), plan=REVIEWED, draft=draft) == late == (PUBLISH,)


@pytest.mark.parametrize(
    ("after", "stage"),
    [(-HOUR, Stage.DRAFTED), (timedelta(), Stage.DUE), (6 * HOUR, Stage.HALFWAY)],
)
def test_reminders_come_at_the_draft_at_the_slot_and_halfway(
    after: timedelta, stage: Stage
) -> None:
    draft = a_draft(SLOT.due_at + after)
    assert look(after, known(COMPOSED), plan=REVIEWED, draft=draft) == (remind(stage),)


def test_a_draft_not_approved_in_time_misses_its_slot() -> None:
    actions = look(12 * HOUR, known(COMPOSED), plan=REVIEWED, draft=a_draft(SLOT.due_at))
    assert actions == (Miss(slots=(SLOT,), why="it was not approved in time", edition_id=7),)


def test_an_approval_in_the_last_hour_counts_although_catch_up_is_short() -> None:
    plan = a_plan(is_reviewed=True, catch_up=HOUR)
    draft = a_draft(SLOT.due_at, is_approved=True)
    assert look(11 * HOUR, known(COMPOSED), plan=plan, draft=draft) == (PUBLISH,)
    assert look(2 * HOUR, known(), plan=plan) == (Miss(slots=(SLOT,), why="it was 2 hours late"),)


def test_while_one_draft_waits_the_next_is_not_composed() -> None:
    plan = a_plan("daily 07:00", is_reviewed=True)
    tuesday = slot_named("2026-11-24T07:00", LONDON)
    facts = Facts(slots=(known(COMPOSED), known(DUE, tuesday)), draft=a_draft(SLOT.due_at))
    actions = decide(plan, facts, SLOT.due_at + timedelta(minutes=5))
    assert actions == (remind(Stage.DUE),)


# --- the slots that a person means --------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "after", "passed", "coming"),
    [
        ("Mon 07:00", timedelta(), "2026-11-23T07:00", "2026-11-30T07:00"),
        ("Mon 07:00", -timedelta(seconds=1), "2026-11-16T07:00", "2026-11-23T07:00"),
        ("daily 07:00", 5 * HOUR, "2026-11-23T07:00", "2026-11-24T07:00"),
        ("Mon,Thu 07:00", -HOUR, "2026-11-19T07:00", "2026-11-23T07:00"),
        ("1st Mon 07:00", timedelta(), "2026-11-02T07:00", "2026-12-07T07:00"),
        ("last Fri 17:30", timedelta(), "2026-10-30T17:30", "2026-11-27T17:30"),
    ],
)
def test_the_passed_and_the_coming_slot_are_neighbours(
    schedule: str, after: timedelta, passed: str, coming: str
) -> None:
    plan, now = a_plan(schedule), SLOT.due_at + after
    assert plan.passed_slot(now).local_at == passed
    assert next(plan.coming_slots(now)).local_at == coming


def test_with_local_delivery_a_slot_has_passed_in_the_first_zone() -> None:
    plan, first_zone = a_plan(is_local=True), SLOT.due_at - 14 * HOUR
    assert plan.passed_slot(first_zone).local_at == SLOT.local_at
    assert plan.passed_slot(first_zone - HOUR).local_at == BEFORE.local_at
    assert next(plan.coming_slots(first_zone)).local_at == NEXT.local_at


@pytest.mark.parametrize("when", ["2026-03-29T01:30", "2026-10-25T01:30"])
def test_an_hour_that_the_clocks_skip_or_repeat_is_one_slot(when: str) -> None:
    slot = slot_named(when, LONDON)
    plan = a_plan("Sun 01:30")
    for later in (timedelta(), HOUR, 2 * HOUR):
        assert plan.passed_slot(slot.due_at + later).local_at == when
    assert plan.passed_slot(slot.due_at - timedelta(seconds=1)).local_at != when

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.models import Count, EditionState
from digest.newsroom.calendar import CadenceFacts, DraftFacts, PlannedEdition, plan_weeks
from digest.newsroom.plan import find_strays
from digest.scheduler.slots import parse_schedule
from digest.store.audience_counts import Census

#: A Sunday; the next slots are the Mondays after it.
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FIRST = "2026-11-23T07:00"


def the_facts(**changes: Any) -> CadenceFacts:
    known: dict[str, Any] = {
        "newsletter": "weekly",
        "cadence": "weekly",
        "schedule": parse_schedule("Mon 07:00"),
        "timezone": "America/New_York",
        "is_local": False,
        "is_review_required": False,
        "min_posts": 1,
        "done": frozenset(),
        "used": {},
        "draft": None,
        "new_posts": 3,
        "subscribers": 100,
        "returning": {},
        "windows": 4,
        "rate": 10.0,
    }
    return CadenceFacts(**(known | changes))


def a_draft(state: EditionState = EditionState.DRAFT, local_at: str = FIRST) -> DraftFacts:
    return DraftFacts(
        edition_id=7, local_at=local_at, state=state, paused_reason="by hand", variants=2
    )


def planned(*, weeks: int = 3, **changes: Any) -> tuple[PlannedEdition, ...]:
    return plan_weeks([the_facts(**changes)], now=NOW, weeks=weeks)


def test_each_slot_of_the_weeks_is_planned_in_both_clocks() -> None:
    slots = [(each.local_at, each.due_at.hour) for each in planned()]
    assert slots == [(FIRST, 12), ("2026-11-30T07:00", 12), ("2026-12-07T07:00", 12)]


def test_cadences_are_in_the_order_of_their_hours() -> None:
    daily = the_facts(cadence="daily", schedule=parse_schedule("daily 06:00"))
    found = plan_weeks([the_facts(), daily], now=NOW, weeks=1)
    assert [each.cadence for each in found].index("weekly") == 1
    assert len(found) == 8


def test_a_slot_that_is_done_is_not_planned_again() -> None:
    assert planned(done=frozenset({FIRST}))[0].local_at == "2026-11-30T07:00"


def test_a_slot_that_was_sent_before_its_hour_is_shown_as_used() -> None:
    used, free, *_ = planned(done=frozenset({FIRST}), used={FIRST: 7}, new_posts=0)
    assert (used.local_at, used.is_used, used.edition_id, used.missing) == (FIRST, True, 7, ())
    assert (free.is_used, free.missing) == (False, ("posts: 0 of 1",))


def test_a_draft_is_planned_with_its_known_facts() -> None:
    first, second, _ = planned(draft=a_draft(), done=frozenset({FIRST}))
    assert (first.edition_id, first.state, first.variants, first.is_most) == (7, "draft", 2, False)
    assert (second.edition_id, second.state, second.variants, second.is_most) == (None, "", 4, True)


def test_a_draft_whose_hour_has_passed_is_still_planned() -> None:
    late = a_draft(local_at="2026-11-16T07:00")
    assert [each.edition_id for each in planned(draft=late)] == [7, None, None, None]


def test_a_subscriber_back_from_a_pause_by_then_counts() -> None:
    returning = {NOW + timedelta(days=3): 5, NOW + timedelta(days=100): 7}
    assert [each.subscribers for each in planned(returning=returning)] == [100, 105, 105]


@pytest.mark.parametrize(("rate", "is_local"), [(None, False), (10.0, True)])
def test_the_end_is_shown_only_if_it_is_known(rate: float | None, *, is_local: bool) -> None:
    assert planned(rate=rate, is_local=is_local)[0].ends_at is None
    known = planned()[0]
    assert known.ends_at == known.due_at + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"new_posts": 1, "min_posts": 3}, ("posts: 1 of 3",)),
        ({"subscribers": 0}, ("subscribers",)),
        ({"is_review_required": True}, ("approval",)),
        ({"is_review_required": True, "draft": a_draft()}, ("approval",)),
        ({"is_review_required": True, "draft": a_draft(EditionState.APPROVED)}, ()),
        ({"draft": a_draft(EditionState.PAUSED)}, ("paused: by hand",)),
        ({"draft": a_draft(), "new_posts": 0}, ()),
    ],
)
def test_missing_settings_are_shown_for_the_next_edition_only(
    changes: dict[str, Any], missing: tuple[str, ...]
) -> None:
    first, *rest = planned(**changes)
    assert first.missing == missing
    assert all(each.missing == () for each in rest)


def test_choices_no_longer_configured_are_reported() -> None:
    census = Census(
        cadences=(
            Count(value="", subscribers=9),
            Count(value="hourly", subscribers=2),
            Count(value="daily", subscribers=1),
        ),
        languages=(),
        domains=(),
        categories=(Count(value="Security", subscribers=4), Count(value="Sport", subscribers=3)),
    )
    strays = find_strays(census, ("Security",), ("weekly", "daily"))
    assert [stray.rpartition(";")[0] for stray in strays] == [
        "category 'Sport' is no longer configured; subscribers who chose it: 3",
        "cadence 'hourly' is no longer configured; subscribers who chose it: 2",
    ]

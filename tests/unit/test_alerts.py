from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.alerts import Situation, find_alerts, find_jump
from digest.models import EditionState, FeedFacts, SlotFacts

DUE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_slot(**changes: Any) -> SlotFacts:
    known: dict[str, Any] = {
        "newsletter": "weekly",
        "cadence": "weekly",
        "local_at": "2026-11-23T07:00",
        "due_at": DUE,
        "state": "composed",
        "edition_id": 7,
        "edition_state": EditionState.SENDING,
        "paused_reason": "",
        "is_out": True,
    }
    return SlotFacts(**(known | changes))


def a_feed(url: str = "https://a.example/feed", *, failures: int = 0) -> FeedFacts:
    read_at = DUE - timedelta(days=1)
    return FeedFacts(url=url, failures=failures, read_at=read_at, last_error="HTTP 500")


def keys(*slots: SlotFacts, now: datetime, feeds: tuple[FeedFacts, ...] = ()) -> list[str]:
    situation = Situation(slots=slots, feeds=feeds, reviewed=frozenset({"weekly"}), late_after=HOUR)
    return [alert.key for alert in find_alerts(situation, now=now)]


@pytest.mark.parametrize(
    ("changes", "wait", "what"),
    [
        ({}, HOUR, ""),
        ({"state": "empty", "edition_state": None, "is_out": False}, 2 * HOUR, ""),
        ({"edition_state": EditionState.FINISHED, "is_out": False}, 2 * HOUR, ""),
        ({"is_out": False}, HOUR, "late"),
        ({"is_out": False}, HOUR - timedelta(seconds=1), ""),
        ({"state": "due", "edition_state": None, "is_out": False}, HOUR, "late"),
        ({"state": "feeds_down", "edition_state": None, "is_out": False}, HOUR, "late"),
        # Missed slots are reported together, by the service.
        ({"state": "missed", "edition_state": None, "is_out": False}, HOUR, ""),
        ({"edition_state": EditionState.DRAFT, "is_out": False}, timedelta(0), "approval"),
        ({"edition_state": EditionState.DRAFT, "is_out": False}, -HOUR, ""),
        ({"edition_state": EditionState.APPROVED, "is_out": False}, HOUR, "late"),
        (
            {"edition_state": EditionState.PAUSED, "paused_reason": "audience"},
            -HOUR,
            "paused/audience",
        ),
    ],
)
def test_each_situation_gives_its_alert(
    changes: dict[str, Any], wait: timedelta, what: str
) -> None:
    expected = [f"weekly/weekly/2026-11-23T07:00/{what}"] if what else []
    assert keys(a_slot(**changes), now=DUE + wait) == expected


def test_a_draft_of_a_newsletter_without_review_is_late_and_does_not_wait() -> None:
    draft = a_slot(newsletter="daily", edition_state=EditionState.DRAFT, is_out=False)
    assert keys(draft, now=DUE + HOUR) == ["daily/weekly/2026-11-23T07:00/late"]


def test_feeds_are_reported_when_all_of_them_fail() -> None:
    down, up = a_feed(failures=2), a_feed("https://b.example/feed")
    assert keys(now=DUE, feeds=(down, up)) == []
    assert keys(now=DUE, feeds=(down,)) == ["feeds/2026-11-22T07:00"]
    assert keys(now=DUE) == []


def test_an_outage_that_lasts_keeps_its_key() -> None:
    first = keys(now=DUE, feeds=(a_feed(failures=1),))
    assert keys(now=DUE + 5 * HOUR, feeds=(a_feed(failures=6),)) == first


def test_an_alert_names_the_next_step() -> None:
    paused = a_slot(edition_state=EditionState.PAUSED, paused_reason="by hand")
    situation = Situation(slots=(paused,), feeds=(), reviewed=frozenset(), late_after=HOUR)
    headline, advice = find_alerts(situation, now=DUE)[0].text.splitlines()
    assert headline == "weekly (weekly), 2026-11-23 07:00: edition 7 is paused: by hand"
    assert "digest resume 7" in advice


@pytest.mark.parametrize(
    ("subscribers", "last", "is_jump"),
    [
        (100, 0, False),  # the first edition
        (149, 100, False),  # fewer than 50 apart
        (151, 100, True),
        (49, 100, True),
        (1400, 1000, False),  # within half
        (1501, 1000, True),
        (0, 40, False),
    ],
)
def test_an_audience_jumps_by_share_and_by_number(
    subscribers: int, last: int, *, is_jump: bool
) -> None:
    assert bool(find_jump(subscribers, last, most=0.5)) is is_jump


@pytest.mark.parametrize(
    ("subscribers", "accepted", "is_jump"),
    [
        (200, 200, False),
        (280, 200, False),  # within half of what was accepted
        (310, 200, True),
        (5000, 0, True),
        (130, 310, False),  # back at the last edition's
        (40, 200, True),
    ],
)
def test_an_audience_that_jumps_from_the_accepted_number_is_a_jump_again(
    subscribers: int, accepted: int, *, is_jump: bool
) -> None:
    found = find_jump(subscribers, 100, most=0.5, accepted=accepted)
    assert found == (f"audience: {subscribers} subscribers, {accepted} accepted" if is_jump else "")


def test_subscribers_who_wait_fill_a_difference_but_make_none() -> None:
    assert find_jump(1, 100, most=0.5)
    assert not find_jump(1, 100, most=0.5, waiting=99)
    assert not find_jump(100, 100, most=0.5, waiting=900)
    assert not find_jump(30, 1000, most=0.5, waiting=170, accepted=200)


def test_a_gone_feed_is_reported_once_each_time() -> None:
    gone = replace(a_feed(), gone_at=DUE)
    first = keys(now=DUE, feeds=(gone, a_feed("https://b.example/feed")))
    assert len(first) == 1
    assert first[0].endswith("/gone/2026-11-23T07:00")
    assert keys(now=DUE + 99 * HOUR, feeds=(gone, a_feed("https://b.example/feed"))) == first


@pytest.mark.parametrize(("seen", "told"), [(1, 0), (2, 0), (3, 1), (4, 1)])
def test_a_move_to_another_site_is_reported_once_it_is_sure(seen: int, told: int) -> None:
    moved = replace(a_feed(), moved_to="https://b.example/feed", moved_seen=seen)
    assert len(keys(now=DUE, feeds=(moved,))) == told


def test_the_key_of_any_feed_fits_into_the_database() -> None:
    long = replace(a_feed("https://a.example/" + "x" * 4000), gone_at=DUE, moved_to="y" * 4000)
    found = keys(now=DUE, feeds=(replace(long, moved_seen=3), a_feed("https://b.example/feed")))
    assert len(found) == 2
    assert all(len(key) < 255 for key in found)


def test_an_archive_that_a_site_lists_is_reported_once() -> None:
    listed = replace(a_feed(), archived=90)
    (key,) = keys(now=DUE, feeds=(listed,))
    assert keys(now=DUE + 99 * HOUR, feeds=(replace(listed, archived=120),)) == [key]


def test_a_gap_is_reported_at_most_once_a_week() -> None:
    gap = replace(a_feed(), gap_at=DUE)
    (key,) = keys(now=DUE, feeds=(gap,))
    assert keys(now=DUE, feeds=(replace(gap, gap_at=DUE + 5 * HOUR),)) == [key]
    assert keys(now=DUE, feeds=(replace(gap, gap_at=DUE + 7 * 24 * HOUR),)) != [key]

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.models import FirstMails
from digest.sender.canary import Canary, judge_first
from digest.sender.holds import HoldKind

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
CANARY = Canary(first=50, wait=timedelta(minutes=10), max_failed=0.2)
LATER = NOW + timedelta(minutes=10)


@pytest.mark.parametrize(("tried", "more"), [(0, 50), (1, 49), (49, 1)])
def test_only_the_first_mails_may_go(tried: int, more: int) -> None:
    verdict = judge_first(CANARY, FirstMails(sent=tried, last_at=NOW), NOW)
    assert (verdict.most_new, verdict.hold, verdict.fault) == (more, None, "")


def test_mails_of_all_fates_count_as_tried() -> None:
    counts = FirstMails(sent=20, refused=20, in_hand=9, last_at=NOW)
    assert judge_first(CANARY, counts, NOW).most_new == 1


def test_the_others_wait_for_the_answers() -> None:
    counts = FirstMails(sent=50, last_at=NOW)
    verdict = judge_first(CANARY, counts, LATER - timedelta(seconds=1))
    assert verdict.most_new == 0
    assert verdict.hold is not None
    assert (verdict.hold.kind, verdict.hold.until) == (HoldKind.CANARY, LATER)
    assert "digest resume" in verdict.hold.release


@pytest.mark.parametrize(("refused", "is_good"), [(0, True), (10, True), (11, False), (50, False)])
def test_the_share_of_refusals_decides(refused: int, is_good: bool) -> None:
    counts = FirstMails(sent=50 - refused, refused=refused, last_at=NOW)
    verdict = judge_first(CANARY, counts, LATER)
    assert (verdict.most_new is None) is is_good
    said = f"canary: {refused} of the first 50 mails were not accepted"
    assert verdict.fault == ("" if is_good else said)


def test_without_any_answer_nothing_is_judged() -> None:
    verdict = judge_first(CANARY, FirstMails(in_hand=50, last_at=NOW), LATER)
    assert verdict.hold is not None
    assert (verdict.most_new, verdict.hold.until) == (0, LATER + timedelta(minutes=1))


def test_a_clock_that_was_set_back_does_not_hold_the_others_longer() -> None:
    counts = FirstMails(sent=50, last_at=NOW)
    assert judge_first(CANARY, counts, NOW - timedelta(days=1)).most_new is None

from __future__ import annotations

import pytest

from digest.bounces.rates import judge_rates


@pytest.mark.parametrize(
    ("mailed", "counts", "found"),
    [
        # Two complaints say nothing, however few mails there are.
        (10, {"complaint": 2}, {}),
        (3_000, {"complaint": 3}, {}),
        (2_999, {"complaint": 3}, {"complaint": False}),
        (1_000, {"complaint": 4}, {"complaint": False}),
        (1_667, {"complaint": 5}, {"complaint": False}),
        (1_666, {"complaint": 5}, {"complaint": True}),
        (200, {"sender-policy": 4}, {}),
        (190, {"sender-policy": 4}, {"sender-policy": False}),
        (200, {"sender-policy": 5, "message": 5}, {"sender-policy": True, "message": True}),
        (100, {"hard-recipient": 50}, {"hard-recipient": False}),
        (100, {"soft-recipient": 90, "ambiguous": 9, "none": 5, "unsubscribe": 50}, {}),
        (0, {"complaint": 5}, {"complaint": True}),
    ],
)
def test_many_reports_of_a_class_are_found_and_more_of_them_pause(
    mailed: int, counts: dict[str, int], found: dict[str, bool]
) -> None:
    judged = judge_rates(mailed, counts)
    assert {each.rule.bounce_class: each.must_pause for each in judged} == found

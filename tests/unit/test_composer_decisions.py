"""Decisions of editors and of the newsletter's judge, and the comments that wait for one."""

from __future__ import annotations

from typing import Any

import pytest

from digest.composer.quotes.undecided import list_undecided
from digest.composer.rules import Policy
from digest.models import Civility, Comment, Decision, Verdict, VerdictKind
from tests.support.composing import a_comment, a_post
from tests.unit.test_composer_policy import CIVIL, POST, judge

JUDGED = Policy(judge="model")
RUDE = f"{CIVIL} What crap that chart is."


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"decision": Decision.REFUSED}, "refused"),
        ({"decision": Decision.CHANGED}, "held"),
        ({"decision": Decision.RELEASED, "is_held": True}, ""),
    ],
)
def test_a_decision_of_an_editor_counts(changes: dict[str, Any], code: str) -> None:
    assert judge(CIVIL, **changes) == code


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (None, "not-judged"),
        (Verdict(kind=VerdictKind.PRINT), ""),
        (Verdict(kind=VerdictKind.HOLD), "held"),
        (Verdict(kind=VerdictKind.REFUSE, reason="an advert"), "judge"),
    ],
)
def test_the_judge_of_a_newsletter_decides_about_each_comment(
    verdict: Verdict | None, code: str
) -> None:
    assert judge(CIVIL, policy=JUDGED, verdict=verdict) == code
    assert judge(CIVIL, policy=JUDGED, verdict=verdict, decision=Decision.RELEASED) == ""


def listed(*comments: Comment, policy: Policy, **options: Any) -> list[tuple[int, bool]]:
    """Return the id of each comment that an editor is asked about, and whether it is held."""
    found = list_undecided(
        a_post(content_html=f"<p>{POST}</p>"), comments, policy=policy, language="en", **options
    )
    return [(each.comment.id, each.is_held) for each in found]


def test_held_and_borderline_comments_wait_for_an_editor() -> None:
    comments = (
        a_comment(CIVIL, id=1),
        a_comment(CIVIL, id=2, is_held=True),
        a_comment(RUDE, id=3),
        a_comment(f"{CIVIL} What the fuck.", id=4),
    )
    assert listed(*comments, policy=Policy(civility=Civility.STRICT)) == [(2, True), (3, False)]


def test_comments_that_the_judge_did_not_answer_wait_for_an_editor() -> None:
    comments = (
        a_comment(CIVIL, id=1),
        a_comment(CIVIL, id=2, verdict=Verdict(kind=VerdictKind.PRINT)),
    )
    assert listed(*comments, policy=JUDGED) == [(1, True)]


def test_decided_comments_are_listed_on_request() -> None:
    comments = (a_comment("No.", id=1, decision=Decision.REFUSED), a_comment(CIVIL, id=2))
    assert listed(*comments, policy=Policy()) == []
    assert listed(*comments, policy=Policy(), with_decided=True) == [(1, False)]

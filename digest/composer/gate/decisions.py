"""Decisions of editors, and of the newsletter's own judge, about a comment."""

from __future__ import annotations

from digest.composer.rules import Policy
from digest.models import HELD, NOT_JUDGED, Comment, Decision, Reason, VerdictKind

_REFUSED = Reason(code="refused", text="refused by an editor")
_CHANGED = Reason(code=HELD, text="waits for an editor: it changed after it was released")
_BY_SITE = Reason(code=HELD, text="waits for an editor")
_FIRST = Reason(code=HELD, text="waits for an editor: the first comment under this name")


def is_released(comment: Comment) -> bool:
    """Whether an editor released the comment as it is now, whatever the gate says of it."""
    return comment.decision is Decision.RELEASED


def judge_decision(comment: Comment, policy: Policy) -> Reason | None:
    """Why a comment waits for an editor, or was refused by one; None for all others."""
    match comment.decision:
        case Decision.RELEASED:
            return None
        case Decision.REFUSED:
            return _REFUSED
        case Decision.CHANGED:
            return _CHANGED
    if comment.is_held:
        return _BY_SITE
    return _FIRST if policy.holds_first_timers and comment.is_first_time else None


def judge_verdict(comment: Comment, policy: Policy) -> Reason | None:
    """Why the newsletter's own judge keeps a comment out; None if there is no judge.

    A comment without a verdict stays out, because nothing is printed unjudged.
    """
    if not policy.judge or is_released(comment):
        return None
    verdict = comment.verdict
    if verdict is None:
        return Reason(code=NOT_JUDGED, text=f"not judged by {policy.judge}")
    why = f": {verdict.reason}" if verdict.reason else ""
    if verdict.kind is VerdictKind.PRINT:
        return None
    if verdict.kind is VerdictKind.HOLD:
        return Reason(code=HELD, text=f"held by {policy.judge}{why}")
    return Reason(code="judge", text=f"refused by {policy.judge}{why}")

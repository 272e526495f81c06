"""The gate: which comments may be printed, and the reason against each of the others."""

from __future__ import annotations

from digest.composer.gate.civility import judge_civility, judge_name_civility
from digest.composer.gate.decisions import is_released, judge_verdict
from digest.composer.gate.form import judge_form
from digest.composer.gate.spam import judge_spam
from digest.composer.gate.standing import judge_source, judge_standing
from digest.composer.lexicon.matter import Matter
from digest.composer.lexicon.persons import bare_name
from digest.composer.lexicon.words import Words
from digest.composer.rules import Policy
from digest.models import Comment, Reason

#: Characters judged of a name; fewer are printed.
_MAX_NAME = 200


def judge_comment(
    comment: Comment, printed: str, matter: Matter, policy: Policy, words: Words
) -> Reason | None:
    """Return why a comment may not be quoted; None if it may be.

    Args:
        comment: as stored.
        printed: the words that would be printed; empty if there are none.
        matter: the subject of its post and thread.
        policy: the newsletter's own additions.
        words: the lists of the comment's language.
    """
    reason = judge_standing(comment, policy) or judge_source(comment, words)
    if reason or is_released(comment):
        return reason
    name = bare_name(comment.author[:_MAX_NAME])
    shown = printed or comment.text
    return (
        judge_name_civility(name, policy, words)
        or judge_civility(shown, comment.text, policy, words)
        or judge_spam(name, comment.text, matter, words)
        or judge_form(shown, comment.text, words)
        or judge_verdict(comment, policy)
    )

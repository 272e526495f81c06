"""The comments that the newsletter's own judge is asked about before an edition is composed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from digest.composer.gate.decisions import is_released
from digest.composer.quotes.asked import list_asked
from digest.composer.rules import Issue, Rules
from digest.composer.selection.select import select
from digest.models import Candidate, Choice, Comment, Post


def list_unjudged(
    rules: Rules,
    candidates: Iterable[Candidate],
    issue: Issue,
    choices: Mapping[int, Choice],
) -> tuple[tuple[Post, Comment], ...]:
    """Return the comments without a verdict that could be quoted in an issue, with their posts.

    Comments that an editor picked or released need no verdict.
    """
    picks = [each.pick for each in select(rules, candidates, issue, choices).picks]
    return tuple(
        (pick.candidate.post, comment)
        for pick in picks
        if pick.choice.quotes is None
        for comment in list_asked(
            pick.candidate.post,
            pick.candidate.comments,
            policy=rules.policy,
            language=rules.language,
        )
        if comment.verdict is None and not is_released(comment)
    )

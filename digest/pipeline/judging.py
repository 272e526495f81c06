"""Asks a newsletter's own judge about comments, once, and stores its verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from digest.composer.rules import Issue, Rules
from digest.composer.unjudged import list_unjudged
from digest.models import Candidate, Choice, Comment, JudgedComment, Post, Verdict
from digest.pipeline.window import with_verdicts
from digest.store import moderation
from digest.store.engine import Database

#: Comments in one question.
_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A judge's answer, or why there is none."""

    #: One for each comment; empty if there is no answer.
    verdicts: tuple[Verdict, ...] = ()
    #: Why there is no answer, in a few words; empty if there is one.
    problem: str = ""


class Judge(Protocol):
    """The judge of a newsletter, within a time limit. It never raises."""

    def ask(self, comments: Sequence[JudgedComment]) -> Judgement:
        """Return the judge's answer about comments."""
        ...


def judge_comments(
    database: Database,
    rules: Rules,
    candidates: Sequence[Candidate],
    issue: Issue,
    choices: Mapping[int, Choice],
    judge: Judge | None,
    *,
    now: datetime,
) -> tuple[tuple[Candidate, ...], str]:
    """Return the candidates with all verdicts, and why some are missing; empty if none is.

    Args:
        database: the database, where new verdicts are stored.
        rules: the rules of the newsletter; without `policy.judge` nothing happens.
        candidates: the posts, with the verdicts that are stored.
        issue: the edition.
        choices: the editor's choices.
        judge: the newsletter's judge; None if it cannot be asked.
        now: the time.
    """
    name = rules.policy.judge
    if not name or judge is None:
        return tuple(candidates), ""
    unjudged = list_unjudged(rules, candidates, issue, choices)
    found: dict[int, Verdict] = {}
    problem = ""
    for start in range(0, len(unjudged), _AT_ONCE):
        asked = unjudged[start : start + _AT_ONCE]
        answer = judge.ask([_as_judged(post, comment, rules) for post, comment in asked])
        if problem := answer.problem:
            break
        verdicts = dict(zip((each for _, each in asked), answer.verdicts, strict=True))
        with database.write() as connection:
            moderation.save_verdicts(connection, name, verdicts, now=now)
        found |= {comment.id: verdict for comment, verdict in verdicts.items()}
    waiting = len(unjudged) - len(found)
    line = (
        f"newsletter {rules.newsletter}: the judge of comments {name} {problem};"
        f" comments held: {waiting}"
    )
    return _with_verdicts(candidates, found), line if problem else ""


def _as_judged(post: Post, comment: Comment, rules: Rules) -> JudgedComment:
    return JudgedComment(
        author=comment.author,
        text=comment.text,
        language=rules.language,
        post_title=post.title,
        post_url=post.url,
    )


def _with_verdicts(
    candidates: Sequence[Candidate], found: Mapping[int, Verdict]
) -> tuple[Candidate, ...]:
    return tuple(replace(each, comments=with_verdicts(each.comments, found)) for each in candidates)

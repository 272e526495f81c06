"""Weighs what would be printed of a comment: how much it says, on the topic, and by itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter
from digest.composer.lexicon.words import Words
from digest.composer.quotes.quote import MAX_CHARS, print_name
from digest.composer.quotes.substance import Substance, weigh_words
from digest.models import Answered, Comment, Quote, Reason
from digest.text.counted import counted

#: Below this no comment is quoted.
FLOOR = 0.75
#: Below this none is quoted in the second place.
SECOND = 1.2

# Set on all judged real threads together, a set left out each time: the mean of the best weights
# drawn at random. Small changes change little (docs/top-comments.md).
_WORTH_OF_WHOLE = 1.4
_WORTH_OF_LENGTH = 0.8
_WORTH_OF_SHARE = 0.8
_WORTH_OF_SHARED = 0.4
_WORTH_OF_GROUND = 0.05
_WORTH_OF_ANSWER = 0.02
# Each doubling of the votes; early comments have the most, so votes do not decide.
_WORTH_OF_VOTE = 0.02
# A quote from further down often needs what precedes it.
_COST_OF_SKIP = 1.0
_COST_OF_QUESTION = 0.4
_COST_OF_REPLY = 0.4
_COST_OF_ADDRESS = 0.2
_COST_OF_LEANING = 0.15
# Of each exclamation mark.
_COST_OF_MARK = 0.1
_COST_OF_AUTHOR = 1.0

#: The whole comment counts by its doublings of this length.
_SHORT = 140
_MAX_DOUBLINGS = 4.0
_MAX_SHARED = 8
_MAX_ANSWERS = 4
_MAX_VOTES = 0.12
#: Characters of substance without which nothing is worth quoting.
_MIN_SUBSTANCE = 60
#: Content words that a quote must share with the post; of a post that is hardly known, half of it.
_MIN_SHARED = 1.0
#: Below every floor.
_WORTHLESS = -1.0
#: Characters compared to find out whether a quote starts where its comment does.
_START = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The place of a comment in its thread."""

    #: The number of comments that answer it.
    answers: int
    #: What it answers, as printed above it; None if that is nothing or may not be printed.
    answered: Answered | None
    is_by_author: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A comment that may be quoted, with what the choice depends on."""

    quote: Quote
    #: Of the words printed.
    stems: frozenset[str]
    score: float
    is_dissent: bool


def weigh_comment(
    comment: Comment,
    printed: str,
    standing: Standing,
    matter: Matter,
    words: Words,
    language: str,
) -> Weighed:
    """Return the worth of what would be printed of a comment.

    Args:
        comment: as stored.
        printed: its words, as `quote.print_text` cut them.
        standing: its place in the thread.
        matter: of the post and the thread.
        words: the lists of its language.
        language: BCP 47 tag, of the comment.
    """
    said = weigh_words(printed, matter, words, language)
    return Weighed(
        quote=Quote(
            comment_id=comment.id,
            name=print_name(comment.author),
            text=printed,
            url=comment.url,
            reason=_explain(said, standing, comment.votes),
            answers=standing.answered,
        ),
        stems=said.stems,
        score=_score(comment, printed, said, standing)
        if _says_enough(said, matter)
        else _WORTHLESS,
        is_dissent=bool(words.dissent.find(fold_plain(printed))),
    )


def _says_enough(said: Substance, matter: Matter) -> bool:
    """Whether a quote has substance, and on the topic."""
    least = _MIN_SHARED if matter.is_known else _MIN_SHARED / 2
    return said.length >= _MIN_SUBSTANCE and said.shared >= least


def _score(comment: Comment, printed: str, said: Substance, standing: Standing) -> float:
    doublings = min(_MAX_DOUBLINGS, log2(1 + len(comment.text) / _SHORT))
    return (
        _WORTH_OF_WHOLE * doublings / _MAX_DOUBLINGS
        + _WORTH_OF_LENGTH * said.length / MAX_CHARS
        + _WORTH_OF_SHARE * said.shared / max(1, len(said.stems))
        + _WORTH_OF_SHARED * min(_MAX_SHARED, said.shared) / _MAX_SHARED
        + _WORTH_OF_GROUND * said.grounds
        + _WORTH_OF_ANSWER * min(_MAX_ANSWERS, standing.answers)
        + _worth_of_votes(comment.votes or 0)
        - _COST_OF_SKIP * (not _starts_with(comment.text, printed))
        - _COST_OF_QUESTION * said.questions
        - _COST_OF_REPLY * (comment.parent_id is not None)
        - _COST_OF_ADDRESS * said.is_addressed
        - _COST_OF_LEANING * said.is_leaning
        - _COST_OF_MARK * printed.count("!")
        - _COST_OF_AUTHOR * standing.is_by_author
    )


def _starts_with(text: str, printed: str) -> bool:
    return fold_plain(text).startswith(fold_plain(printed)[:_START])


def _worth_of_votes(votes: int) -> float:
    worth = min(_MAX_VOTES, _WORTH_OF_VOTE * log2(1 + abs(votes)))
    return worth if votes > 0 else -worth


def _explain(said: Substance, standing: Standing, votes: int | None) -> Reason:
    parts = ["on topic", f"{counted(round(said.length), 'character')} of substance"]
    if said.grounds:
        parts.append("gives grounds or figures")
    if standing.answers:
        parts.append(f"answered {_times(standing.answers)}")
    if votes:
        parts.append(f"{votes} vote{'s' * (abs(votes) != 1)}")
    if standing.is_by_author:
        parts.append("by the post's author, and no reader says more")
    return Reason(code="on-matter", text=", ".join(parts))


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")

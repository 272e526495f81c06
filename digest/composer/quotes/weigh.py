"""How much a comment is worth quoting: full, on the matter, with grounds, answered, voted for."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter, stems_of
from digest.composer.lexicon.words import Words
from digest.composer.quotes.quote import MAX_CHARS, print_name
from digest.composer.quotes.substance import Substance, weigh_words
from digest.models import Answered, Comment, Quote, Reason

#: Under this nobody is quoted: a short remark that hardly touches the matter, or mere thanks.
FLOOR = 0.65

# The fullest quote is the best guess (shorter ones are one-liners), so length weighs most.
_WORTH_OF_LENGTH = 1.0
# Whoever has more to say than fits has mostly thought about it longer.
_WORTH_OF_WHOLE = 0.14
_SHORT = 140
_MAX_DOUBLINGS = 4.0
_WORTH_OF_SHARED = 0.06
_WORTH_OF_GROUND = 0.05
_WORTH_OF_ANSWER = 0.03
# Each doubling of the votes; whoever came first has most of them, and so they do not decide.
_WORTH_OF_VOTE = 0.02
_COST_OF_REPLY = 0.1
# A reply leans on what it answers, above all where that is not printed beside it.
_COST_OF_ALONE = 0.1
_COST_OF_LEANING = 0.15
_COST_OF_AUTHOR = 0.2
_COST_OF_DOUBT = 0.15
_COST_OF_OFF_MATTER = 2.0
_MIN_SHARED = 1
_MAX_SHARED = 4
_MAX_ANSWERS = 4
_MAX_VOTES = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a comment beside its words."""

    #: How many comments answer it.
    answers: int
    #: What it answers, as printed above it; None where that is nothing or may not be printed.
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
    """Weigh what would be printed of a comment.

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
        stems=stems_of(printed, words.stopwords),
        score=_score(comment, said, standing) - _cost_of_doubt(matter, said),
        is_dissent=bool(words.dissent.find(fold_plain(printed))),
    )


def _cost_of_doubt(matter: Matter, said: Substance) -> float:
    """Off the matter nothing is worth quoting; where that cannot be told, more must be said."""
    if matter.is_known:
        return 0.0 if said.shared >= _MIN_SHARED else _COST_OF_OFF_MATTER
    return _COST_OF_DOUBT


def _score(comment: Comment, said: Substance, standing: Standing) -> float:
    is_reply = comment.parent_id is not None
    return (
        _WORTH_OF_LENGTH * said.length / MAX_CHARS
        + _WORTH_OF_WHOLE * min(_MAX_DOUBLINGS, log2(1 + len(comment.text) / _SHORT))
        + _WORTH_OF_SHARED * min(_MAX_SHARED, said.shared)
        + _WORTH_OF_GROUND * said.grounds
        + _WORTH_OF_ANSWER * min(_MAX_ANSWERS, standing.answers)
        + _worth_of_votes(comment.votes or 0)
        - _COST_OF_REPLY * is_reply
        - _COST_OF_ALONE * (is_reply and standing.answered is None)
        - _COST_OF_LEANING * (is_reply and said.is_leaning)
        - _COST_OF_AUTHOR * standing.is_by_author
    )


def _worth_of_votes(votes: int) -> float:
    worth = min(_MAX_VOTES, _WORTH_OF_VOTE * log2(1 + abs(votes)))
    return worth if votes > 0 else -worth


def _explain(said: Substance, standing: Standing, votes: int | None) -> Reason:
    shared = round(said.shared)
    told = [f"on the matter ({shared} shared word{'s' * (shared != 1)})"]
    told.append(f"{round(said.length)} characters that say something")
    if said.grounds:
        told.append("gives grounds or figures")
    if standing.answers:
        told.append(
            "answered once" if standing.answers == 1 else f"answered {standing.answers} times"
        )
    if votes:
        told.append(f"{votes} votes")
    return Reason(code="on-matter", text=", ".join(told))

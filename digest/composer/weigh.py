"""How much a comment is worth quoting: full, on the matter, answered, voted for."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.fold import fold_plain
from digest.composer.matter import Matter, stems_of
from digest.composer.quote import MAX_CHARS, print_name
from digest.composer.words import Words
from digest.models import Comment, Quote, Reason

#: Under this nobody is quoted: a short remark that hardly touches the matter.
FLOOR = 0.5

# The fullest quote is the best guess (shorter ones are one-liners), so length weighs most.
_WORTH_OF_LENGTH = 1.0
_WORTH_OF_SHARED = 0.15
_WORTH_OF_ANSWER = 0.05
_WORTH_OF_VOTE = 0.02
# A reply leans on what it answers, which is not printed beside it.
_COST_OF_REPLY = 0.2
_MAX_SHARED = 4
_MAX_ANSWERS = 4
_MAX_VOTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A comment that may be quoted, with what the choice depends on."""

    quote: Quote
    #: Of the words printed.
    stems: frozenset[str]
    score: float
    is_dissent: bool


def weigh_comment(
    comment: Comment, printed: str, matter: Matter, words: Words, answers: int
) -> Weighed:
    """Weigh what would be printed of a comment.

    Args:
        comment: as stored.
        printed: its words, as `quote.print_text` cut them.
        matter: of the post and the thread.
        words: the lists of the newsletter's language.
        answers: how many comments answer it.
    """
    stems = stems_of(printed, words.stopwords)
    shared = min(_MAX_SHARED, matter.shared_with(stems))
    score = (
        _WORTH_OF_LENGTH * len(printed) / MAX_CHARS
        + _WORTH_OF_SHARED * shared
        + _WORTH_OF_ANSWER * min(_MAX_ANSWERS, answers)
        + _WORTH_OF_VOTE * max(-_MAX_VOTES, min(_MAX_VOTES, comment.votes or 0))
        - _COST_OF_REPLY * (comment.parent_id is not None)
    )
    return Weighed(
        quote=Quote(
            comment_id=comment.id,
            name=print_name(comment.author),
            text=printed,
            url=comment.url,
            reason=_explain(len(printed), shared, answers),
        ),
        stems=stems,
        score=score if shared else 0.0,
        is_dissent=bool(words.dissent.find(fold_plain(printed))),
    )


def _explain(length: int, shared: int, answers: int) -> Reason:
    said = f"on the matter ({shared} shared word{'s' * (shared != 1)}), {length} characters"
    if answers:
        said += ", answered once" if answers == 1 else f", answered {answers} times"
    return Reason(code="on-matter", text=said)

"""Standing: whether a comment is a person's words, and may be quoted at all."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.composer.counts import kind_of
from digest.composer.gate.decisions import is_released, judge_decision
from digest.composer.gate.form import MAX_CHARS
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.words import Words
from digest.composer.rules import Policy
from digest.models import Comment, CommentKind, Reason

#: A longer text that has the words of a placeholder is a person's.
_MAX_PLACEHOLDER = 240
#: Marks of another page that was cut: `[…]` at the beginning or the end.
_EXCERPT = re.compile(r"^\s*\[(?:…|\.{3})\]|\[(?:…|\.{3})\]\s{0,10}$")


def judge_standing(comment: Comment, policy: Policy) -> Reason | None:
    """Return why a comment is not quoted whatever it says; None if its words decide."""
    kind = kind_of(comment)
    if kind is not CommentKind.COMMENT:
        return Reason(code=kind.value, text=f"{kind.value}, not a reader's comment")
    if fold_plain(comment.author) in _fold_names(policy.no_quote):
        return Reason(code="no-quote", text="asked not to be quoted")
    if reason := judge_decision(comment, policy):
        return reason
    if len(comment.text) > MAX_CHARS and not is_released(comment):
        return Reason(code="too-long", text=f"too long to judge: {len(comment.text)} characters")
    return None


@lru_cache(maxsize=8)
def _fold_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold_plain, names))


def judge_source(comment: Comment, words: Words) -> Reason | None:
    """Return why the words are not a person's: an excerpt, a placeholder; else None."""
    if _EXCERPT.search(comment.text):
        return Reason(code="no-reader", text="an excerpt of another page")
    for text in (comment.author, comment.text[:_MAX_PLACEHOLDER]):
        if found := words.placeholders.find(fold_plain(text)):
            return Reason(code="no-reader", text=f"not a reader's words: “{found}”")
    return None


def is_placeholder(comment: Comment, words: Words) -> bool:
    """Return whether a site's own words replace a removed comment or one that waits."""
    is_short = len(comment.text) <= _MAX_PLACEHOLDER
    return is_short and bool(words.placeholders.find(fold_plain(comment.text)))

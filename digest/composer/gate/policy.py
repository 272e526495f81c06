"""The gate before the quotes: which comments may be printed, and what speaks against the others."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.composer.counts import kind_of
from digest.composer.gate.adverts import find_offer
from digest.composer.gate.civility import find_rudeness, find_shouting
from digest.composer.gate.decisions import is_released, judge_decision
from digest.composer.gate.slander import find_slander
from digest.composer.gate.spam import find_bad_name, find_keywords, find_spam
from digest.composer.gate.stock import find_stock
from digest.composer.lexicon.contact import find_contact
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter
from digest.composer.lexicon.words import Words
from digest.composer.rules import Policy
from digest.models import Comment, CommentKind, Reason

#: A shorter comment says too little to be quoted.
MIN_CHARS = 40
#: A longer one is not read by the gate, and so not quoted.
MAX_CHARS = 20_000
#: Judged of a name; print shows less.
_MAX_NAME = 200

#: Where a machine has cut another page.
_EXCERPT = re.compile(r"^\s*\[(?:…|\.{3})\]|\[(?:…|\.{3})\]\s{0,10}$")


def judge_comment(comment: Comment, matter: Matter, policy: Policy, words: Words) -> Reason | None:
    """Why a comment may not be quoted; None where it may. When in doubt it may not.

    Args:
        comment: as stored.
        matter: what its post and thread are about.
        policy: the newsletter's own additions.
        words: the lists of the comment's language.
    """
    if is_released(comment):
        return judge_manners(comment, matter, policy, words)
    return (
        judge_manners(comment, matter, policy, words)
        or _judge_length(comment.text)
        or find_spam(comment.text, matter, words)
    )


def judge_manners(comment: Comment, matter: Matter, policy: Policy, words: Words) -> Reason | None:
    """Why no word of a comment may be printed, not even beside an answer to it."""
    reason = judge_standing(comment, policy) or _judge_source(comment, words)
    if reason or is_released(comment):
        return reason
    return (
        find_bad_name(comment.author[:_MAX_NAME], words, policy.blocked_words)
        or find_keywords(comment.author[:_MAX_NAME], comment.text, matter, words)
        or find_rudeness(comment.text, words, policy.blocked_words)
        or find_slander(comment.text, matter, words)
        or find_shouting(comment.text, words)
        or find_contact(comment.text)
        or find_offer(comment.author[:_MAX_NAME], comment.text, matter, words)
        or find_stock(comment.text, matter, words)
    )


def judge_standing(comment: Comment, policy: Policy) -> Reason | None:
    """What speaks against a comment before its words are weighed."""
    kind = kind_of(comment)
    if kind is not CommentKind.COMMENT:
        return Reason(code=kind.value, text=f"{kind.value}, not a reader's comment")
    if fold_plain(comment.author) in _fold_names(policy.no_quote):
        return Reason(code="no-quote", text="asked not to be quoted")
    if reason := judge_decision(comment, policy):
        return reason
    if not is_released(comment) and len(comment.text) > MAX_CHARS:
        return Reason(code="too-long", text=f"too long to judge: {len(comment.text)} characters")
    return None


@lru_cache(maxsize=8)
def _fold_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold_plain, names))


def _judge_source(comment: Comment, words: Words) -> Reason | None:
    """A deleted comment leaves words behind, and a form or a machine writes some of its own."""
    if _EXCERPT.search(comment.text):
        return Reason(code="no-reader", text="an excerpt of another page")
    for text in (comment.author[:_MAX_NAME], comment.text):
        if found := words.placeholders.find(fold_plain(text)):
            return Reason(code="no-reader", text=f"no reader's words: “{found}”")
    return None


def _judge_length(text: str) -> Reason | None:
    length = len(" ".join(text.split()))
    if length < MIN_CHARS:
        return Reason(code="too-short", text=f"too short: {length} characters")
    return None

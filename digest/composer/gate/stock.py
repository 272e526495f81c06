"""Phrases from stock: what a machine writes, and what contented customers are paid for."""

from __future__ import annotations

import re

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter
from digest.composer.lexicon.words import Words
from digest.models import Reason

#: Anybody may use two of a machine's phrases, or a few more in a long text.
_MIN_PHRASES = 3
_CHARS_BY_PHRASE = 170
#: A testimonial alone may be a reader's; with praise of the page, or with another, it is bought.
_MIN_SIGNS = 2

#: A product's name is spelled like one, or is a name within a sentence.
_MAKE = re.compile(r"\b[A-Z][a-z]+[A-Z]\w+|(?<=[\w,] )[A-Z][\w'’-]{2,}")


def find_stock(text: str, matter: Matter, words: Words) -> Reason | None:
    """Why a comment is a machine's or a customer's; None where it is a reader's.

    Args:
        text: of the comment.
        matter: what its post and thread are about.
        words: the lists of its language.
    """
    plain = fold_plain(text)
    if not words.bought.find(plain):
        return None
    phrases = words.machine.find_all(plain)
    if len(phrases) >= max(_MIN_PHRASES, len(plain) / _CHARS_BY_PHRASE):
        listed = ", ".join(sorted(phrases)[:3])
        return Reason(code="machine", text=f"reads like a machine's text: {listed}")
    told = words.testimonials.find_all(plain)
    if not told or len(told) + bool(words.praise.find(plain)) < _MIN_SIGNS:
        return None
    strange = (make[0] for make in _MAKE.finditer(text))
    if make := next((each for each in strange if each.lower() not in matter.known_names), ""):
        return Reason(code="spam", text=f"recommends “{make}” as customers do")
    return None

"""Which language a text is in, told by its small words."""

from __future__ import annotations

import re

from digest.composer.lexicon.words import base_of, common_words

_WORD = re.compile(r"[^\W\d_]+")
#: Read of a text.
_MAX_CHARS = 2000
#: Every second or third word of a text is one of those that its language is known by.
_MIN_SHARE = 0.2
_MIN_WORDS = 3
#: With so many of them there is no need to count those of other languages.
_PLAINLY = 0.4
#: A text that is longer and has hardly any of them is in a language that is not known here.
_MANY_WORDS = 8
_HARDLY_ANY = 0.08
#: So many times as many as in the language that was expected: two languages share small words.
_CLEARLY = 1.5


def tell_language(text: str, expected: str) -> str:
    """Name the likeliest language of `text`: a base tag such as `de`; empty where none is.

    Args:
        text: any plain text.
        expected: BCP 47 tag; stands where nothing speaks clearly against it.
    """
    expected = base_of(expected)
    said = _WORD.findall(text[:_MAX_CHARS].lower())
    own = _count(said, expected)
    if own >= _PLAINLY * len(said):
        return expected
    counts = {name: _count(said, name) for name in common_words()}
    best = max(counts, key=lambda name: (counts[name], name == expected))
    is_known = counts[best] >= max(_MIN_WORDS, _MIN_SHARE * len(said))
    if is_known and counts[best] >= _CLEARLY * own:
        return best
    is_foreign = len(said) >= _MANY_WORDS and own < _HARDLY_ANY * len(said)
    return "" if is_foreign and expected in common_words() else expected


def _count(said: list[str], language: str) -> int:
    common = common_words().get(language, frozenset())
    return sum(map(common.__contains__, said))

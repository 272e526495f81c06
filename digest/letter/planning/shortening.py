"""Shortens a composed excerpt to whole sentences, or cuts it with `…`."""

from __future__ import annotations

import re
from itertools import accumulate

from digest.text.sentences import ends_sentence, first_unpaired, is_paired, split_sentences

SHORT_WORDS = 30
#: A shorter excerpt is left out, because it says too little.
_MIN_WORDS = 12
#: Characters that count as a word in scripts without spaces.
_CHARACTERS_A_WORD = 3

_DANGLING = " ,;:–—-/|&+…."
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def shorten_excerpt(text: str, language: str) -> str:
    """Return the beginning of an excerpt, at most 30 words, without unclosed marks.

    Empty if too little would be left, for example before a long quotation.

    Args:
        text: the composed excerpt.
        language: the BCP 47 tag of its language.
    """
    unit = _CHARACTERS_A_WORD if len(_UNSPACED.findall(text)) * 3 > len(text) else 0
    if _count(text, unit) <= SHORT_WORDS:
        return text
    whole = _whole_sentences(text, language, unit)
    return whole or _cut(text, unit)


def _count(text: str, unit: int) -> int:
    """Count words; if `unit` is not 0, every `unit` characters are one word."""
    return len("".join(text.split())) // unit if unit else len(text.split())


def _whole_sentences(text: str, language: str, unit: int) -> str:
    ends = accumulate(
        split_sentences(text, language),
        lambda end, sentence: text.index(sentence, end) + len(sentence),
        initial=0,
    )
    whole = [
        beginning
        for end in ends
        if _count(beginning := text[:end], unit) <= SHORT_WORDS
        and ends_sentence(beginning)
        and is_paired(beginning)
    ]
    return whole[-1] if whole and _count(whole[-1], unit) >= _MIN_WORDS else ""


def _cut(text: str, unit: int) -> str:
    words = text[: SHORT_WORDS * unit] if unit else " ".join(text.split()[:SHORT_WORDS])
    words = words[: first_unpaired(words)].rstrip(_DANGLING)
    return f"{words}…" if _count(words, unit) >= _MIN_WORDS else ""

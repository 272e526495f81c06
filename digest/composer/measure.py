"""How long a text is: in words, or in characters where words are not parted by spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS_PER_MINUTE = 220
#: A feed that carries fewer words than this carries a summary only.
MIN_FULL_TEXT = 120

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: So many characters of Japanese, Chinese or Thai say what one word does.
_CHARACTERS_PER_WORD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A way to count a text. Limits everywhere are words; `scale` turns them into this unit."""

    is_by_characters: bool

    @property
    def joint(self) -> str:
        """What stands between two sentences."""
        return "" if self.is_by_characters else " "

    def scale(self, words: int) -> int:
        """As many units as so many words."""
        return words * _CHARACTERS_PER_WORD if self.is_by_characters else words

    def size(self, text: str) -> int:
        """How many units `text` has."""
        return len("".join(text.split())) if self.is_by_characters else len(text.split())

    def first(self, text: str, units: int) -> str:
        """The beginning of `text`, at most so many units."""
        return text[:units] if self.is_by_characters else " ".join(text.split()[:units])


def measure_for(text: str) -> Measure:
    """Choose how to count `text`, by its script."""
    sample = text[:2000]
    letters = sum(map(str.isalpha, sample))
    return Measure(is_by_characters=len(_UNSPACED.findall(sample)) * 3 > letters)


def reading_minutes(text: str) -> int | None:
    """Minutes to read `text`, at least 1; None where it is a summary only."""
    measure = measure_for(text)
    size = measure.size(text)
    if size < measure.scale(MIN_FULL_TEXT):
        return None
    return max(1, round(size / measure.scale(WORDS_PER_MINUTE)))

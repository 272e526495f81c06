"""How long a text is: in words, or in characters where words are not parted by spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.text.graphemes import first_graphemes

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: Scripts without spaces that do not part sentences by nothing either.
_SPACED_SENTENCES = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff]")
#: So many characters of Japanese, Chinese or Thai say what one word does.
_CHARACTERS_PER_WORD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A way to count a text. Limits everywhere are words; `scale` turns them into this unit."""

    is_by_characters: bool
    #: What stands between two sentences.
    joint: str = " "

    def scale(self, words: int) -> int:
        """As many units as so many words."""
        return words * _CHARACTERS_PER_WORD if self.is_by_characters else words

    def size(self, text: str) -> int:
        """How many units `text` has."""
        return len("".join(text.split())) if self.is_by_characters else len(text.split())

    def first(self, text: str, units: int) -> str:
        """The beginning of `text`, at most so many units, no character cut in two."""
        if self.is_by_characters:
            return first_graphemes(text, units)
        return " ".join(text.split()[:units])


def measure_for(text: str) -> Measure:
    """Choose how to count `text`, by its script."""
    sample = text[:2000]
    letters = sum(map(str.isalpha, sample))
    is_by_characters = len(_UNSPACED.findall(sample)) * 3 > letters
    is_spaced = not is_by_characters or _SPACED_SENTENCES.search(sample) is not None
    return Measure(is_by_characters=is_by_characters, joint=" " if is_spaced else "")

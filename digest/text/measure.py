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


#: Read of a text; what follows is in the same script.
_SAMPLE = 2000

# A script, and the languages written in it, the one to assume first.
_SCRIPTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"), ("el",)),
    (re.compile(r"[\u0400-\u052f]"), ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg")),
    (re.compile(r"[\u0530-\u058f]"), ("hy",)),
    (re.compile(r"[\u0590-\u05ff]"), ("he", "yi")),
    (re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefe]"), ("ar", "fa", "ur")),
    (re.compile(r"[\u0900-\u097f]"), ("hi", "mr", "ne")),
    (re.compile(r"[\u0e00-\u0e7f]"), ("th",)),
    (re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"), ("ko",)),
    (re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"), ("zh", "ja")),
)
_KANA = re.compile(r"[\u3040-\u30ff]")
# Letters that one of the languages of the Arabic script has and the others lack.
_URDU = re.compile(r"[\u0679\u0688\u0691\u06ba\u06be\u06d2]")
_PERSIAN = re.compile(r"[\u067e\u0686\u0698\u06af]")


def language_of(text: str, language: str) -> str:
    """The base language to read `text` as.

    Args:
        text: any text.
        language: BCP 47 tag to go by where the script does not contradict it.
    """
    base = language.replace("_", "-").split("-")[0].lower()
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    for script, languages in _SCRIPTS:
        if len(script.findall(sample)) * 2 > letters:
            return _among(languages, base, sample)
    return base


def _among(languages: tuple[str, ...], base: str, sample: str) -> str:
    if "ja" in languages:
        return "ja" if _KANA.search(sample) else "zh" if base != "ja" else "ja"
    if base in languages:
        return base
    if "ur" in languages:
        return "ur" if _URDU.search(sample) else "fa" if _PERSIAN.search(sample) else "ar"
    return languages[0]

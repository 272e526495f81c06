"""Measures text: in words, or in characters for scripts without spaces between words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from digest.text.graphemes import first_graphemes

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: Scripts without spaces between words, but with spaces between sentences.
_SPACED_SENTENCES = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff]")
#: Average characters of Japanese, Chinese or Thai for one English word.
_CHARACTERS_PER_WORD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A unit of text length. All limits are in words; `scale` converts them to this unit."""

    is_by_characters: bool
    #: The separator between two sentences; may be empty.
    joint: str = " "

    def scale(self, words: int) -> int:
        """Return the number of units that corresponds to `words`."""
        return words * _CHARACTERS_PER_WORD if self.is_by_characters else words

    def size(self, text: str) -> int:
        """Return the number of units in `text`."""
        return len("".join(text.split())) if self.is_by_characters else len(text.split())

    def first(self, text: str, units: int) -> str:
        """Return the first `units` units of `text`; no visible character is cut in two."""
        if self.is_by_characters:
            return first_graphemes(text, units)
        return " ".join(text.split()[:units])


def measure_for(text: str) -> Measure:
    """Return the measure for `text`, by its script."""
    sample = text[:2000]
    letters = sum(map(str.isalpha, sample))
    is_by_characters = len(_UNSPACED.findall(sample)) * 3 > letters
    is_spaced = not is_by_characters or _SPACED_SENTENCES.search(sample) is not None
    return Measure(is_by_characters=is_by_characters, joint=" " if is_spaced else "")


#: Characters that decide the script of a text.
_SAMPLE = 2000

# A script and the languages written in it, the default first.
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
# Letters that only one of the languages in Arabic script uses.
_URDU = re.compile(r"[\u0679\u0688\u0691\u06ba\u06be\u06d2]")
_PERSIAN = re.compile(r"[\u067e\u0686\u0698\u06af]")


# The checks of a mail ask again for what was asked when it was composed.
@lru_cache(maxsize=512)
def language_of(text: str, language: str) -> str:
    """Return the base language of `text`.

    Args:
        text: any text.
        language: the declared BCP 47 tag, used unless the script contradicts it.
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

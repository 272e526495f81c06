"""The language of a text as far as its script tells it for certain."""

from __future__ import annotations

import re

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

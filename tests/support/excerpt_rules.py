"""The rules of every excerpt, implemented a second time, independently of the composer.

Nothing here uses functions of the composer or of `digest.text`: a shared fault would not be seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MAX_SHORT = 60
MAX_LEAD = 75
MIN_WORDS = 12
CHARACTERS_PER_WORD = 3

_STOPS = ".?!…。？！؟۔।॥։។።｡．။"
_CLOSERS = "\"'”’“‘»«›‹)]）］」』】》〉〕 "
_CLOSED_BY = {
    "(": ")",
    "[": "]",
    "{": "}",
    "「": "」",
    "『": "』",
    "（": "）",
    "【": "】",
    "《": "》",
}
_FACES = re.compile(r"(?<!\w)[:;=8][-'^]?[()\[\]{}]+")
_LIST_NUMBER = re.compile(r"(?<!\S)(?:\d{1,2}|[A-Za-z])\)(?=\s)")

#: Texts of plugins, feeds and forms, in lower case.
SITE_WORDS = (
    "continue reading",
    "appeared first on",
    "weiterlesen",
    "erschien zuerst auf",
    "lire la suite",
    "est apparu en premier sur",
    "leer más",
    "se publicó primero en",
    "اقرأ المزيد",
    "ظهرت المقالة",
    "続きを読む",
    "に最初に表示されました",
    "читать далее",
    "pochodzi z serwisu",
    "läs vidare",
    "filed under:",
)
#: Words after which something must come; a few in each language are enough to see a fault.
_HANGING = frozenset(
    """and or but the of with because that und oder aber der die das mit weil dass et ou mais le
    la de que y o pero el con porque و أو من في إلى и или но в на с""".split()  # noqa: SIM905
)
_TITLES = ("Mr.", "Mrs.", "Dr.", "Sgt.", "Rep.", "Sen.", "e.g.", "z. B.", "Sra.", "Mme.", "Prof.")
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|audio|video|[a-z]+_[a-z_]+)\b")
_PICTOGRAPH = re.compile(r"[\U0001f300-\U0001faff\u2600-\u27bf]")
_JOINERS = re.compile(r"[\u200d\ufe0f\U0001f3fb-\U0001f3ff\s]")


def faults_of(text: str, most: int) -> Iterator[str]:
    """Return every way in which `text` breaks rules 2 to 6 of excerpts; none if it is empty."""
    if not text:
        return
    yield from _faults_of_length(text, most)
    yield from _faults_of_end(text)
    yield from _faults_of_marks(text)
    yield from _faults_of_site_words(text)
    yield from _faults_of_characters(text)


def _faults_of_length(text: str, most: int) -> Iterator[str]:
    size, unit = count(text)
    if size > most * unit:
        yield f"too long: {size}"
    # A shorter text is a whole post.
    if size < MIN_WORDS * unit and text.endswith("…"):
        yield f"too short: {size}"


def count(text: str) -> tuple[int, int]:
    """Return the length of `text`, and how many of these units count as one word."""
    dense = sum(1 for char in text if "\u3040" <= char <= "\u9fff" or "\u0e00" <= char <= "\u0eff")
    if dense * 3 > sum(char.isalpha() for char in text):
        return sum(not char.isspace() for char in text), CHARACTERS_PER_WORD
    return len(text.split()), 1


def _faults_of_end(text: str) -> Iterator[str]:
    bare = re.sub(r"(?:\[\d{1,3}\])+$", "", text).rstrip(_CLOSERS)
    if not bare.endswith(tuple(_STOPS)) and not re.search(r"[\u0e00-\u0eff]$", bare):
        yield "ends in mid sentence"
    if bare.endswith((":…", ",…", ";…", "……")):
        yield "cut at a loose end"
    if text.endswith("…") and text[:-1].split()[-1].lower() in _HANGING:
        yield "cut after a word that needs another"
    if text.endswith(tuple(f" {title}" for title in _TITLES)):
        yield "ends after an abbreviation"


def _faults_of_marks(text: str) -> Iterator[str]:
    """Count brackets and quotation marks of every kind that has two sides."""
    plain = _LIST_NUMBER.sub("", _FACES.sub("", text))
    for opener, closer in _CLOSED_BY.items():
        if plain.count(opener) != plain.count(closer):
            yield f"{opener}{closer} do not match"
    if plain.count("“") > plain.count("”") + plain.count("„") and plain.count("“") % 2:
        yield "“ is left open"
    if plain.count("„") > plain.count("“") + plain.count("”"):
        yield "„ is left open"
    if (plain.count("«") + plain.count("»")) % 2:
        yield "« or » stands alone"


def _faults_of_site_words(text: str) -> Iterator[str]:
    folded = text.lower()
    yield from (f"says {words!r}" for words in SITE_WORDS if words in folded)
    if _SHORTCODE.search(text):
        yield "has a shortcode"
    if "]]>" in text or "<![CDATA[" in text:
        yield "has a stray mark"
    if re.match(r"https?://\S+\s", text):
        yield "begins with an address"
    if re.search(r"[\[(]\s*(?:…|\.\.\.)\s*[\])]$", text):
        yield "ends in a mark of cutting"
    if re.search(r"[.!?][”\"]?[¹²³⁰⁴-⁹]", text):
        yield "has a note's number after a stop"


def _faults_of_characters(text: str) -> Iterator[str]:
    if text != "\n".join(" ".join(line.split()) for line in text.split("\n")):
        yield "has loose white space"
    if unicodedata.normalize("NFC", text) != text:
        yield "is not NFC"
    if re.search(r"\u200d(?:…|$|\s)|^[\u200d\ufe0f\U0001f3fb-\U0001f3ff]", text):
        yield "has half an emoji"
    flags = re.findall(r"[\U0001f1e6-\U0001f1ff]+", text)
    if any(len(flag) % 2 for flag in flags):
        yield "has half a flag"
    if re.search(r"[\U0001f600-\U0001f64f]{3}", _JOINERS.sub("", text)):
        yield "has a run of emoji"

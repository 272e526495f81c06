"""Checks whether a text may be printed as an excerpt: whole sentences, length, tidiness."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from digest.text.measure import language_of, measure_for
from digest.text.sentences import ends_in_title, ends_sentence, is_paired
from digest.text.wordlists import COMMON, list_languages, read_list

#: Limits in words; for a script without spaces `Measure.scale` converts them to characters.
MIN_WORDS = 12
MAX_WORDS = 60
MAX_LEAD_WORDS = 75

_EMOJI = (
    r"(?:[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    r"|[0-9#*]\ufe0f?\u20e3"  # a key
    # Not the signs of keys: ⌃ ⌥ ⌘ ⌫ ⏎.
    r"|[\U0001f000-\U0001faff\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u2600-\u27bf"
    r"\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55]"
    r"(?:[\ufe0f\U0001f3fb-\U0001f3ff]|[\U000e0020-\U000e007f]|(?!)){0,9}+)"
)
#: One or more code points that are shown as one emoji.
EMOJI = rf"{_EMOJI}(?:\u200d{_EMOJI}|(?!)){{0,9}}+"
_EMOJI_RUN = re.compile(rf"(?:{EMOJI}\s*){{3}}")
_CUT_AFTER = re.compile(r"(?:^|\s)(\w+)…$")


def faults_of_excerpt(text: str, language: str, *, is_lead: bool = False) -> tuple[str, ...]:
    """Return the faults of an excerpt, in words for the editor; none for an empty one.

    Args:
        text: the excerpt as printed.
        language: the newsletter's language, a BCP 47 tag.
        is_lead: whether it is the first story's, which may be longer.
    """
    if not text:
        return ()
    most = MAX_LEAD_WORDS if is_lead else MAX_WORDS
    return (*_faults_of_length(text, most), *_faults_of_end(text, language), *_untidy(text))


def _faults_of_length(text: str, most: int) -> Iterator[str]:
    measure = measure_for(text)
    size, unit = measure.size(text), "character" if measure.is_by_characters else "word"
    unit += "" if size == 1 else "s"
    if size > measure.scale(most):
        yield f"has {size} {unit}; the maximum is {measure.scale(most)}"
    # A shorter text is a whole post, unless it was cut.
    if size < measure.scale(MIN_WORDS) and text.endswith("…"):
        yield f"has {size} {unit}; the minimum is {measure.scale(MIN_WORDS)}"


def _faults_of_end(text: str, language: str) -> Iterator[str]:
    if not is_paired(text):
        yield "has an unclosed quotation mark or bracket"
    if text.endswith((":", "：")):
        yield "ends with a colon"
    elif not ends_sentence(text):
        yield "ends in the middle of a sentence"
    elif _ends_on_connective(text, language):
        yield "is cut after a word that must be followed by another"
    elif ends_in_title(text):
        yield "ends after an abbreviation"


def _ends_on_connective(text: str, language: str) -> bool:
    found = _CUT_AFTER.search(text[-60:])
    words = connectives_of(language_of(text, language))
    return found is not None and found[1].lower() in words


def _untidy(text: str) -> Iterator[str]:
    if text != "\n".join(" ".join(line.split()) for line in text.split("\n")):
        yield "has unnecessary white space"
    if not unicodedata.is_normalized("NFC", text):
        yield "is not Unicode in composed form (NFC)"
    if _EMOJI_RUN.search(text):
        yield "has three or more emoji in a row"


_BY_LANGUAGE = {
    folder.name: frozenset(read_list(folder, "connectives")) for folder in list_languages(COMMON)
}
_ALL = frozenset().union(*_BY_LANGUAGE.values())


def connectives_of(language: str) -> frozenset[str]:
    """Return the connectives of a BCP 47 tag's language, lower case; none if it has no list."""
    return _BY_LANGUAGE.get(language.split("-")[0].lower(), frozenset())


def is_connective(word: str) -> bool:
    """Return whether `word` is a connective in any language: posts may be in any language."""
    return word.lower() in _ALL

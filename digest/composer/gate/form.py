"""Form: length, shouting, links and contact data, in proportion to the length of the text."""

from __future__ import annotations

import re

from digest.composer.lexicon.contact import count_links, find_contact, has_link
from digest.composer.lexicon.fold import has_triple
from digest.composer.lexicon.words import Words
from digest.models import Reason
from digest.text.counted import counted

#: A shorter comment says too little to be quoted.
MIN_CHARS = 40
#: A longer one is not judged, and so not quoted.
MAX_CHARS = 20_000

#: The share of capitals is measured in texts of more letters than this.
_MIN_LETTERS = 20
_MAX_CAPITALS = 0.3
#: Words in capitals: one, and this share of all words.
_MAX_LOUD = 0.12
#: Exclamation marks: one, and one more for each of this number of characters.
_CHARS_BY_MARK = 100
#: Links in the whole comment: one, and one more for each of this number of characters.
_CHARS_BY_LINK = 200

_WORD = re.compile(r"[^\W\d_]{2,}")
#: Shorter words in capitals are names of things.
_MIN_LOUD = 4
_MARKS = re.compile(r"[!！]+")
#: Marks of this length or longer count twice.
_LONG_RUN = 3
_WILD_MARKS = re.compile(r"[!?]{5,}|\?{3,}|[!?]*(?:!\?|\?!)[!?]+")
#: A lost character, or UTF-8 read as Latin-1.
_BROKEN = re.compile(r"\ufffd|[ÃÂ][\x80-\xbfƒ‚„…†‡‰Š‹ŒŽ€]|â€")
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1{3,}")


def judge_form(printed: str, whole: str, words: Words) -> Reason | None:
    """Return why the form of a comment keeps it out; else None.

    Args:
        printed: the words that would be printed.
        whole: all of the comment.
        words: the lists of its language.
    """
    return (
        judge_length(whole)
        or _judge_characters(printed)
        or judge_shouting(printed, words)
        or _judge_links(printed, whole, words)
        or find_contact(printed)
    )


def judge_length(text: str) -> Reason | None:
    """Return why a comment is too short; else None."""
    length = len(" ".join(text.split()))
    if length < MIN_CHARS:
        return Reason(code="too-short", text=f"too short: {counted(length, 'character')}")
    return None


def _judge_characters(text: str) -> Reason | None:
    if _BROKEN.search(text):
        return Reason(code="broken", text="broken characters")
    return None


def judge_shouting(text: str, words: Words) -> Reason | None:
    """Return why a text shouts: capitals, exclamation marks, drawn-out letters; else None.

    One exclamation mark less is allowed if the language has no word lists.
    """
    letters, capitals = sum(map(str.isalpha, text)), sum(map(str.isupper, text))
    if letters > _MIN_LETTERS and capitals > _MAX_CAPITALS * letters:
        share = round(100 * capitals / letters)
        return Reason(code="shouting", text=f"{share} % of its letters are capitals")
    said = _WORD.findall(text)
    loud = [word for word in said if len(word) >= _MIN_LOUD and word.isupper()]
    if len(loud) > 1 + _MAX_LOUD * len(said):
        return Reason(code="shouting", text=f"{len(loud)} words in capitals")
    marks = sum(1 + (len(run) >= _LONG_RUN) for run in _MARKS.findall(text))
    if marks > words.has_civility + len(text) / _CHARS_BY_MARK or _WILD_MARKS.search(text):
        return Reason(code="shouting", text="too many exclamation or question marks")
    if _has_drawn_out(_without_links(text).lower()):
        return Reason(code="shouting", text="drawn-out letters")
    return None


def _judge_links(printed: str, whole: str, words: Words) -> Reason | None:
    if has_link(printed):
        return Reason(code="links", text="a link in the words to print")
    links = count_links(whole)
    if links and not words.has_civility:
        return Reason(code="links", text="a link, in a language without word lists")
    if links > 1 + len(whole) / _CHARS_BY_LINK:
        return Reason(code="links", text=f"{links} links in {len(whole)} characters")
    return None


def _has_drawn_out(text: str) -> bool:
    is_possible = not text.isascii() or has_triple(text)
    return is_possible and _REPEATED_LETTER.search(text) is not None


def _without_links(text: str) -> str:
    if not has_link(text):
        return text
    return " ".join(word for word in text.split() if "://" not in word and "www." not in word)

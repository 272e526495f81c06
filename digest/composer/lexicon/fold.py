"""Seeing through the disguises of rude words: `Fuuuck`, `sh1t`, `f u c k`, `fück`."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from string import ascii_lowercase

# One text is asked about by several checks in turn.
_REMEMBERED = 16

_LEET = str.maketrans("013457@$!", "oieastasi")
_LEET_L = str.maketrans("013457@$!", "oleastasi")
#: Cyrillic, Greek and Armenian letters that look Latin.
_LOOKALIKES = str.maketrans("асеорхукіѕοαεս", "aceopxykisoaeu")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
# Not at the end of a word: `idiot!` is a stop, and `4th` is no disguise.
_DISGUISED = re.compile(r"(?<!\w)[a-z]++(?:[013457@$!]++[a-z]++|(?!))++|(?<!\w)[@$5][a-z]{2,}+")
_LEET_SIGNS = re.compile(r"[013457@$!]")
_SPELLED_OUT = re.compile(r"(?<!\w)(?:[a-z][ .*_-]){2,}[a-z](?!\w)")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_TRIPLES = tuple(letter * 3 for letter in ascii_lowercase)
# Stars anywhere in a word; dashes between its letters, as in `f--k`.
_MASKING = re.compile(r"\w[*#]|\w[-–—_.]{1,4}\w")
_MASKED = re.compile(r"(?<!\w)[^\W\d_]+(?:[*#](?:[^\W\d_]|[*#])*|[-–—_.]{1,4}[^\W\d_]+(?![\w.-]))")


@lru_cache(maxsize=_REMEMBERED)
def fold_plain(text: str) -> str:
    """Lower case, straight apostrophes, one space between words."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("’", "'").lower()
    return " ".join(plain.split())


@lru_cache(maxsize=_REMEMBERED)
def fold_disguises(text: str) -> tuple[str, ...]:
    """The readings of `text` with letters put back for figures and signs; one or two."""
    bare = _without_accents(fold_plain(text))
    mixed = bare if bare.isascii() else re.sub(r"\w+", _latin_where_mixed, bare)
    joined = _SPELLED_OUT.sub(lambda found: re.sub(r"[ .*_-]", "", found[0]), mixed)
    single = _REPEATED.sub(r"\1", joined) if has_triple(joined) else joined
    if not _LEET_SIGNS.search(single):
        return (single,)
    readings = (_translate_disguised(single, table) for table in (_LEET, _LEET_L))
    return tuple(dict.fromkeys(readings))


def has_triple(text: str) -> bool:
    """Whether a letter from a to z stands three times in a row in lower-case `text`."""
    return any(triple in text for triple in _TRIPLES)


def find_masked(text: str, words: tuple[str, ...]) -> str:
    """The first of `words` that stands in `text` with letters starred out, as in `f**k`.

    Args:
        text: any text.
        words: as in a word list: lower case, a last `*` for any ending.
    """
    if not _MASKING.search(text):
        return ""
    by_first = _by_first_letter(words)
    for found in _MASKED.finditer(fold_plain(text)):
        if any(_is_mask_of(found[0], word) for word in by_first.get(found[0][0], ())):
            return found[0]
    return ""


@lru_cache(maxsize=_REMEMBERED)
def _by_first_letter(words: tuple[str, ...]) -> dict[str, list[str]]:
    ordered = sorted(words)
    return {letter: list(group) for letter, group in groupby(ordered, key=itemgetter(0))}


def _translate_disguised(text: str, table: dict[int, int]) -> str:
    return _DISGUISED.sub(lambda found: found[0].translate(table), text)


#: What a letter hides behind.
_MASKS = frozenset("*#-–—_.")


def _is_mask_of(mask: str, word: str) -> bool:
    stem = word.removesuffix("*")
    letters = mask if stem == word else mask[: len(stem)]
    return len(letters) == len(stem) and all(
        shown in _MASKS or shown == letter for shown, letter in zip(letters, stem, strict=True)
    )


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return "".join(char for char in parts if not unicodedata.combining(char))


def _latin_where_mixed(word: re.Match[str]) -> str:
    is_mixed = not word[0].isascii() and any(char.isascii() and char.isalpha() for char in word[0])
    return word[0].translate(_LOOKALIKES) if is_mixed else word[0]

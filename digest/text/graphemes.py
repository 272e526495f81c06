"""Cuts text between visible characters: a flag or a letter with its accent is one character."""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
#: Skin tones, and the letters inside the flags of England, Scotland and Wales.
_MODIFIERS = (range(0x1F3FB, 0x1F400), range(0xE0020, 0xE0080))
#: Maximum code points of a visible character; a longer pile of accents is cut.
_LONGEST = 40


def first_graphemes(text: str, limit: int) -> str:
    """Return at most `limit` code points of `text`; no visible character is cut in two.

    An approximation of UAX #29: marks, joiners, skin tones and flags stay with their character.
    """
    if len(text) <= limit:
        return text
    for end in range(limit, max(limit - _LONGEST, 0), -1):
        if is_boundary(text, end):
            return text[:end]
    return text[:limit] if limit > _LONGEST else ""


def is_boundary(text: str, at: int) -> bool:
    """Return whether `text` may be cut before the code point at index `at`."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return False
    if any(ord(after) in modifiers for modifiers in _MODIFIERS):
        return False
    return not (_is_flag_letter(after) and _flag_letters_before(text, at) % 2)


def _is_flag_letter(char: str) -> bool:
    return ord(char) in _FLAG_LETTERS


def _flag_letters_before(text: str, at: int) -> int:
    """Return the number of flag letters directly before `at`, counted over a limited distance."""
    count = 0
    for char in reversed(text[max(0, at - 2 * _LONGEST) : at]):
        if not _is_flag_letter(char):
            break
        count += 1
    return count

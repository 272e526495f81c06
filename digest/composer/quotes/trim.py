"""Checks that an editor shortened a quote and put no words into anybody's mouth."""

from __future__ import annotations

import re

from digest.composer.lexicon.tidy import tidy_line
from digest.text.measure import measure_for

#: Stands for what was left out.
_GAP = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3})\s*")


def strange_words(trim: str, comment: str) -> str:
    """Return the first part of a shortened quote that the comment does not say; else nothing.

    The parts between marks of omission (`…`, `[…]`) must be in the comment, in its order, and made
    of whole words. White space and letter case do not count.

    Args:
        trim: the shortened text.
        comment: the whole text of the comment.
    """
    whole = _plain(comment).casefold()
    is_spaced = not measure_for(comment).is_by_characters
    at = 0
    for part in filter(None, (_plain(each) for each in _GAP.split(trim))):
        found = _find(part.casefold(), whole, at, is_spaced=is_spaced)
        if found < 0:
            return part
        at = found + len(part.casefold())
    return ""


def _find(part: str, whole: str, start: int, *, is_spaced: bool) -> int:
    """Return where a part begins; -1 if it is not there, or only within words."""
    found = whole.find(part, start)
    while found >= 0 and is_spaced and _cuts_word(whole, found, found + len(part)):
        found = whole.find(part, found + 1)
    return found


def _cuts_word(whole: str, start: int, end: int) -> bool:
    return any(
        0 < at < len(whole) and whole[at - 1].isalnum() and whole[at].isalnum()
        for at in (start, end)
    )


def _plain(text: str) -> str:
    return " ".join(_GAP.sub(" ", tidy_line(text)).split())

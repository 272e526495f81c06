"""Titles as keys: when two of them say the same."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[\W_]+")


def title_key(title: str) -> str:
    """The words of a title alone: no case, marks, accents' encoding or spaces to differ by."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    # Within a word an apostrophe is no gap: it's, it’s and its are one.
    return _NOT_WORD.sub(" ", re.sub(r"(?<=\w)['’](?=\w)", "", folded)).strip()

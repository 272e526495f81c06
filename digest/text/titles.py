"""Makes keys of titles, to find equal ones."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[\W_]+")


def title_key(title: str) -> str:
    """Return the words of a title without case, punctuation and differences in Unicode form."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    # An apostrophe does not separate words: it's, it’s and its are equal.
    return _NOT_WORD.sub(" ", re.sub(r"(?<=\w)['’](?=\w)", "", folded)).strip()

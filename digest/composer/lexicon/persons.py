"""Tells persons apart by the names under their comments."""

from __future__ import annotations

import re

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.words import NOBODY

_NUMBER = re.compile(r"[\W\d_]+")


def person_of(name: str) -> str:
    """Return a key that is equal for two comments of one person; empty if the name is nobody's.

    Nobody's names, such as "Guest 12", may be of different people.
    """
    folded = fold_plain(name)
    bare = _NUMBER.sub(" ", folded).strip()
    has_letters = any(map(str.isalnum, folded))
    return "" if not has_letters or folded in NOBODY or bare in NOBODY else folded

"""Distinguishes persons by the names under their comments."""

from __future__ import annotations

import re

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.words import nameless

_NUMBER = re.compile(r"[\W\d_]+")
#: What a page adds behind a name: a date with a year or a time, `says:`.
_ADDED = re.compile(
    r"(?:,? (?:on|am|le|el))?,?"
    r" (?:\w{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,?|\d{1,2}\.? \w{3,9}\.?,?) \d{4}\b.*$"
    r"| \w{3,8}:$",
    re.IGNORECASE,
)


def bare_name(author: str) -> str:
    """Return a name without what pages add to it: `Ann on May 3, 2026 at 5 pm said:` is Ann."""
    return _ADDED.sub("", author).strip() or author


def person_of(name: str) -> str:
    """Return a key that is equal for two comments of one person; empty if it is no one's name.

    Names such as "Guest 12" may belong to different people.
    """
    folded = fold_plain(name)
    bare = _NUMBER.sub(" ", folded).strip()
    has_letters = any(map(str.isalnum, folded))
    return "" if not has_letters or folded in nameless() or bare in nameless() else folded

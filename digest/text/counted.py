"""Counts with their nouns, such as `1 story` and `2 stories`."""

from __future__ import annotations


def counted(count: int, singular: str, plural: str = "") -> str:
    """Return a count and its noun.

    Args:
        count: the count.
        singular: the noun after 1.
        plural: the noun after every other count; empty: `singular` with an `s`.
    """
    noun = singular if count == 1 else plural or f"{singular}s"
    return f"{count} {noun}"

"""Counts with their nouns."""

from __future__ import annotations

import pytest

from digest.text.counted import counted


@pytest.mark.parametrize(
    ("count", "words", "shown"),
    [
        (1, ("mail",), "1 mail"),
        (0, ("mail",), "0 mails"),
        (2, ("mail",), "2 mails"),
        (1, ("story", "stories"), "1 story"),
        (0, ("story", "stories"), "0 stories"),
        (12, ("story", "stories"), "12 stories"),
    ],
)
def test_a_noun_is_singular_after_one_only(count: int, words: tuple[str, ...], shown: str) -> None:
    assert counted(count, *words) == shown

"""Paired marks in every usual style; apostrophes and inch signs are not marks."""

from __future__ import annotations

import pytest

from digest.text.sentences import first_unpaired, is_paired


@pytest.mark.parametrize(
    "text",
    [
        "He said “hi” (really).",
        'Don\'t say "no" to (this [thing]).',
        'an empty " "…',
        "the boys' house and the boys’ club",
        "‘quoted’ it’s from the ‘90s",
        "a 6\" gun on 5' of deck",
        "„Hallo“, »ja«, «oui», ‚so‘",
        "a) first b) second",
        "rock ’n’ roll, 'tis",
        "C#'s and C++'s libraries",
        "a flaw (CVSS 8.8), grave",
        "「はい。」と『言』った（笑）",
        "Well :-) then ;)",
        "\"a 'b' c\"",
    ],
)
def test_paired_marks(text: str) -> None:
    assert is_paired(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("He said “hi", 8),
        ("and (so [on)", 4),
        ("“a” and ”b", 8),
        ("'single open", 0),
        ('"a" "b', 4),
        ("「はい", 0),
        ("closed) only", 6),
    ],
)
def test_the_first_unpaired_mark_is_found(text: str, at: int) -> None:
    assert first_unpaired(text) == at

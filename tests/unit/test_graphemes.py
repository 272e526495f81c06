from __future__ import annotations

import pytest

from digest.text.graphemes import is_boundary


@pytest.mark.parametrize(
    ("text", "at", "is_cut_there"),
    [
        ("abc", 0, True),
        ("abc", 3, True),
        ("abc", 1, True),
        ("a🇨🇭b", 1, True),  # before a flag
        ("a🇨🇭b", 2, False),  # inside a flag
        ("🇨🇭🇩🇪", 2, True),  # between two flags
        ("e\u0301", 1, False),  # before an accent
        ("👩\u200d🚀", 1, False),  # around a joiner
    ],
)
def test_a_character_of_several_code_points_is_not_cut(
    text: str, at: int, *, is_cut_there: bool
) -> None:
    assert is_boundary(text, at) is is_cut_there

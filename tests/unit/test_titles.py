"""Titles with the same words have one key."""

from __future__ import annotations

import pytest

from digest.text.titles import title_key


@pytest.mark.parametrize(
    "title", ["The boys’ “Line” — again!", "the boys' line: AGAIN", "The Boys' Line\u00a0again…"]
)
def test_marks_case_and_spaces_do_not_matter(title: str) -> None:
    assert title_key(title) == "the boys line again"


def test_other_words_are_another_title() -> None:
    assert title_key("Part 1") != title_key("Part 2")


def test_scripts_without_case_keep_their_words() -> None:
    assert title_key("「日本」の話") == "日本 の話"

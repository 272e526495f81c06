"""Posts without a title say their words once."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import write_excerpt
from digest.composer.story import short_words
from digest.letter.printing.presentation import without_start


@pytest.mark.parametrize("text", ["Ahoy!", "Fog again. #fog", "霧がまた出た。", "Two\n\nlines."])
def test_a_short_post_keeps_its_words_as_its_title(text: str) -> None:
    title = short_words(text)
    assert title == " ".join(text.split())
    assert write_excerpt("", text, title, "en").short in {"", title}


def test_a_long_post_has_no_title_of_its_own() -> None:
    assert short_words("word " * 40) == ""
    assert short_words("") == ""


@pytest.mark.parametrize(
    ("words", "title", "rest"),
    [
        (
            "The pilots wait in the cafe at the quay.",
            "The pilots wait…",
            "… in the cafe at the quay.",
        ),
        ("Fog again. The ferry waits.", "Fog again.", "The ferry waits."),
        ("Fog again.", "Fog again.", ""),
        ("Other words.", "paper.example", "Other words."),
    ],
)
def test_the_excerpt_goes_on_where_the_title_ends(words: str, title: str, rest: str) -> None:
    assert without_start(words, title) == rest

"""A quote: a name, and at most 280 characters of whole sentences that say something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.lexicon.words import words_for
from digest.composer.quotes.quote import print_answered, print_name, print_text, shorten_text
from digest.text.sentences import is_paired

BUOYS = "I kept the buoys in that channel for nineteen years."
NOTES = "The surveyor’s notes, which are in the county archive, say when to ask again."


def printed(text: str, language: str = "en") -> str:
    return print_text(text, words_for(language), language)


@pytest.mark.parametrize(
    "opening",
    [
        "Hi all,",
        "Dear Mr. Marsh, and all of the board,",
        "Ruth,",
        "In reply to Ann:",
        "> The line is where the water is, he wrote, and he meant it then.",
        "Thank you for this column, it was a pleasure.",
        "Short line.",
    ],
)
def test_a_quote_starts_with_its_first_substantial_words(opening: str) -> None:
    assert printed(f"{opening}\n\n{BUOYS}") == BUOYS


def test_the_addressee_is_left_out() -> None:
    assert printed(f"@ann_pell: {BUOYS}") == BUOYS
    assert printed(f"@Ann Pell: {BUOYS}") == BUOYS
    assert printed(f"@ann Question: {BUOYS}") == f"Question: {BUOYS}"


def test_marks_around_words_are_whole_and_those_of_a_list_go() -> None:
    assert printed(f"**Well**, {BUOYS}") == f"**Well**, {BUOYS}"
    assert printed(f"* {BUOYS}") == BUOYS


def test_a_comment_that_fits_is_quoted_whole() -> None:
    assert printed(f"{BUOYS} {NOTES}") == f"{BUOYS} {NOTES}"


def test_a_last_sentence_needs_no_stop() -> None:
    assert printed(f"{BUOYS} {NOTES[:-1]}") == f"{BUOYS} {NOTES[:-1]}"


def test_a_long_comment_is_cut_after_a_sentence() -> None:
    assert printed(f"{BUOYS} {NOTES} " + "And so on it went. " * 20).startswith(f"{BUOYS} {NOTES}")
    assert printed(f"{BUOYS} {NOTES} " + "And so on it went. " * 20).endswith("it went.")


def test_a_sentence_too_long_to_quote_is_passed_over() -> None:
    endless = "And " + "so on it went and " * 30 + "on."
    assert printed(f"{endless} {BUOYS}") == BUOYS
    assert printed(endless) == ""


def test_nothing_is_quoted_with_an_open_quotation_mark() -> None:
    assert printed(f"{BUOYS} He said: “the line is where the water is.") == BUOYS


def test_under_40_characters_nothing_is_quoted() -> None:
    assert printed("The buoys are mine.") == ""


def test_addresses_are_shown_as_hosts_and_shortcodes_go() -> None:
    text = "The notes are at https://archive.example/notes/1911, and [slideshow_deploy] free."
    assert printed(text) == "The notes are at archive.example/…, and free."


def test_words_without_a_link_are_preferred() -> None:
    assert printed(f"Look at [url=x], all of it is in there, and it is good. {BUOYS}") == BUOYS
    linked = f"{BUOYS[:-1]}, as [url=x] says."
    assert printed(linked) == linked


@pytest.mark.parametrize("quote", [BUOYS, f"{BUOYS} {NOTES}", ""])
def test_a_short_quote_is_shown_whole(quote: str) -> None:
    assert shorten_text(quote, "en") == quote


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Hi all,\n\n{BUOYS}", BUOYS),
        ("The buoys", "The buoys"),
        ("> The line is where the water is.", ""),
        ("He asked the board:", ""),
        (f"And {'so on it went and ' * 9}on.", f"And {'so on it went and ' * 6}so on…"),
        (f"And “so on it {'went and on ' * 12}.”", ""),
    ],
)
def test_what_a_quote_answers_is_shown_from_its_first_words(text: str, shown: str) -> None:
    assert print_answered(text, words_for("en"), "en") == shown


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("  Ruth \n Adeyemi ", "Ruth Adeyemi"),
        ("", ""),
        ("   ", ""),
        ("N" * 60, "N" * 39 + "…"),
        ("محمد علي", "محمد علي"),
        # A family is one character, though it is written with seven.
        (
            "N" * 35 + "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "N" * 35 + "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
        ("N" * 37 + "\U0001f468\u200d\U0001f469\u200d\U0001f467", "N" * 37 + "…"),
    ],
)
def test_names_are_one_short_line(author: str, name: str) -> None:
    assert print_name(author) == name


_WORDS = st.sampled_from(
    """the buoys lie on dry sand. asks? “quoted words” (so) “open ) " ' he said: and, Mr. U.S. 3.5
    [slideshow_deploy] [sic] https://archive.example/notes > it’s … 日本語です。 :-)
    water""".split()  # noqa: SIM905
)
_COMMENTS = st.lists(st.lists(_WORDS, min_size=1, max_size=80).map(" ".join), max_size=4).map(
    "\n\n".join
)


@given(text=_COMMENTS)
def test_a_quote_is_closed_and_between_40_and_280_characters(text: str) -> None:
    quoted = printed(text)
    assert quoted == "" or 40 <= len(quoted) <= 280
    assert is_paired(quoted)
    assert "slideshow_deploy" not in quoted
    assert "https://" not in quoted

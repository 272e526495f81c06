"""Sentences end at stops, and not at abbreviations."""

from __future__ import annotations

import pytest

from digest.text.sentences import ends_in_abbreviation, ends_sentence, split_sentences
from tests.support.timing import least_seconds


@pytest.mark.parametrize(
    "sentences",
    [
        ("Sgt. Miller left at 5 p.m. on Monday.", "Nobody saw him go."),
        ("The No. 3 buoy lies dry.", "It cost 3.5 million."),
        ("Sen. Hart met Rep. Jones of the U.S. delegation.", "They agreed."),
        ("He likes estuaries, e.g. Paris has none.", "We do."),
        ("Yahoo! said nothing.", "The board did."),
        ("“Why? Because it moved.”", "He sat down."),
        ("See vol. 3, pp. 4 of the notes.", "They are in the archive."),
        ("J. R. Venn wrote it.", "He left."),
        ("It runs on .NET and asks for .SOY names.", "We do not."),
        ("The line moved.[1]", "Nobody asked."),
    ],
)
def test_english_is_split_where_sentences_end(sentences: tuple[str, ...]) -> None:
    assert split_sentences(" ".join(sentences), "en-GB") == sentences


def test_initials_after_an_apostrophe_are_one_name() -> None:
    text = "C’est l’I.N.S.E.E. qui le dit."
    assert split_sentences(text, "fr") == (text,)


def test_japanese_is_split_at_its_own_stops() -> None:
    assert split_sentences("日本語です。元気ですか。", "ja") == ("日本語です。", "元気ですか。")


def test_an_unknown_language_is_split_as_english() -> None:
    assert split_sentences("It moved. We asked.", "x-klingon") == ("It moved.", "We asked.")


def test_no_word_is_lost_beyond_the_limit() -> None:
    text = "It moved. " * 5000
    assert "".join(split_sentences(text, "en")).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u3000", "\u00a0\u2009"])
def test_any_space_may_be_before_a_stop(space: str) -> None:
    sentences = (f"They chose plan A{space}.", "It failed in the end.")
    assert "".join(split_sentences(" ".join(sentences), "en")).replace(" ", "") == "".join(
        sentences
    ).replace(" ", "")


def test_unpaired_quotation_marks_take_no_time() -> None:
    assert least_seconds(lambda: split_sentences("“" * 1_000_000, "en"), under=1) < 1


@pytest.mark.parametrize(
    "text", ["It moved.", "Did it?", "“It did!”", "(It did.)", "It…", "行く。"]
)
def test_a_stop_before_closing_marks_ends_a_sentence(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["It moved", "He said:", "“It did”", "", "and,"])
def test_without_a_stop_no_sentence_ends(text: str) -> None:
    assert not ends_sentence(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("in the U.S.", True), ("by Mr.", True), ("So did I.", False), ("It moved.", False)],
)
def test_abbreviations_are_known(text: str, is_one: bool) -> None:
    assert ends_in_abbreviation(text) is is_one

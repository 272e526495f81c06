"""Findings of the excerpt check."""

from __future__ import annotations

import pytest

from digest.text.excerpts import faults_of_excerpt
from digest.text.graphemes import first_graphemes
from digest.text.measure import language_of

GOOD = "The board met on Tuesday, for the third time this month, and could not agree."


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD,
        f"{GOOD[:-1]}…",
        f"“{GOOD}”",
        "港の役員会は火曜日に" * 8 + "。",
        # A whole post.
        "Ahoy!",
        # Lines of a verse.
        GOOD.replace(", ", ",\n"),
        # Thai has no stop.
        "เมืองท่าจัดเทศกาลทุกปี แต่ปีนี้ล่าช้า",
        # Signs of keys are no emoji.
        f"Press ⌃⌥⌘. {GOOD}",
    ],
)
def test_a_whole_text_has_no_fault(text: str) -> None:
    assert faults_of_excerpt(text, "en") == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{'word ' * 60}end.", "has 61 words; the maximum is 60"),
        ("It was cut…", "has 3 words; the minimum is 12"),
        (GOOD[:-1], "ends in the middle of a sentence"),
        (f"{GOOD[:-1]}:", "ends with a colon"),
        (f"{GOOD} It was “said.", "has an unclosed quotation mark or bracket"),
        (f"{GOOD} It was and…", "is cut after a word that must be followed by another"),
        (f"{GOOD} It was Sgt.", "ends after an abbreviation"),
        (f"{GOOD}  And so on.", "has unnecessary white space"),
        (f"{GOOD} A cafe\u0301.", "is not Unicode in composed form (NFC)"),
        (f"{GOOD} 🎉🎉 🎉 Yes.", "has three or more emoji in a row"),
        ("港の話" * 61 + "。", "has 184 characters; the maximum is 180"),
    ],
)
def test_each_fault_is_named(text: str, fault: str) -> None:
    assert faults_of_excerpt(text, "en") == (fault,)


def test_a_lead_may_be_longer() -> None:
    text = f"{'word ' * 74}end."
    assert faults_of_excerpt(text, "en", is_lead=True) == ()
    assert faults_of_excerpt(text, "en") != ()


def test_german_abbreviations_count_in_german() -> None:
    text = "Der Rat trat am Dienstag zum dritten Mal in diesem Monat zusammen, z. B. Frl."
    assert faults_of_excerpt(text, "de-AT") == ("ends after an abbreviation",)


@pytest.mark.parametrize(
    ("text", "language", "read_as"),
    [
        ("اجتمع المجلس", "en", "ar"),
        ("یہ ایک جملہ ہے", "en", "ur"),
        ("港の話", "en", "ja"),
        ("港务委员会", "de", "zh"),
        ("港", "ja", "ja"),
        ("Это линия", "en", "ru"),
        ("Це лінія", "uk-UA", "uk"),
        ("זה הקו", "fr", "he"),
        ("Der Rat", "de_AT", "de"),
        ("", "pt-BR", "pt"),
        ("The word 港", "en", "en"),
    ],
)
def test_the_script_determines_the_language(text: str, language: str, read_as: str) -> None:
    assert language_of(text, language) == read_as


@pytest.mark.parametrize(
    ("text", "limit", "first"),
    [
        ("ab", 5, "ab"),
        ("abc", 2, "ab"),
        ("a👨‍👩‍👧b", 3, "a"),
        ("🇩🇪🇫🇷", 3, "🇩🇪"),
        ("a👍🏽", 2, "a"),
        ("xe\u0301", 2, "x"),
        ("ab", 0, ""),
    ],
)
def test_a_beginning_cuts_no_character(text: str, limit: int, first: str) -> None:
    assert first_graphemes(text, limit) == first

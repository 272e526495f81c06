"""Days with their month in words."""

from __future__ import annotations

from datetime import date

import pytest
from babel.dates import format_date

from digest.text.days import first_of_month, long_day
from digest.text.languages import LANGUAGES, locale_of
from digest.text.wordlists import COMMON, list_languages, read_list

LISTED = [folder.name for folder in list_languages(COMMON) if read_list(folder, "days")]
DAYS = [date(2026, month, day) for month in range(1, 13) for day in (1, 9, 28)]


@pytest.mark.parametrize("language", LISTED)
def test_the_lists_have_the_words_of_babel(language: str) -> None:
    expected = [format_date(day, "long", locale=locale_of(language)) for day in DAYS]
    assert [long_day(day, language) for day in DAYS] == [
        first_of_month(shown, day, language) for shown, day in zip(expected, DAYS, strict=True)
    ]


def test_each_language_of_the_program_has_a_list() -> None:
    assert {*LANGUAGES} <= {*LISTED}


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "May 1, 2026"),
        ("en-GB", "1 May 2026"),
        ("fr", "1er mai 2026"),
        ("fr-CA", "1er mai 2026"),
        ("da", "1. maj 2026"),
        ("not a language", "May 1, 2026"),
    ],
)
def test_other_languages_are_written_too(language: str, shown: str) -> None:
    assert long_day(date(2026, 5, 1), language) == shown

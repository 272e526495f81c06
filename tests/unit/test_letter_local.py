"""Dates and directions by language and zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.letter.printing.local import (
    day_and_month,
    direction_of,
    first_strong,
    joining_words,
    locale_of,
    long_date,
    weekday_date,
)

LATE = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "Friday, November 20, 2026"),
        ("es", "Viernes, 20 de noviembre de 2026"),
        ("ar", "الجمعة، 20 نوفمبر 2026"),
        ("de", "Freitag, 20. November 2026"),
        ("fr-CA", "Vendredi 20 novembre 2026"),
    ],
)
def test_day_is_written_in_its_language_and_counted_in_its_zone(language: str, shown: str) -> None:
    assert weekday_date(LATE, language=language, timezone="America/New_York") == shown


def test_short_dates_do_not_break_over_lines() -> None:
    assert (
        day_and_month(LATE, language="en-GB", timezone="Europe/London") == "21\N{NO-BREAK SPACE}Nov"
    )


def test_long_date_has_its_month_in_words() -> None:
    assert long_date(LATE, language="en", timezone="UTC") == "November 21, 2026"


@pytest.mark.parametrize(
    ("language", "since"),
    [
        ("en", " on November 20, 2026"),
        ("de", " am 20. November 2026"),
        ("fr", " le 20 novembre 2026"),
        ("es", " el 20 de noviembre de 2026"),
        ("ar", " في 20 نوفمبر 2026"),
    ],
)
def test_the_day_of_joining_is_said_in_words_or_not_at_all(language: str, since: str) -> None:
    zone = "America/New_York"
    day = long_date(LATE, language=language, timezone=zone)
    assert joining_words(LATE, language=language, timezone=zone) == (day, since)
    unknown = joining_words(None, language=language, timezone=zone)
    assert unknown[0]
    assert unknown[1] == ""


def test_french_counts_the_first_of_a_month_as_an_ordinal() -> None:
    first = datetime(2026, 3, 1, 12, tzinfo=UTC)
    said = {"language": "fr", "timezone": "UTC"}
    assert weekday_date(first, **said) == "Dimanche 1er mars 2026"
    assert long_date(first, **said) == "1er mars 2026"
    assert day_and_month(first, **said) == "1er\N{NO-BREAK SPACE}mars"
    assert long_date(first, language="de", timezone="UTC") == "1. März 2026"


@pytest.mark.parametrize(
    ("tag", "name"), [("de-XX", "de"), ("tlh", "en"), ("", "en"), ("pt-BR", "pt_BR")]
)
def test_an_unknown_language_falls_back(tag: str, name: str) -> None:
    assert str(locale_of(tag)) == name


@pytest.mark.parametrize(("language", "way"), [("en", "ltr"), ("ar", "rtl"), ("he-IL", "rtl")])
def test_a_language_has_a_direction(language: str, way: str) -> None:
    assert direction_of(language) == way


@pytest.mark.parametrize(
    ("text", "way"), [("2026 – הארץ", "rtl"), ("“Heritage”", "ltr"), ("1, 2, 3", "")]
)
def test_the_first_letter_with_a_direction_decides(text: str, way: str) -> None:
    assert first_strong(text) == way

"""Dates and directions by language and zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.letter.printing.days import day_in_words, joining_words, long_date
from digest.letter.printing.local import (
    first_strong,
    nest_quotation,
    post_date,
    weekday_date,
)
from digest.text.languages import direction_of, locale_of

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


@pytest.mark.parametrize(
    ("when", "language", "shown"),
    [
        (datetime(2026, 11, 21, tzinfo=UTC), "en", "Saturday"),
        (datetime(2026, 11, 15, tzinfo=UTC), "es", "Domingo"),
        (datetime(2026, 11, 14, tzinfo=UTC), "en-GB", "14\N{NO-BREAK SPACE}Nov"),
        (datetime(2026, 11, 22, tzinfo=UTC), "en", "Nov\N{NO-BREAK SPACE}22"),
        (datetime(2025, 5, 2, tzinfo=UTC), "en", "May\N{NO-BREAK SPACE}2,\N{NO-BREAK SPACE}2025"),
        (
            datetime(2019, 5, 5, tzinfo=UTC),
            "de",
            "5.\N{NO-BREAK SPACE}Mai\N{NO-BREAK SPACE}2019",
        ),
    ],
)
def test_a_post_has_a_weekday_within_the_week_and_its_year_if_it_is_another(
    when: datetime, language: str, shown: str
) -> None:
    assert post_date(when, printed=LATE, language=language, timezone="UTC") == shown


def test_days_of_posts_are_counted_in_the_newsletters_zone() -> None:
    # In New York both are on the evening before.
    zone = {"language": "en", "timezone": "America/New_York"}
    assert post_date(datetime(2026, 11, 14, 3, tzinfo=UTC), printed=LATE, **zone) != "Friday"
    assert post_date(datetime(2026, 11, 15, 3, tzinfo=UTC), printed=LATE, **zone) == "Saturday"


@pytest.mark.parametrize(
    ("language", "text", "nested"),
    [
        ("en", "“Open” is the word.", "‘Open’ is the word."),
        ("en", 'She said "open" twice.', "She said ‘open’ twice."),
        ("en", 'A 5" gun and a 6" gun.', 'A 5" gun and a 6" gun.'),
        ("de", "Das Wort „offen“ fehlt.", "Das Wort ‚offen‘ fehlt."),
        ("fr", "Le mot “ouvert” manque.", "Le mot “ouvert” manque."),
    ],
)
def test_a_quotation_inside_a_quotation_has_the_inner_marks(
    language: str, text: str, nested: str
) -> None:
    assert nest_quotation(text, language) == nested


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
    later = datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert post_date(first, printed=later, **said) == "1er\N{NO-BREAK SPACE}mars"
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


@pytest.mark.parametrize(
    ("day", "language", "shown"),
    [
        ("2027-03-01", "en", "March 1, 2027"),
        ("2027-03-01", "en-GB", "1 March 2027"),
        ("2027-03-01", "fr", "1er mars 2027"),
        ("1975-12-31", "de", "31. Dezember 1975"),
        # The field was a text when this was stored.
        ("next spring", "en", "next spring"),
    ],
)
def test_a_day_is_printed_in_words(day: str, language: str, shown: str) -> None:
    assert day_in_words(day, language=language) == shown

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.readers.responses.writtendates import read_written_date, with_order
from tests.support.timing import within

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "language", "expected"),
    [
        ("October 26, 2012 at 1:00 am", "en", (2012, 10, 26, 1, 0)),
        ("January 7th, 2013 at 12:09 pm", "", (2013, 1, 7, 12, 9)),
        ("11 July 2011, 12.25 a.m.", "en", (2011, 7, 11, 0, 25)),
        ("29. Mai 2019 um 17:39", "de", (2019, 5, 29, 17, 39)),
        ("Januar 15, 2014 um 23:36", "de", (2014, 1, 15, 23, 36)),
        ("am 9. März 2017 um 13:22 Uhr | Antworten", "de", (2017, 3, 9, 13, 22)),
        ("le 1er février 2020 à 16h42", "fr", (2020, 2, 1, 16, 42)),
        ("3 de enero de 2021 a las 8:05", "es", (2021, 1, 3, 8, 5)),
        ("14 lutego 2021", "pl", (2021, 2, 14, 0, 0)),
        ("5 мая 2020 в 10:00", "ru", (2020, 5, 5, 10, 0)),
        ("2020年5月1日 10:30", "ja", (2020, 5, 1, 10, 30)),
        ("2020-05-01 10:30", "en", (2020, 5, 1, 10, 30)),
        ("18/02/2020 à 16:42", "", (2020, 2, 18, 16, 42)),
        ("02/18/2020", "", (2020, 2, 18, 0, 0)),
        ("05.02.2020 10:00", "de-AT", (2020, 2, 5, 10, 0)),
        ("05/05/2020", "en", (2020, 5, 5, 0, 0)),
        ("05/02/2020", "en-US", None),  # the second or the fifth month
        ("05/02/2020", "", None),
        ("05/02/2020, changed on 06/03/2020", "", None),
        ("Mon, 10/05/2026 - 14:20", "en", (2026, 10, 5, 14, 20)),
        ("Tuesday, 05/10/2016 8:00", "", (2016, 5, 10, 8, 0)),
        ("Mon, 10/06/2026", "en", None),  # neither is a Monday
        ("12.29.14 at 8:09 pm", "en", None),
        ("6 months ago", "en", None),
        ("31 June 2020", "en", None),
        ("May 5, 2031", "en", None),  # not yet
        ("Area 51 January 99", "en", None),
        ("", "en", None),
    ],
)
def test_dates_for_people_are_read_if_they_are_unambiguous(
    shown: str, language: str, expected: tuple[int, int, int, int, int] | None
) -> None:
    wanted = datetime(*expected, tzinfo=UTC) if expected else None
    assert read_written_date(shown, language, now=NOW) == wanted


def test_long_text_is_read_only_up_to_the_length_of_a_date() -> None:
    with within(1):
        assert read_written_date("1 January " * 100_000, "en", now=NOW) is None


@pytest.mark.parametrize(
    ("language", "others", "day"),
    [
        ("en", "25/03/2026 and 01/02/2026", "2026-04-03"),
        ("en-US", "03/25/2026", "2026-03-04"),
        ("", "25.03.2026", "2026-04-03"),
        ("fr", "03/25/2026", "2026-03-04"),
        ("en", "25/03/2026, 03/25/2026", ""),
        ("en", "11/12/2025", ""),
    ],
)
def test_the_dates_of_a_page_settle_their_order(language: str, others: str, day: str) -> None:
    found = read_written_date("03/04/2026", with_order(language, others), now=NOW)
    assert (found.date().isoformat() if found else "") == day

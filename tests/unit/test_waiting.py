from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.readers.web.waiting import LONGEST, read_http_date, read_retry_after

NOW = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        ("120", 120),
        (" 120\t", 120),
        ("0000120", 120),
        ("3600", 3600),
        ("86400", 86400),
        ("86401", 86400),  # longer than is obeyed
        ("31536000", 86400),
        ("9" * 5000, 86400),
        ("Sun, 06 Nov 1994 08:51:37 GMT", 120),
        ("Sunday, 06-Nov-94 08:51:37 GMT", 120),  # RFC 850
        ("Sun Nov  6 08:51:37 1994", 120),  # asctime
        ("Sun, 06 Nov 1994 09:51:37 +0100", 120),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Sat, 05 Nov 1994 08:49:37 GMT", 0),  # over
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
    ],
)
def test_both_forms_are_read_and_none_is_longer_than_a_day(written: str, seconds: int) -> None:
    assert read_retry_after(written, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "-5",
        "1.5",
        "soon",
        "１２０",
        "12 0",
        "120s",
        "Sun, 99 Nov 1994 08:51:37 GMT",
        "x" * 9999,
    ],
)
def test_an_invalid_wait_falls_back_to_the_usual_one(written: str) -> None:
    assert read_retry_after(written, now=NOW) is None


@given(st.text())
def test_no_text_is_more_than_a_wait_or_none(written: str) -> None:
    wait = read_retry_after(written, now=NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert read_http_date("Sun Nov  6 08:49:37 1994") == NOW
    assert read_http_date("Sun, 06 Nov 1994 08:49:37 -0000") == NOW

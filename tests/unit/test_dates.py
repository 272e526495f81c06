from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.readers.dates import parse_date

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("Mon, 24 Oct 2011 14:03:00 +0200", "2011-10-24T12:03:00"),
        ("Mon, 24 Oct 2011 14:03:00 +02:00", "2011-10-24T12:03:00"),
        ("Mon, 24 Oct 2011 14:03:00 EDT", "2011-10-24T18:03:00"),
        ("Mon, 24 Oct 2011 14:03:00 CEST", "2011-10-24T12:03:00"),
        ("Mon, 24 Oct 2011 14:03:00 BST", "2011-10-24T13:03:00"),
        ("Mon, 24 Oct 2011 14:03:00 -0000", "2011-10-24T14:03:00"),
        ("Mon, 24 Oct 2011 14:03:00", "2011-10-24T14:03:00"),
        ("24 Oct 11 14:03 GMT", "2011-10-24T14:03:00"),
        ("Seg, 24 Oct 2011 14:03:00 -0200", "2011-10-24T16:03:00"),
        ("Mon, 24 Oct 2011\n 14:03:60 GMT", "2011-10-24T14:03:59"),
        ("2011-10-24T14:03:00Z", "2011-10-24T14:03:00"),
        ("2011-10-24T14:03:00.123+02:00", "2011-10-24T12:03:00"),
        ("2011-10-24 14:03:00 BST", "2011-10-24T13:03:00"),
        ("2011-10-24T14:03Z", "2011-10-24T14:03:00"),
        ("2011-10-24", "2011-10-24T00:00:00"),
        ("Sun Jan  4 16:29:06 PST 2004", "2004-01-05T00:29:06"),
    ],
)
def test_known_forms_give_the_right_instant(raw: str, instant: str) -> None:
    assert parse_date(raw, now=NOW) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "0000-00-00",
        "0000-00-00T00:00:00Z",
        "2016/6/29",
        "24/10/2011",
        "07.02.2025",
        "20111024140300",
        "Lun, 24 oct. 2011",
        "October 24, 2011 2:03 pm",
        "Mon, 24 Oct 2011 14:03:00 IST",
        "2011-10-24T14:03:00 America/New_York",
        "Mon, 32 Oct 2011 14:03:00 GMT",
        "Mon, 24 Oct 2011 25:00:00 GMT",
        "9999-12-31T23:59:59-14:00",
        "1970-01-01T00:00:00Z",
        "2095-01-01T00:00:00Z",
        "9" * 5000,
    ],
)
def test_a_date_that_is_not_sure_is_none(raw: str) -> None:
    assert parse_date(raw, now=NOW) is None


@pytest.mark.parametrize(("ahead", "is_believed"), [(59, True), (61, False)])
def test_an_hour_ahead_is_believed_and_no_more(ahead: int, is_believed: bool) -> None:
    raw = (NOW + timedelta(minutes=ahead)).isoformat()
    assert (parse_date(raw, now=NOW) is not None) == is_believed


@given(st.text(max_size=40))
def test_no_text_raises(raw: str) -> None:
    found = parse_date(raw, now=NOW)
    assert found is None or 1990 <= found.year <= 2026


@given(st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 22), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_comes_back_from_both_forms(instant: datetime) -> None:
    instant = instant.replace(microsecond=0)
    assert parse_date(instant.isoformat(), now=NOW) == instant
    assert parse_date(instant.strftime("%a, %d %b %Y %H:%M:%S +0000"), now=NOW) == instant

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import FeedError, GoneError
from digest.readers.web.answers import read_time, refusal_of

URL = "https://harbour.example/feed"
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
SEVEN, NINE = "Mon, 23 Nov 2026 07:00:00 GMT", "Mon, 23 Nov 2026 09:00:00 GMT"
TWO_HOURS = timedelta(hours=2)


def refusal(status: int, **headers: str) -> FeedError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal_of(URL, status, named, now=NOW)


@pytest.mark.parametrize(
    ("date", "wait"),
    [
        ({}, TWO_HOURS),  # by our clock
        ({"Date": SEVEN}, TWO_HOURS),
        ({"Date": "Mon, 23 Nov 2026 08:30:00 GMT"}, timedelta(minutes=30)),
        ({"Date": "Tue, 24 Nov 2026 07:00:00 GMT"}, timedelta(0)),
        ({"Date": "nonsense"}, TWO_HOURS),
    ],
)
def test_a_retry_date_is_relative_to_the_clock_of_the_server(
    date: dict[str, str], wait: timedelta
) -> None:
    assert refusal(503, Retry_After=NINE, **date).wait == wait


@pytest.mark.parametrize(
    ("status", "waits"), [(429, True), (503, True), (500, False), (404, False)]
)
def test_only_two_answers_ask_to_wait(status: int, *, waits: bool) -> None:
    assert (refusal(status, Retry_After="7200").wait == TWO_HOURS) is waits
    assert refusal(status).wait is None


def test_a_410_has_its_own_error() -> None:
    assert isinstance(refusal(410), GoneError)
    assert not isinstance(refusal(404), GoneError)


def test_a_failed_answer_names_the_next_step() -> None:
    assert "password_file" in refusal(401).reason
    assert "check the address" in refusal(404).reason
    assert "unconditional request" in refusal(304).reason


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Date": SEVEN}, NOW),
        ({"Date": SEVEN, "Age": "7200"}, NOW + TWO_HOURS),  # from a cache
        ({"Date": SEVEN, "Age": "soon"}, NOW),
        ({"Date": SEVEN, "Age": "99999999999999999999"}, NOW),
        ({"Date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_a_servers_time_is_its_date_and_the_age_of_its_answer(
    headers: dict[str, str], said: datetime | None
) -> None:
    assert read_time(headers) == said

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from subscribers.times import Order, order_shown, read_day, read_time


@pytest.mark.parametrize(
    "cell",
    [
        "2023-06-01 12:00:00.123456 +0000 UTC",
        "2023-06-01 14:00:00.123456 +0200 CEST",
        "2023-06-01 12:00:00 +0000 UTC m=+0.000012",
        "2023-06-01T12:00:00Z",
        "2023-06-01 12:00:00.123456+00",
        "2023-06-01 05:00:00-07",
        "2023-06-01 17:30:00+05:30",
        "2023/06/01 12:00",
        "1.6.2023 12:00",
        "01.06.23 12:00:00",
        "6/1/2023 12:00",
        "6/1/23 12:00 PM",
        "1-Jun-2023 12:00",
        "June 1, 2023 12:00",
        "1685620800",
    ],
)
def test_dates_of_exports_and_spreadsheets_are_read(cell: str) -> None:
    found = read_time(cell, order=Order.MONTH_FIRST)
    assert found is not None
    assert found.replace(microsecond=0) == datetime(2023, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "x",
        "2023-02-30",
        "0001-01-01T00:00:00+14:00",
        "0000-00-00 00:00:00",
        "45078",
        "25/13/2020",
        "2023-06-01 25:00",
        "2023-06-01-05",
        "1 Sept. 1066",
        "2023-06-01T12:00+99:99",
    ],
)
def test_what_is_no_date_is_none(cell: str) -> None:
    assert read_time(cell, order=Order.DAY_FIRST) is None


@pytest.mark.parametrize(
    ("order", "month"), [(Order.DAY_FIRST, 3), (Order.MONTH_FIRST, 2), (Order.UNKNOWN, None)]
)
def test_day_and_month_are_never_guessed(order: Order, month: int | None) -> None:
    found = read_time("2/3/2020 8:00", order=order)
    assert (found and found.month) == month


def test_dates_show_their_order_only_beyond_the_twelfth() -> None:
    shown = [order_shown(cell) for cell in ("13/1/2020", "1/13/2020", "1/2/2020", "2020-01-02")]
    assert shown == [Order.DAY_FIRST, Order.MONTH_FIRST, Order.UNKNOWN, None]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("31/12/1950", date(1950, 12, 31)),
        ("31/02/2026", None),  # no such day
        ("soon", None),
    ],
)
def test_a_day_is_read_only_if_it_is_certain(cell: str, day: date | None) -> None:
    assert read_day(cell, order=Order.DAY_FIRST) == day

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from digest.readers.feeds.dates import (
    DateEvidence,
    is_ahead,
    is_instant,
    parse_date,
    parse_post_date,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


KNOWN = [
    ("Mon, 24 Oct 2011 14:03:00 +0200", "2011-10-24T12:03:00"),
    ("Mon, 24 Oct 2011 14:03:00 +02:00", "2011-10-24T12:03:00"),
    ("Mon, 24 Oct 2011 14:03:00 EDT", "2011-10-24T18:03:00"),
    ("Mon, 24 Oct 2011 14:03:00 CEST", "2011-10-24T12:03:00"),
    ("Mon, 24 Oct 2011 14:03:00 BST", "2011-10-24T13:03:00"),
    ("Mon, 24 Oct 2011 14:03:00 -0000", "2011-10-24T14:03:00"),
    ("Mon, 24 Oct 2011 14:03:00 +0000 (UTC)", "2011-10-24T14:03:00"),
    ("Mon, 24 Oct 2011 14:03:00 GMT+2", "2011-10-24T12:03:00"),
    ("Mon, 24 Oct 2011 14:03:00", "2011-10-24T14:03:00"),
    ("Mon,24 Oct 2011 14:03:00 GMT", "2011-10-24T14:03:00"),
    ("Monday, 24 October 2011 14:03:00 GMT", "2011-10-24T14:03:00"),
    ("24 Oct 11 14:03 GMT", "2011-10-24T14:03:00"),
    ("24 Oct 2011", "2011-10-24T00:00:00"),
    ("24-Oct-2011 14:03", "2011-10-24T14:03:00"),
    ("Seg, 24 Oct 2011 14:03:00 -0200", "2011-10-24T16:03:00"),
    ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24T22:42:40"),
    ("Mon, 24 Oct 2011\n 14:03:60 GMT", "2011-10-24T14:03:59"),
    ("2011-10-24T14:03:00Z", "2011-10-24T14:03:00"),
    ("2011-10-24T14:03:00.123+02:00", "2011-10-24T12:03:00"),
    ("2011-10-24T14:03:00,123+02", "2011-10-24T12:03:00"),
    ("2011-10-24 14:03:00 BST", "2011-10-24T13:03:00"),
    ("2011-10-24T14:03:00\u22120500", "2011-10-24T19:03:00"),
    ("2011-10-24T14:03Z", "2011-10-24T14:03:00"),
    ("2011-10-24T24:00:00Z", "2011-10-25T00:00:00"),
    ("2011-10-24", "2011-10-24T00:00:00"),
    ("2011-10-24+02:00", "2011-10-23T22:00:00"),
    ("20111024", "2011-10-24T00:00:00"),
    ("20111024140300", "2011-10-24T14:03:00"),
    ("20111024T140300Z", "2011-10-24T14:03:00"),
    ("20111024T1403+0200", "2011-10-24T12:03:00"),
    ("2016/6/29", "2016-06-29T00:00:00"),
    ("2011.10.24 14:03", "2011-10-24T14:03:00"),
    ("Sun Jan  4 16:29:06 PST 2004", "2004-01-05T00:29:06"),
    ("Mon Oct 24 14:03:00 2011", "2011-10-24T14:03:00"),
    ("October 24, 2011 2:03 pm", "2011-10-24T14:03:00"),
    ("Oct. 24, 2011, 2:03 p.m.", "2011-10-24T14:03:00"),
    ("October 24th, 2011 at 2pm", "2011-10-24T14:00:00"),
    ("Friday, January 29, 2021 04:42 PM", "2021-01-29T16:42:00"),
    ("Sat, Dec 16 2023 02:02:33 PM", "2023-12-16T14:02:33"),
    ("October 24, 2011 12:03 am EST", "2011-10-24T05:03:00"),
    ("October 24, 2011 12:03 pm", "2011-10-24T12:03:00"),
    ("24/10/2011", "2011-10-24T00:00:00"),
    ("10/24/2011 2:03 PM", "2011-10-24T14:03:00"),
    ("24-10-2011 14:03", "2011-10-24T14:03:00"),
    ("22.11.2022 12:16:00", "2022-11-22T12:16:00"),
    ("05/05/2011", "2011-05-05T00:00:00"),
    ("Lun, 24 oct. 2011", "2011-10-24T00:00:00"),
    ("24 octobre 2011", "2011-10-24T00:00:00"),
    ("lundi 24 octobre 2011 à 14h03", "2011-10-24T14:03:00"),
    ("mer., 24 août 2011 14:03:00 +0200", "2011-08-24T12:03:00"),
    ("1er février 2012 14 h 03", "2012-02-01T14:03:00"),
    ("24. Oktober 2011 14:03", "2011-10-24T14:03:00"),
    ("Montag, 24. Oktober 2011 um 14.03 Uhr", "2011-10-24T14:03:00"),
    ("Mo, 24 Mär 2011 14:03:00 +0100", "2011-03-24T13:03:00"),
    ("lunes, 24 de octubre de 2011 a las 14:03", "2011-10-24T14:03:00"),
    ("24 de enero de 2011 2:03 p. m.", "2011-01-24T14:03:00"),
    ("24 ottobre 2011 alle 14:03", "2011-10-24T14:03:00"),
    ("lun, 24 ott 2011 14:03:00 +0200", "2011-10-24T12:03:00"),
    ("segunda-feira, 24 de outubro de 2011 às 14h03", "2011-10-24T14:03:00"),
    ("maandag 24 oktober 2011 om 14:03", "2011-10-24T14:03:00"),
    ("24 mrt 2011", "2011-03-24T00:00:00"),
    ("24 октября 2011", "2011-10-24T00:00:00"),
    ("Пн, 24 окт 2011 14:03:00 +0400", "2011-10-24T10:03:00"),
    ("Чт, 24 Ноя 2011 14:03:00 +0400", "2011-11-24T10:03:00"),
    ("Сб, 24 Сен 2011 14:03:00 +0400", "2011-09-24T10:03:00"),
    ("понедельник, 24 октября 2011 в 14:03", "2011-10-24T14:03:00"),
    ("poniedziałek, 24 października 2011 14:03", "2011-10-24T14:03:00"),
    ("24. října 2011 14.03", "2011-10-24T14:03:00"),
    ("mandag 24. oktober 2011 kl. 14.03", "2011-10-24T14:03:00"),
    ("2011. október 24. 14:03", "2011-10-24T14:03:00"),
    ("24 Ekim 2011 14:03", "2011-10-24T14:03:00"),
    ("Δευτέρα, 24 Οκτωβρίου 2011 14:03", "2011-10-24T14:03:00"),
    ("2011年10月24日", "2011-10-24T00:00:00"),
    ("2011年10月24日(月) 午後2時03分", "2011-10-24T14:03:00"),
    ("２０１１年１０月２４日 14:03:05", "2011-10-24T14:03:05"),
    ("2011年10月24日 下午2:03", "2011-10-24T14:03:00"),
    ("2011년 10월 24일 오후 2시 03분", "2011-10-24T14:03:00"),
    ("٢٤ أكتوبر ٢٠١١ ١٤:٠٣", "2011-10-24T14:03:00"),
    ("۲۴ اکتبر ۲۰۱۱", "2011-10-24T00:00:00"),
    ("24 אוקטובר 2011", "2011-10-24T00:00:00"),
    ("1319464980", "2011-10-24T14:03:00"),
    ("1319464980000", "2011-10-24T14:03:00"),
]


@pytest.mark.parametrize(("raw", "instant"), KNOWN)
def test_known_forms_give_the_right_instant(raw: str, instant: str) -> None:
    assert parse_date(raw, now=NOW) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_the_table_of_known_forms_is_long() -> None:
    assert len({raw for raw, _ in KNOWN}) >= 60


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "0000-00-00",
        "0000-00-00T00:00:00Z",
        "0000-10-24T14:03:00Z",
        "2011",
        "2011-10",
        "2011-W43-1",
        "2011102414",
        "07.02.2025",
        "05/03/2019",
        "Fri, 05/03/2019 - 15:21",
        "24/10/11",
        "24 Oct 11",
        "11-10-24",
        "24 listopad 2011",
        "24 Foo 2011",
        "24 Oct 2011 140",
        "24 Oct 2011 14",
        "October 24, 2011 14:03 am",
        "October 24, 2011 0:03 pm",
        "2011-10-24 -09:30",
        "2011-10-24T14:03:00+25:00",
        "2011-10-24T14:03:00+00:0",
        "2011-10-24T14:60:00Z",
        "2011-10-24T14:03:61Z",
        "Mon, 24 Oct 2011 14:03:00 IST",
        "2011-10-24T14:03:00 America/New_York",
        "Mon, 32 Oct 2011 14:03:00 GMT",
        "Mon, 31 Feb 2011 14:03:00 GMT",
        "Mon, 24 Oct 2011 25:00:00 GMT",
        "24 ตุลาคม 2554",
        "平成23年10月24日",
        "۲ آبان ۱۳۹۰",
        "9999-12-31T23:59:59-14:00",
        "1970-01-01T00:00:00Z",
        "2095-01-01T00:00:00Z",
        "0",
        "1900000000000",
        "9" * 5000,
    ],
)
def test_an_ambiguous_date_is_none(raw: str) -> None:
    assert parse_date(raw, now=NOW) is None


@pytest.mark.parametrize(("ahead", "is_believed"), [(59, True), (61, False)])
def test_an_hour_ahead_is_believed_and_no_more(ahead: int, is_believed: bool) -> None:
    raw = (NOW + timedelta(minutes=ahead)).isoformat()
    assert (parse_date(raw, now=NOW) is not None) == is_believed


@given(st.text(max_size=40))
def test_no_text_raises(raw: str) -> None:
    found = parse_date(raw, now=NOW)
    assert found is None or 1990 <= found.year <= 2026


_INSTANTS = st.datetimes(datetime(1990, 1, 3), datetime(2026, 11, 21), timezones=st.just(UTC))  # noqa: DTZ001
_OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_WITH_ZONE = (
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y%m%dT%H%M%S%z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%A, %d %B %Y %H:%M:%S %z",
    "%d %b %y %H:%M:%S %z",
    "%B %d, %Y %I:%M:%S %p %z",
    "%d-%b-%Y %H:%M:%S GMT%z",
    "%d. %B %Y, %H.%M.%S %z",
    "%Y年%m月%d日 %H時%M分%S秒 %z",
    "%Y/%m/%d %H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y",
    "%Y%m%d%H%M%S",
)
_NUMERIC = ("%d/%m/%Y %H:%M:%S %z", "%m/%d/%Y %H:%M:%S %z", "%d.%m.%Y %H:%M:%S %z")


@given(_INSTANTS, _OFFSETS, st.sampled_from(_WITH_ZONE))
def test_an_instant_comes_back_from_every_form(
    instant: datetime, zone: timezone, form: str
) -> None:
    instant = instant.replace(microsecond=0)
    written = (instant.astimezone(zone) if "%z" in form else instant).strftime(form)
    assert parse_date(written, now=NOW) == instant


@given(_INSTANTS, _OFFSETS, st.sampled_from(_NUMERIC))
def test_numbers_alone_give_the_instant_or_none(
    instant: datetime, zone: timezone, form: str
) -> None:
    instant = instant.replace(microsecond=0)
    found = parse_date(instant.astimezone(zone).strftime(form), now=NOW)
    assert found in (instant, None)


@pytest.mark.parametrize("language", ["fr", "de", "es", "it", "pt", "nl", "sv", "pl", "ru", "tr"])
@pytest.mark.parametrize("width", ["long", "medium"])
def test_dates_as_languages_write_them_come_back_or_are_none(language: str, width: str) -> None:
    days = [date(2011, month, day) for month in range(1, 13) for day in (1, 12, 13, 28)]
    found = [parse_date(format_date(day, width, locale=language), now=NOW) for day in days]
    assert all(at is None or at.date() == day for at, day in zip(found, days, strict=True))
    # `13.10.2011` is short for medium in some, and not sure before the thirteenth.
    assert sum(at is not None for at in found) >= len(days) // 2


@given(st.text("0123456789 :.-/+TZ,年月日apm", max_size=99))
def test_digits_and_marks_in_any_order_never_raise(raw: str) -> None:
    found = parse_date(raw, now=NOW)
    assert found is None or 1990 <= found.year <= 2026


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("2019-05-05 10:00:00 +0000 UTC", "2019-05-05T10:00:00"),
        ("2019-05-05 10:00:00.123456789 +0530 IST m=+0.000123", "2019-05-05T04:30:00"),
        ("2019-05-05 10:00:00 -0300 -03", "2019-05-05T13:00:00"),
        ("Thu, 30 Apr 2015 08:57:00 MEST", "2015-04-30T06:57:00"),
        ("Fri, 20 Nov 2026 10:00:00 NZDT", "2026-11-19T21:00:00"),
        ("Fri, 20 Nov 2026 10:00:00 SGT", "2026-11-20T02:00:00"),
        ("Fri, 20 Nov 2026 10:00:00 BRT", "2026-11-20T13:00:00"),
        ("Fri, 20 Nov 2026 10:00:00 ACDT", "2026-11-19T23:30:00"),
        ("Fri, 20 Nov 2026 10:00:00 ART", "2026-11-20T13:00:00"),
        ("Fri, 20 Nov 2026 10:00:00 PKT", "2026-11-20T05:00:00"),
        ("Fri Nov 20 10:00:00 NPT 2026", "2026-11-20T04:15:00"),
        ("Fri, 20 Nov 2026 10:00:00 +0800 (SGT)", "2026-11-20T02:00:00"),
    ],
)
def test_a_date_with_one_meaning_is_read(raw: str, instant: str) -> None:
    assert parse_date(raw, now=NOW) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "others", "instant"),
    [
        ("Fri, 20 Nov 2026 10:00:00 IST", ["19 Nov 2026 10:00 +0530"], "2026-11-20T04:30:00"),
        ("Fri, 20 Nov 2026 10:00:00 IST", ["2026-11-19T10:00:00+02:00"], "2026-11-20T08:00:00"),
        ("Fri, 20 Nov 2026 10:00:00 CST", ["2026-11-19 10:00:00 +0800"], "2026-11-20T02:00:00"),
        ("Fri, 20 Nov 2026 10:00:00 CST", [], "2026-11-20T16:00:00"),
        ("03/04/2026", ["25/03/2026"], "2026-04-03T00:00:00"),
        ("03/04/2026 10:00", ["03/25/2026 09:00"], "2026-03-04T10:00:00"),
        ("03.04.2026", ["not a date", "", "13.04.2026"], "2026-04-03T00:00:00"),
    ],
)
def test_the_other_dates_of_a_document_decide(raw: str, others: list[str], instant: str) -> None:
    evidence = DateEvidence.of([raw, *others])
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert parse_date(raw, now=NOW, evidence=evidence) == expected


@pytest.mark.parametrize(
    ("raw", "others"),
    [
        ("Fri, 20 Nov 2026 10:00:00 IST", []),
        ("Fri, 20 Nov 2026 10:00:00 IST", ["1 Nov 2026 10:00 +0530", "1 Nov 2026 10:00 +0200"]),
        ("Fri, 20 Nov 2026 10:00:00 XYZT", ["1 Nov 2026 10:00 +0530"]),
        ("03/04/2026", ["05/06/2026"]),
        ("03/04/2026", ["25/03/2026", "03/25/2026"]),
    ],
)
def test_without_a_proof_an_ambiguous_date_is_not_read(raw: str, others: list[str]) -> None:
    assert parse_date(raw, now=NOW, evidence=DateEvidence.of([raw, *others])) is None


@pytest.mark.parametrize(
    ("hours", "is_date", "waits"),
    [
        (-1, True, False),
        (0.5, True, False),
        (2, False, False),
        (36, False, False),
        (37, True, True),
        (59 * 24, True, True),
        (61 * 24, False, False),
        (400 * 24, False, False),
    ],
)
def test_a_post_dated_ahead_has_a_wrong_clock_waits_or_has_no_date(
    hours: float, *, is_date: bool, waits: bool
) -> None:
    date = (NOW + timedelta(hours=hours)).replace(microsecond=0)
    found = parse_post_date(date.isoformat(), now=NOW)
    assert found == (date if is_date else None)
    assert is_ahead(found, now=NOW) is waits


@pytest.mark.parametrize(
    ("raw", "is_one"),
    [
        ("2026-11-20", False),
        ("2026-11-20T00:00:00Z", False),
        ("2026-11-20T00:00:00.000+09:00", False),
        ("Fri, 20 Nov 2026 00:00:00 +0100", False),
        ("Fri, 20 Nov 2026 00:00:00 EST", False),
        ("Fri, 20 Nov 2026 12:00 AM", False),
        ("20. November 2026", False),
        ("2026年11月20日", False),
        ("2026-11-20+01:00", False),
        ("Fri, 20 Nov 2026 00:01:00 +0100", True),
        ("2026-11-20T10:00:00+00:00", True),
        ("2026-11-20T19:00:00-05:00", False),  # midnight in UTC
        ("Fri, 20 Nov 2026 07:30 EST", True),
        ("1795000000", True),
    ],
)
def test_an_instant_has_a_time_of_day_other_than_midnight(raw: str, *, is_one: bool) -> None:
    assert is_instant(parse_date(raw, now=NOW), raw) is is_one

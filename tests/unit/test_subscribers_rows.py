from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from subscribers.csvfile import CsvError, Record
from subscribers.fields import Field, Kind
from subscribers.filecolumns import ColumnChoices, find_columns
from subscribers.preferences import State
from subscribers.rows import RowError, SubscriberRow, read_row
from subscribers.suppression import SuppressionReason

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def row(*, zone: str = "UTC", **cells: str) -> SubscriberRow:
    named = {"email": "a@heritage.org", **cells}
    header = Record(line=1, cells=tuple(name.replace("_", " ") for name in named))
    record = Record(line=2, cells=tuple(named.values()))
    return read_row(find_columns(header, [record]), record, now=NOW, zone=zone)


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({}, None),
        ({"status": "Subscribed"}, State.CONFIRMED),
        ({"status": "active"}, State.CONFIRMED),
        ({"status": "unconfirmed"}, State.PENDING),
        ({"status": "Unsubscribed"}, State.LEFT),
        ({"status": "inactive"}, State.LEFT),
        ({"status": "cleaned"}, State.BOUNCED),
        ({"status": "unreachable"}, State.BOUNCED),
        ({"status": "spam"}, State.COMPLAINED),
        ({"status": "active", "unsubscribed_at": "2024-03-13"}, State.LEFT),
        ({"unsub_time": "2024-03-13"}, State.LEFT),
        ({"left_at": "2024-03-13"}, State.LEFT),
        ({"not_subscribed": "yes"}, State.LEFT),
        ({"non_suscrito": "yes"}, State.LEFT),
        ({"clean_time": "2024-03-13"}, State.BOUNCED),
        ({"email_disabled": "true"}, State.LEFT),
        ({"email_disabled": "false"}, None),
        ({"subscribed_to_emails": "false"}, State.LEFT),
        ({"status": "active", "deleted_at": "some day in May"}, State.LEFT),
        ({"global_status": "Bounced", "list_status": "Subscribed"}, State.BOUNCED),
        ({"status": "bounced", "left_at": "2024-03-13"}, State.BOUNCED),
        ({"suppressed": "bounced", "left_how": ""}, None),
        ({"suppressed": "yes"}, State.LEFT),
    ],
)
def test_states_of_other_services_are_understood(
    cells: dict[str, str], state: State | None
) -> None:
    assert row(**cells).state is state


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"name": " Ann  Lee "}, "Ann Lee"),
        ({"first_name": "Ann", "last_name": " Lee"}, "Ann Lee"),
        ({"last_name": "Lee"}, "Lee"),
        ({"name": "Ann Lee", "last_name": "Lee"}, "Ann Lee"),
        ({"name": "Ann\x1b[31m\nLee"}, "Ann[31m Lee"),
        ({"name": "'=cmd"}, "=cmd"),
        ({"name": "x" * 900}, "x" * 200),
    ],
)
def test_names_are_joined_and_cleaned(cells: dict[str, str], name: str) -> None:
    assert row(**cells).name == name


@pytest.mark.parametrize(
    "text",
    [
        "2023-03-24 10:23:10",
        "2023-03-24 10:23:10 UTC",
        "2023-03-24T10:23:10Z",
        "2023-03-24T10:23:10.000Z",
        "2023-03-24 12:23:10 +0200",
        "2023-03-24T12:23:10+02:00",
    ],
)
def test_times_are_read_in_utc(text: str) -> None:
    assert row(created_at=text).joined_at == datetime(2023, 3, 24, 10, 23, 10, tzinfo=UTC)


def test_a_day_without_a_time_is_a_day_in_the_zone_of_the_newsletter() -> None:
    joined = row(created_at="2023-03-24", zone="America/New_York").joined_at
    assert joined == datetime(2023, 3, 24, 4, 0, tzinfo=UTC)


def test_a_date_that_cannot_be_read_never_refuses_a_person() -> None:
    assert row(created_at="soon after the fair").joined_at is None


@pytest.mark.parametrize(
    ("cells", "joined"),
    [
        ({"confirm_time": "2023-03-24"}, True),
        ({"consent_at": "2023-03-24", "consent_how": "form"}, True),
        ({"consent_at": "2023-03-24", "consent_how": "import"}, False),
    ],
)
def test_the_day_of_consent_is_the_day_of_joining_but_not_that_of_an_import(
    cells: dict[str, str], joined: bool
) -> None:
    assert (row(**cells).joined_at is not None) is joined


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ({"status": "cleaned"}, (SuppressionReason.BOUNCED,)),
        ({"hard_bounced": "yes"}, (SuppressionReason.BOUNCED,)),
        ({"status": "spam"}, (SuppressionReason.COMPLAINED,)),
        ({"status": "unsubscribed"}, ()),
    ],
)
def test_dead_mailboxes_and_complaints_are_suppressed(
    cells: dict[str, str], reasons: tuple[SuppressionReason, ...]
) -> None:
    assert row(**cells).suppressed == reasons


def test_a_bad_choice_does_not_keep_a_person_from_having_left() -> None:
    assert row(status="unsubscribed", language="English!", hour="99").state is State.LEFT


def test_a_first_name_is_not_printed_twice_before_the_whole_name() -> None:
    assert row(vorname="Ida", name="Ida Lund").name == "Ida Lund"
    assert row(vorname="Ida", name="Lund").name == "Ida Lund"


def test_categories_are_split_at_semicolons_and_sorted() -> None:
    assert row(categories="Security; Economy;;Security").preferences.categories == (
        "Economy",
        "Security",
    )


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"email": "a@"}, "address"),
        ({"hour": "24"}, "hour"),
        ({"suppressed": "maybe", "left_how": ""}, "suppressed"),
        # Longer than its column in the database.
        ({"categories": "x;" * 3000}, "categories"),
    ],
)
def test_a_bad_cell_refuses_the_row_and_names_its_column(
    cells: dict[str, str], column: str
) -> None:
    with pytest.raises(RowError) as caught:
        row(**cells)
    assert caught.value.column == column
    assert caught.value.reason


@pytest.mark.parametrize("written", ["2023-02-30", "until spring", "99/99/2026", "0000-00-00"])
def test_a_pause_whose_end_cannot_be_read_lasts_a_year(written: str) -> None:
    read = row(paused_until=written)
    assert read.preferences.paused_until == NOW + timedelta(days=366)
    assert read.unread == (("paused_until", "is not a date like 2024-03-31 07:00:00"),)
    assert row(paused_until="").preferences.paused_until is None


def test_an_address_in_a_wrong_column_is_masked() -> None:
    with pytest.raises(CsvError) as caught:
        row(status="ann@heritage.org")
    assert "ann@" not in str(caught.value)
    assert "a…@heritage.org" in str(caught.value)


def test_a_second_column_of_joining_serves_where_the_best_is_empty() -> None:
    header = Record(line=1, cells=("email", "Subscription date", "created_at"))
    cells = ["2020-01-01,2021-01-01", ",2021-01-01", "soon,2021-01-01"]
    records = [
        Record(line=line, cells=("a@heritage.org", *cell.split(",")))
        for line, cell in enumerate(cells, 2)
    ]
    columns = find_columns(header, records)
    joined = [read_row(columns, record, now=NOW).joined_at for record in records]
    assert [when.year for when in joined if when] == [2020, 2021, 2021]


@pytest.mark.parametrize(
    ("cell", "name"),
    [(' "Ann Lee"', "Ann Lee"), ('\t"Ann" ', "Ann"), ('"Ann"', '"Ann"'), (' "A" "B"', '"A" "B"')],
)
def test_a_quoted_cell_behind_a_space_loses_its_quotes(cell: str, name: str) -> None:
    assert row(name=cell).name == name


def test_a_long_remark_ends_a_subscription() -> None:
    assert row(unsub_reason="too many " + "mails " * 50_000).state is State.LEFT


def test_short_rows_have_empty_cells() -> None:
    columns = find_columns(Record(line=1, cells=("email", "name", "status")), [])
    assert read_row(columns, Record(line=2, cells=("a@heritage.org",)), now=NOW).name == ""


@pytest.mark.parametrize(
    ("cells", "unread"),
    [
        ({"timezone": "../etc/passwd"}, "zone"),
        ({"timezone": "(GMT+01:00) Berlin"}, "zone"),
        ({"language": "Deutsch"}, "language"),
        ({"idioma": "Español"}, "language"),
        # Longer than their columns in the database.
        ({"language": "en-" + "-".join(["abcdefgh"] * 9)}, "language"),
        ({"timezone": "Europe/" + "a" * 60}, "zone"),
    ],
)
def test_a_language_or_a_zone_that_cannot_be_read_costs_no_person(
    cells: dict[str, str], unread: str
) -> None:
    found = row(**cells)
    assert [name for name, _ in found.unread] == [unread]
    assert (found.preferences.language, found.preferences.zone) == ("", "")


def test_a_language_with_an_underscore_is_a_tag() -> None:
    assert row(language="de_AT").preferences.language == "de-AT"


def with_field(cell: str, kind: Kind) -> SubscriberRow:
    header = Record(line=1, cells=("email", "since"))
    record = Record(line=2, cells=("a@heritage.org", cell))
    field = Field(name="since", label="Since", kind=kind)
    columns = find_columns(header, [record], ColumnChoices(fields=(field,)))
    return read_row(columns, record, now=NOW)


def test_a_cell_of_a_field_becomes_its_value() -> None:
    assert with_field("2024-03-13", Kind.DATE).fields == (("since", "2024-03-13"),)
    assert with_field("13 March 2024", Kind.DATE).fields == (("since", "2024-03-13"),)
    assert with_field("long", Kind.TEXT).fields == (("since", "long"),)
    assert with_field("", Kind.TEXT).fields == ()


def test_a_cell_that_is_not_a_value_of_its_field_costs_a_warning_only() -> None:
    read = with_field("someday", Kind.DATE)
    assert read.fields == ()
    assert [name for name, _ in read.unread] == ["since"]


def test_a_broken_record_is_refused() -> None:
    header = Record(line=1, cells=("email",))
    broken = Record(line=2, cells=("a@heritage.org",), problem="more cells than headings")
    with pytest.raises(RowError, match="more cells than headings"):
        read_row(find_columns(header, []), broken, now=NOW)


def test_an_hour_outside_the_day_is_refused() -> None:
    assert row(hour="7").preferences.hour == 7
    with pytest.raises(RowError, match="'24' is not an hour from 0 to 23"):
        row(hour="24")

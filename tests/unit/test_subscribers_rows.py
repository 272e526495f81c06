from __future__ import annotations

from datetime import UTC, datetime

import pytest

from subscribers.csvfile import CsvError, Record
from subscribers.preferences import State
from subscribers.rows import RowError, SubscriberRow, find_columns, read_row


def row(**cells: str) -> SubscriberRow:
    named = {"email": "a@heritage.org", **cells}
    header = Record(line=1, cells=tuple(name.replace("_", " ") for name in named))
    return read_row(find_columns(header), Record(line=2, cells=tuple(named.values())))


@pytest.mark.parametrize("heading", ["Email", "EMAIL_ADDRESS", "E-mail", "e mail address", "Mail"])
def test_the_address_column_is_known_by_its_usual_names(heading: str) -> None:
    assert find_columns(Record(line=1, cells=("Id", heading))).places["address"] == 1


def test_an_email_column_goes_before_a_postal_address() -> None:
    header = Record(line=1, cells=("Address", "Email Address"))
    assert find_columns(header).places["address"] == 1


@pytest.mark.parametrize("header", [None, Record(line=1, cells=("Id", "Title"))])
def test_a_file_without_addresses_is_refused_with_advice(header: Record | None) -> None:
    with pytest.raises(CsvError, match="add a header row"):
        find_columns(header)


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
        ({"clean_time": "2024-03-13"}, State.BOUNCED),
        ({"email_disabled": "true"}, State.LEFT),
        ({"email_disabled": "false"}, None),
        ({"subscribed_to_emails": "false"}, State.LEFT),
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


def test_categories_are_split_at_semicolons_and_sorted() -> None:
    assert row(categories="Security; Economy;;Security").preferences.categories == (
        "Economy",
        "Security",
    )


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"email": "a@"}, "address"),
        ({"status": "4"}, "state"),
        ({"created_at": "13/04/23"}, "joined_at"),
        ({"created_at": "2023-02-30"}, "joined_at"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "joined_at"),
        ({"hour": "24"}, "hour"),
        ({"timezone": "../etc/passwd"}, "zone"),
        ({"language": "English!"}, "language"),
        ({"suppressed": "maybe"}, "suppressed"),
    ],
)
def test_a_bad_cell_refuses_the_row_and_names_its_column(
    cells: dict[str, str], column: str
) -> None:
    with pytest.raises(RowError) as caught:
        row(**cells)
    assert caught.value.column == column
    assert caught.value.reason


def test_an_address_in_a_wrong_column_is_masked() -> None:
    with pytest.raises(RowError) as caught:
        row(status="ann@heritage.org")
    assert "ann@" not in str(caught.value)
    assert "a…@heritage.org" in str(caught.value)


def test_short_rows_have_empty_cells() -> None:
    columns = find_columns(Record(line=1, cells=("email", "name", "status")))
    assert read_row(columns, Record(line=2, cells=("a@heritage.org",))).name == ""

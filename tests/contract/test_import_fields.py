"""The operator's own fields and the sources of people, in imports and exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from subscribers.addresses import parse_address
from subscribers.csvfile import CsvError
from subscribers.exporting import export_csv
from subscribers.fields import Field, Kind
from subscribers.fieldvalues import fields_of
from subscribers.filecolumns import ColumnChoices, ColumnError
from subscribers.importing import ImportReport, import_file, read_columns, summarise, write_results
from subscribers.merging import ImportOptions
from subscribers.people import find_person, find_subscription
from tests.contract.subscribers_database import PeopleDatabase, open_people
from tests.support.databases import database_url

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
OPTIONS = ImportOptions(newsletter="weekly", keys=("new",), now=NOW, consent="form of 2024")
FIELDS = (
    Field(name="plan", label="Plan", kind=Kind.CHOICE, choices=("free", "pro")),
    Field(name="first_name", label="First name"),
    Field(name="seats", label="Seats", kind=Kind.NUMBER),
    Field(name="member_until", label="Member until", kind=Kind.DATE),
)


@pytest.fixture
def database(engine: str, tmp_path: Path) -> Iterator[PeopleDatabase]:
    with open_people(database_url(engine, tmp_path)) as database:
        yield database


def bring_in(
    database: PeopleDatabase,
    text: str,
    options: ImportOptions = OPTIONS,
    *,
    named: Mapping[str, str] | None = None,
    rows: io.StringIO | None = None,
) -> ImportReport:
    file = io.BytesIO(text.encode())
    columns = read_columns(file, ColumnChoices(named=named or {}, fields=FIELDS))
    results = import_file(database.write, file, options, columns)
    return summarise(write_results(results, rows) if rows else results, columns)


def values(database: PeopleDatabase, name: str = "ann") -> dict[str, str]:
    with database.write() as connection:
        person = find_person(connection, parse_address(f"{name}@heritage.org"))
        return fields_of(connection, person.id) if person else {}


def source(database: PeopleDatabase, name: str = "ann") -> str:
    with database.write() as connection:
        person = find_person(connection, parse_address(f"{name}@heritage.org"))
        assert person is not None
        found = find_subscription(connection, person.id, "weekly")
        assert found is not None
        return found.source


def counts(report: ImportReport) -> dict[str, int]:
    return {str(outcome): count for outcome, count in report.counts.items() if count}


def export(database: PeopleDatabase) -> str:
    out = io.StringIO(newline="")
    with database.write() as connection:
        export_csv(connection, "weekly", out, fields=[field.name for field in FIELDS])
    return out.getvalue()


def test_columns_named_like_a_field_are_its_values(database: PeopleDatabase) -> None:
    text = "email,Plan,SEATS,Member Until\nann@heritage.org,PRO,007,2027-01-31\n"
    report = bring_in(database, text)
    assert (report.unread, report.warnings) == ((), ())
    assert values(database) == {"plan": "pro", "seats": "7", "member_until": "2027-01-31"}


def test_a_column_may_be_named_by_hand(database: PeopleDatabase) -> None:
    text = "email,Tarif,Other\nann@heritage.org,pro,Rome\n"
    report = bring_in(database, text, named={"Tarif": "field:plan"})
    assert report.unread == ("Other",)
    assert values(database) == {"plan": "pro"}


def test_a_first_name_may_be_a_field_and_stays_the_name(database: PeopleDatabase) -> None:
    bring_in(database, "email,First Name,Last Name\nann@heritage.org,Ann,Lee\n")
    assert values(database) == {"first_name": "Ann"}
    with database.write() as connection:
        person = find_person(connection, parse_address("ann@heritage.org"))
    assert person is not None
    assert person.name == "Ann Lee"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"Tarif": "field:plann"}, "no field has this name; did you mean 'plan'"),
        ({"Tarif": "field:"}, "no field has this name"),
        ({"Tarif": "colour"}, "field:plan"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest(
    database: PeopleDatabase, named: dict[str, str], said: str
) -> None:
    with pytest.raises(ColumnError, match=said):
        bring_in(database, "email,Tarif\nann@heritage.org,pro\n", named=named)


def test_a_value_that_cannot_be_read_costs_a_warning_never_a_person(
    database: PeopleDatabase,
) -> None:
    people = "ann@heritage.org,gold,3\nbob@heritage.org,pro,many\ncid@heritage.org,x,\n"
    text = f"email,plan,seats\n{people}"
    rows = io.StringIO()
    report = bring_in(database, text, rows=rows)
    assert counts(report) == {"added": 3}
    assert values(database) == {"seats": "3"}
    assert values(database, "bob") == {"plan": "pro"}
    plan, seats = report.warnings
    assert "2 cells of 'plan' cannot be used, the first in line 2: it must be one of" in plan
    assert "1 cell of 'seats' cannot be used, the first in line 3" in seats
    assert "3,added,seats: must be a plain number" in rows.getvalue()


def test_dates_of_a_spreadsheet_are_read_in_the_order_of_the_file(database: PeopleDatabase) -> None:
    text = "email,member_until\nann@heritage.org,2/3/2027\nbob@heritage.org,31/12/1975\n"
    bring_in(database, text)
    assert values(database) == {"member_until": "2027-03-02"}
    assert values(database, "bob") == {"member_until": "1975-12-31"}


def test_a_date_that_may_be_two_is_left_out_with_one_warning(database: PeopleDatabase) -> None:
    report = bring_in(database, "email,member_until\nann@heritage.org,2/3/2027\n")
    assert values(database) == {}
    assert any("cannot be read" in each or "cannot be used" in each for each in report.warnings)


def test_an_import_again_changes_only_what_the_file_says(database: PeopleDatabase) -> None:
    text = "email,plan,seats\nann@heritage.org,pro,3\n"
    assert counts(bring_in(database, text)) == {"added": 1}
    assert counts(bring_in(database, text)) == {"unchanged": 1}
    assert counts(bring_in(database, text.replace("pro,3", "free,"))) == {"updated": 1}
    assert values(database) == {"plan": "free", "seats": "3"}
    repeated = text.replace("pro", "free") + "ann@heritage.org,pro,9\n"
    assert counts(bring_in(database, repeated)) == {"unchanged": 2}
    assert values(database) == {"plan": "free", "seats": "3"}


def test_nothing_is_written_about_a_suppressed_address_or_for_who_has_left(
    database: PeopleDatabase,
) -> None:
    bring_in(database, "email,plan,status\nann@heritage.org,free,bounced\nbob@heritage.org,,left\n")
    before = values(database)
    bring_in(database, "email,plan\nann@heritage.org,pro\nbob@heritage.org,pro\n")
    assert values(database) == before
    assert values(database, "bob") == {}


@pytest.mark.parametrize("heading", ["plan", "source"])
def test_a_column_with_words_of_leaving_still_stops_the_import(
    database: PeopleDatabase, heading: str
) -> None:
    with pytest.raises(CsvError, match="may say who has left"):
        bring_in(database, f"email,{heading}\nann@heritage.org,unsubscribed\n")


def test_a_field_never_hides_a_state(database: PeopleDatabase) -> None:
    text = "email,Opted out\nann@heritage.org,yes\nbob@heritage.org,no\n"
    opted = Field(name="opted_out", label="Opted out")
    file = io.BytesIO(text.encode())
    columns = read_columns(file, ColumnChoices(fields=(opted,)))
    assert columns.fields == ()
    assert [column.heading for column in columns.states] == ["Opted out"]


# --- sources ------------------------------------------------------------------------------------


def test_the_source_is_the_one_of_the_row_else_of_the_import(database: PeopleDatabase) -> None:
    text = "email,Source\nann@heritage.org,Spring  Fair\nbob@heritage.org,\ncid@heritage.org,<x>\n"
    report = bring_in(database, text, replace(OPTIONS, source="booth"))
    found = [source(database, name) for name in ("ann", "bob", "cid")]
    assert found == ["spring fair", "booth", "booth"]
    assert "1 cell of 'source' cannot be used" in report.warnings[0]


def test_without_a_name_the_source_is_import_and_the_first_one_stays(
    database: PeopleDatabase,
) -> None:
    text = "email\nann@heritage.org\n"
    bring_in(database, text)
    assert source(database) == "import"
    assert counts(bring_in(database, text, replace(OPTIONS, source="fair"))) == {"unchanged": 1}
    assert source(database) == "import"


def test_an_export_brings_back_fields_and_sources(database: PeopleDatabase, tmp_path: Path) -> None:
    text = (
        "email,plan,first_name,seats,source\n"
        'ann@heritage.org,pro,"=Ann, A",3,fair\nbob@heritage.org,,,,\n'
    )
    bring_in(database, text)
    exported = export(database)
    header, ann, bob = csv.reader(io.StringIO(exported))
    assert header[-5:] == ["source", "plan", "first_name", "seats", "member_until"]
    assert ann[-5:] == ["fair", "pro", "'=Ann, A", "3", ""]
    assert bob[-5:] == ["import", "", "", "", ""]
    with open_people(tmp_path / "copy.db") as copy:
        bring_in(copy, exported)
        assert (
            values(copy)
            == values(database)
            == {
                "plan": "pro",
                "first_name": "=Ann, A",
                "seats": "3",
            }
        )
        assert source(copy) == "fair"
        assert counts(bring_in(database, exported)) == {"unchanged": 2}


def test_our_own_export_is_read_again_whatever_words_the_fields_have(
    database: PeopleDatabase,
) -> None:
    own = (Field(name="course", label="Course", kind=Kind.CHOICE, choices=("active", "cancelled")),)
    text = "email,course\nann@heritage.org,{}\nbob@heritage.org,active\n"
    choices = ColumnChoices(named={"course": "field:course"}, fields=own)

    def read(data: bytes, choices: ColumnChoices) -> None:
        file = io.BytesIO(data)
        summarise(import_file(database.write, file, OPTIONS, read_columns(file, choices)))

    read(text.format("cancelled").encode(), choices)
    exported = io.StringIO()
    with database.write() as connection:
        export_csv(connection, "weekly", exported, fields=["course"])
    read(exported.getvalue().encode(), ColumnChoices(fields=own))
    assert values(database) == {"course": "cancelled"}


def test_a_zero_byte_hides_no_word_that_says_who_left(database: PeopleDatabase) -> None:
    with pytest.raises(CsvError, match="'unsubscribed'"):
        bring_in(database, "email,remark\nann@heritage.org,un\0subscribed\n")
    report = bring_in(database, "email,status\nann@heritage.org,act\0ive\n")
    assert report.added == 1

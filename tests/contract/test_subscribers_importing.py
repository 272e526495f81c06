from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from subscribers.addresses import parse_address
from subscribers.csvfile import CsvError
from subscribers.erasing import erase_person
from subscribers.exporting import export_csv
from subscribers.importing import (
    ImportReport,
    RowOutcome,
    import_file,
    read_columns,
    summarise,
)
from subscribers.merging import ImportOptions
from subscribers.people import find_person, find_subscription, leave
from subscribers.preferences import State, Subscription
from subscribers.suppression import SuppressionReason, suppress
from subscribers.tables import people
from tests.contract.subscribers_database import PeopleDatabase, open_people
from tests.support.databases import database_url

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
OPTIONS = ImportOptions(newsletter="weekly", keys=("new", "old"), now=NOW, consent="form of 2024")
FILE = """email,name,categories,status,created_at
ann@heritage.org,Ann,Security;Economy,,2024-01-02
bob@heritage.org,=Bob,,active,
cid@heritage.org,Cid,,unsubscribed,
dee@heritage.org,Dee,,bounced,
eve@heritage.org,Eve,,pending,
"""


@pytest.fixture
def database(engine: str, tmp_path: Path) -> Iterator[PeopleDatabase]:
    with open_people(database_url(engine, tmp_path)) as database:
        yield database


def bring_in(database: PeopleDatabase, text: str, options: ImportOptions = OPTIONS) -> ImportReport:
    return summarise(import_file(database.write, io.BytesIO(text.encode()), options))


def counts(report: ImportReport) -> dict[str, int]:
    return {str(outcome): count for outcome, count in report.counts.items() if count}


def find(database: PeopleDatabase, text: str) -> Subscription | None:
    with database.write() as connection:
        person = find_person(connection, parse_address(text))
        return find_subscription(connection, person.id, "weekly") if person else None


def states(database: PeopleDatabase) -> dict[str, str]:
    found = {
        name: find(database, f"{name}@heritage.org") for name in ("ann", "bob", "cid", "dee", "eve")
    }
    return {name: entry.state for name, entry in found.items() if entry}


def export(database: PeopleDatabase, *, raw: bool = False) -> str:
    out = io.StringIO(newline="")
    with database.write() as connection:
        export_csv(connection, "weekly", out, raw=raw)
    return out.getvalue()


def test_rows_become_people_in_the_state_they_name(database: PeopleDatabase) -> None:
    assert counts(bring_in(database, FILE)) == {"added": 5}
    assert states(database) == {
        "ann": "confirmed",
        "bob": "confirmed",
        "cid": "left",
        "dee": "bounced",
        "eve": "pending",
    }


def test_a_dead_mailbox_is_suppressed_for_every_newsletter(database: PeopleDatabase) -> None:
    bring_in(database, FILE)
    report = bring_in(database, "email\ndee@heritage.org\n", replace(OPTIONS, newsletter="daily"))
    assert counts(report) == {"suppressed": 1}


def test_a_suppressed_subscriber_can_still_leave(database: PeopleDatabase) -> None:
    bring_in(database, FILE)
    bring_in(database, "email,status\ndee@heritage.org,unsubscribed\n")
    assert states(database)["dee"] == "left"


def test_the_report_counts_states_and_names_what_was_not_read(database: PeopleDatabase) -> None:
    text = "email,status,city\nann@heritage.org,active,Rome\nbob@heritage.org,bounced,Bonn\n"
    file = io.BytesIO(text.encode())
    columns = read_columns(file)
    report = summarise(import_file(database.write, file, OPTIONS, columns), columns)
    assert report.states == {State.CONFIRMED: 1, State.BOUNCED: 1}
    assert report.unread == ("city",)


def test_an_uncertain_column_stops_before_anything_is_written(database: PeopleDatabase) -> None:
    rows = "".join(f"u{n}@heritage.org,word {n}\n" for n in range(600))
    with pytest.raises(CsvError, match="--column"):
        bring_in(database, f"email,extra\n{rows}z@heritage.org,unsubscribed\n")
    assert database.dump()["people"] == []


@pytest.mark.parametrize(
    ("cell", "stored", "reason"),
    [
        ("Sea", ("Sea",), ""),
        (" sEA ; arts,  culture", ("Arts, Culture", "Sea"), ""),
        ("Sea, Land", ("Land", "Sea"), ""),
        ("Sea, Lend", None, "the nearest is 'Land'; separate several with semicolons"),
        ("See", None, "no category 'See'; the nearest is 'Sea'"),
        ("Typo", None, "the nearest is"),
    ],
)
def test_categories_are_those_of_the_newsletter_or_the_row_is_refused(
    database: PeopleDatabase, cell: str, stored: tuple[str, ...] | None, reason: str
) -> None:
    options = replace(OPTIONS, categories=("Sea", "Land", "Arts, Culture"))
    report = bring_in(database, f'email,categories\nann@heritage.org,"{cell}"\n', options)
    found = find(database, "ann@heritage.org")
    assert (found and found.preferences.categories) == stored
    assert [(row.column, reason in row.reason) for row in report.refused] == (
        [("categories", True)] if reason else []
    )


def test_an_unknown_category_does_not_keep_a_person_from_having_left(
    database: PeopleDatabase,
) -> None:
    bring_in(database, "email\nann@heritage.org\n")
    text = "email,categories,status\nann@heritage.org,Typo,unsubscribed\n"
    bring_in(database, text, replace(OPTIONS, categories=("Sea",)))
    assert states(database) == {"ann": "left"}


def test_the_day_of_an_import_is_not_the_day_of_joining(database: PeopleDatabase) -> None:
    bring_in(database, "email,created at\nann@heritage.org,\nbob@heritage.org,2024-01-02\n")
    ann, bob = find(database, "ann@heritage.org"), find(database, "bob@heritage.org")
    assert ann is not None
    assert bob is not None
    assert (ann.is_joined_known, bob.is_joined_known) == (False, True)
    bring_in(database, "email,created at\nann@heritage.org,2024-01-03\n")
    ann = find(database, "ann@heritage.org")
    assert ann is not None
    assert (ann.is_joined_known, ann.joined_at.day) == (True, 3)


def test_without_consent_no_subscriber_is_confirmed(database: PeopleDatabase) -> None:
    bring_in(database, FILE, replace(OPTIONS, consent=""))
    assert State.CONFIRMED not in states(database).values()


def test_the_same_file_twice_changes_nothing(database: PeopleDatabase) -> None:
    bring_in(database, FILE)
    before = database.dump()
    later = replace(OPTIONS, now=NOW + timedelta(days=1))
    assert counts(bring_in(database, FILE, later)) == {"unchanged": 5}
    assert database.dump() == before


def test_a_bad_row_never_stops_the_rest(database: PeopleDatabase) -> None:
    report = bring_in(database, 'email,name\nnobody,x\n"open,y\nann@heritage.org,Ann\n')
    assert counts(report) == {"added": 1, "refused": 2}
    assert [(row.line, row.column, row.address) for row in report.refused] == [
        (2, "address", "n…"),
        (3, "row", "…"),
    ]


def test_a_report_never_holds_a_whole_address(database: PeopleDatabase) -> None:
    file = io.BytesIO(f"{FILE}zoe@heritage.org,x,,what?,\n".encode())
    results = list(import_file(database.write, file, OPTIONS))
    assert results[0].address == "a…@heritage.org"
    assert not any(name in repr(results) for name in ("ann@", "bob@", "zoe@"))


def test_a_subscriber_who_left_is_not_brought_back(database: PeopleDatabase) -> None:
    bring_in(database, "email\nann@heritage.org\n")
    with database.write() as connection:
        person = find_person(connection, parse_address("ann@heritage.org"))
        assert person is not None
        leave(connection, person.id, "weekly", how="page", now=NOW)
    assert counts(bring_in(database, "email,name,status\nann@heritage.org,Ann,active\n")) == {
        "unchanged": 1
    }


def test_suppressed_addresses_are_not_added(database: PeopleDatabase) -> None:
    with database.write() as connection:
        suppress(
            connection,
            ("old",),
            parse_address("ann@heritage.org"),
            SuppressionReason.COMPLAINED,
            now=NOW,
        )
    assert counts(bring_in(database, "email\nANN@heritage.org\n")) == {"suppressed": 1}
    assert find(database, "ann@heritage.org") is None


def test_an_erased_person_stays_erased(database: PeopleDatabase) -> None:
    bring_in(database, FILE)
    with database.write() as connection:
        erase_person(connection, OPTIONS.keys, parse_address("ann@heritage.org"), now=NOW)
    assert counts(bring_in(database, FILE)) == {"unchanged": 4, "suppressed": 1}


def test_a_second_row_of_an_address_can_only_stop_mail(database: PeopleDatabase) -> None:
    text = "email,name,status\nann@heritage.org,Ann,active\nANN@heritage.org,Other,unsubscribed\n"
    assert counts(bring_in(database, text)) == {"added": 1, "updated": 1}
    assert counts(bring_in(database, text)) == {"unchanged": 2}
    assert states(database)["ann"] == "left"


def test_new_words_update_a_person(database: PeopleDatabase) -> None:
    bring_in(database, "email,name\nann@heritage.org,Ann\n")
    text = "email,name,categories\nann@heritage.org,Ann Lee,Security\n"
    assert counts(bring_in(database, text)) == {"updated": 1}


def test_newcomers_start_at_the_number_given(database: PeopleDatabase) -> None:
    bring_in(database, "email\nann@heritage.org\n", replace(OPTIONS, seen_seq=41))
    bring_in(database, "email\nann@heritage.org\n", replace(OPTIONS, seen_seq=99))
    found = find(database, "ann@heritage.org")
    assert found is not None
    assert found.seen_seq == 41


def test_rows_are_committed_in_batches(database: PeopleDatabase) -> None:
    text = "email\n" + "".join(f"u{n}@heritage.org\n" for n in range(700))
    results = import_file(database.write, io.BytesIO(text.encode()), OPTIONS)
    assert next(results).outcome is RowOutcome.ADDED
    with database.write() as connection:
        assert len(connection.execute(select(people.c.id)).all()) == 500


def test_a_file_without_addresses_writes_nothing(database: PeopleDatabase) -> None:
    with pytest.raises(CsvError):
        bring_in(database, "title,slug\nx,y\n")
    assert database.dump()["people"] == []


@pytest.mark.parametrize("raw", [False, True])
def test_an_export_is_imported_as_it_was(
    database: PeopleDatabase, tmp_path: Path, raw: bool
) -> None:
    bring_in(database, FILE)
    with database.write() as connection:
        suppress(
            connection,
            OPTIONS.keys,
            parse_address("bob@heritage.org"),
            SuppressionReason.BOUNCED,
            now=NOW,
        )
    written = export(database, raw=raw)
    with open_people(tmp_path / "other.db") as other:
        bring_in(other, written, replace(OPTIONS, now=NOW + timedelta(days=9)))
        assert export(other, raw=raw) == written


def test_an_export_guards_formulas_unless_raw(database: PeopleDatabase) -> None:
    bring_in(database, FILE)
    assert ",'=Bob," in export(database)
    assert ",=Bob," in export(database, raw=True)

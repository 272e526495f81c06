"""The stored values of the operator's own fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, event, insert, update

from digest.store.claims import claim_due
from digest.store.engine import Database
from digest.store.releases import release_workers
from digest.store.tables import variants
from subscribers.addresses import parse_address
from subscribers.erasing import erase_person
from subscribers.fieldvalues import (
    count_fields,
    count_values,
    fields_of,
    printed_values,
    read_fields_of,
    save_fields,
    write_fields,
)
from subscribers.people import add_person, find_person, rename_person
from subscribers.tables import people, person_fields
from tests.support.ledger_rows import fill_ledger

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANNA = parse_address("anna@example.org", allow_reserved=True)
BO = parse_address("bo@example.org", allow_reserved=True)


def person(connection: Connection, address: object = ANNA) -> int:
    return add_person(connection, address, name="Anna", now=NOW).id  # type: ignore[arg-type]  # an address


def test_values_are_added_changed_and_removed(database: Database) -> None:
    with database.write() as connection:
        anna = person(connection)
        assert save_fields(connection, anna, {"plan": "pro", "city": "Köln"})
        assert not save_fields(connection, anna, {"plan": "pro"})
        assert fields_of(connection, anna) == {"city": "Köln", "plan": "pro"}
        assert save_fields(connection, anna, {"plan": "", "city": "Bern", "age": ""})
        assert fields_of(connection, anna) == {"city": "Bern"}


def test_values_of_many_people_are_read_and_counted(database: Database) -> None:
    with database.write() as connection:
        anna, bo = person(connection), person(connection, BO)
        write_fields(connection, [(anna, "plan", "pro"), (bo, "plan", "pro"), (bo, "city", "Ulm")])
        write_fields(connection, [])
        assert read_fields_of(connection, [anna, bo, 99], ["plan"]) == {
            anna: {"plan": "pro"},
            bo: {"plan": "pro"},
        }
        assert read_fields_of(connection, [bo]) == {bo: {"plan": "pro", "city": "Ulm"}}
        assert count_fields(connection) == {"plan": 2, "city": 1}
        assert count_values(connection, "plan") == {"pro": 2}


def test_a_page_may_print_the_name_too_but_not_the_address(database: Database) -> None:
    with database.write() as connection:
        save_fields(connection, person(connection), {"plan": "pro"})
        anna = find_person(connection, ANNA)
        assert anna is not None
        assert printed_values(connection, anna) == {"plan": "pro", "name": "Anna"}


def test_erasing_a_person_erases_the_values(database: Database) -> None:
    with database.write() as connection:
        save_fields(connection, person(connection), {"plan": "pro"})
        assert erase_person(connection, ["a key that is long enough"], ANNA, now=NOW)
        assert count_fields(connection) == {}


# --- at the claim -------------------------------------------------------------------------------


@pytest.fixture
def ledger(database: Database) -> Database:
    """Return a frozen edition to three subscribers; the first has a plan, the second a name."""
    fill_ledger(database, 3)
    with database.write() as connection:
        rows = [{"person_id": 1, "name": "plan", "value": "pro"}]
        rows += [{"person_id": 1, "name": "city", "value": "Ulm"}]
        connection.execute(insert(person_fields), rows)
        rename_person(connection, 2, "Bo")
    return database


def print_fields(connection: Connection, fields: str) -> None:
    connection.execute(update(variants).values(fields=fields))


def test_the_values_that_the_letters_print_are_read_at_the_claim(ledger: Database) -> None:
    with ledger.write() as connection:
        print_fields(connection, "name,plan")
        claim = claim_due(connection, 1, "w", now=NOW)
    assert [dict(each.recipient.fields) for each in claim.deliveries] == [
        {"name": "", "plan": "pro"},
        {"name": "Bo"},
        {"name": ""},
    ]


def test_a_repeat_has_the_values_of_its_own_claim(ledger: Database) -> None:
    with ledger.write() as connection:
        print_fields(connection, "plan")
        first = claim_due(connection, 1, "w", now=NOW).deliveries[0]
        release_workers(connection, ["w"], now=NOW)
        save_fields(connection, 1, {"plan": "free"})
        again = claim_due(connection, 1, "w", now=NOW).deliveries[0]
    assert first.recipient.fields == (("plan", "pro"),)
    assert again.recipient.fields == (("plan", "free"),)


@pytest.mark.parametrize(("fields", "extra"), [("", 0), ("name,plan", 1)])
def test_an_edition_without_fields_reads_nothing_more(
    ledger: Database, fields: str, extra: int
) -> None:
    statements: list[str] = []
    with ledger.write() as connection:
        print_fields(connection, fields)

        @event.listens_for(connection, "before_cursor_execute")
        def count(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        claim = claim_due(connection, 1, "w", now=NOW)
    assert len(claim.deliveries) == 3
    # The two of every claim are given to the driver.
    assert sum("person_fields" in statement for statement in statements) == extra
    assert len(statements) == extra
    assert people.name == "people"

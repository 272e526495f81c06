"""The suppression list: its hashes, many addresses at once, and the copy beside the people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from subscribers.addresses import parse_address
from subscribers.people import add_person, find_person
from subscribers.suppression import (
    SuppressionReason,
    find_many_reasons,
    find_reasons,
    hash_address,
    is_suppressed,
    suppress,
    suppress_many,
    unsuppress,
)
from subscribers.tables import suppressions
from subscribers.tokens import key_id
from tests.contract.subscribers_database import open_people
from tests.support.databases import database_url

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
KEYS = ("new", "old")
ANN, BOB, CID = (parse_address(f"{name}@heritage.org") for name in ("Ann", "bob", "cid"))
MANUAL, BOUNCED = SuppressionReason.MANUAL, SuppressionReason.BOUNCED


@pytest.fixture
def connection(engine: str, tmp_path: Path) -> Iterator[Connection]:
    place = database_url(engine, tmp_path)
    with open_people(place) as database, database.write() as connection:
        yield connection


def test_a_hash_is_the_same_in_every_release() -> None:
    wanted = "9dfb70fc4c8ca6c59ae5e09ba6cf336c48090a8fa2e958aa9baddd1a15908cd1"
    assert hash_address("key", ANN) == wanted
    assert hash_address("key", parse_address("ANN@Heritage.org")) == wanted


def test_many_addresses_are_suppressed_at_once(connection: Connection) -> None:
    for address in (ANN, BOB, CID):
        add_person(connection, address, name="", now=NOW)
    suppress(connection, ("old",), BOB, MANUAL, now=NOW)
    new = suppress_many(connection, KEYS, {ANN: (MANUAL, BOUNCED), BOB: (BOUNCED,)}, now=NOW)
    assert new == {ANN.key}
    found = {address: find_reasons(connection, KEYS, address) for address in (ANN, BOB, CID)}
    assert found == {ANN: ("bounced", "manual"), BOB: ("bounced", "manual"), CID: ()}
    for address, reasons in found.items():
        person = find_person(connection, address)
        assert person is not None
        assert person.suppressed == reasons
    rows = connection.execute(select(suppressions).order_by(suppressions.c.id)).all()
    assert [row.key_id for row in rows] == [key_id("old"), key_id("new")]
    assert [row.address_hash for row in rows] == [
        hash_address("old", BOB),
        hash_address("new", ANN),
    ]
    assert {row.created_at for row in rows} == {NOW}


def test_nothing_is_suppressed_for_no_address(connection: Connection) -> None:
    assert suppress_many(connection, KEYS, {}, now=NOW) == set()
    assert connection.execute(select(suppressions)).all() == []


def test_the_same_reason_again_changes_nothing_but_mends_the_copy(connection: Connection) -> None:
    suppress(connection, KEYS, ANN, MANUAL, now=NOW)
    add_person(connection, ANN, name="", now=NOW)
    assert suppress_many(connection, KEYS, {ANN: (MANUAL,)}, now=NOW) == set()
    assert find_reasons(connection, KEYS, ANN) == ("manual",)
    person = find_person(connection, ANN)
    assert person is not None
    assert person.suppressed == ("manual",)


def test_reasons_under_two_keys_are_one_set(connection: Connection) -> None:
    suppress(connection, ("old",), ANN, MANUAL, now=NOW)
    suppress(connection, ("new",), ANN, BOUNCED, now=NOW)
    assert find_reasons(connection, KEYS, ANN) == ("bounced", "manual")
    suppress(connection, KEYS, ANN, SuppressionReason.COMPLAINED, now=NOW)
    for key in KEYS:
        assert find_reasons(connection, (key,), ANN) == ("bounced", "complained", "manual")


def test_thousands_of_addresses_are_looked_up(connection: Connection) -> None:
    many = [parse_address(f"u{number}@heritage.org") for number in range(3000)]
    suppress_many(connection, ("old",), dict.fromkeys(many[::2], (MANUAL,)), now=NOW)
    found = find_many_reasons(connection, KEYS, many)
    assert found == {address.key: {"manual"} for address in many[::2]}


def test_mail_to_one_address_is_allowed_again_and_to_no_other(connection: Connection) -> None:
    for address in (ANN, BOB):
        add_person(connection, address, name="", now=NOW)
    suppress_many(connection, KEYS, {ANN: (MANUAL,), BOB: (MANUAL,)}, now=NOW)
    assert unsuppress(connection, KEYS, ANN)
    assert not unsuppress(connection, KEYS, ANN)
    assert not is_suppressed(connection, KEYS, ANN)
    assert is_suppressed(connection, KEYS, BOB)
    people = [find_person(connection, address) for address in (ANN, BOB)]
    assert [person.suppressed for person in people if person] == [(), ("manual",)]

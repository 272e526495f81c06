"""The connection that a worker keeps for its marks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection, select, update

from digest.models import DeliveryState
from digest.store.attempts import take_marks_back
from digest.store.claims import claim_due
from digest.store.deliveries import NotAllMarkedError, mark_all_handing
from digest.store.engine import Database
from digest.store.kept import KeptConnection
from digest.store.tables import deliveries
from subscribers.tables import subscriptions
from tests.support.ledger_rows import NOW, fill_ledger, states


@pytest.fixture
def database(database: Database) -> Database:
    fill_ledger(database, 4)
    with database.write() as connection:
        claim_due(connection, 1, "me", now=NOW)
    return database


@pytest.fixture
def kept(database: Database) -> Iterator[KeptConnection]:
    with closing(database.keep_connection()) as kept:
        yield kept


def leave(connection: Connection, number: int) -> None:
    gone = update(subscriptions).where(subscriptions.c.person_id == number)
    connection.execute(gone.values(state="left"))


def test_a_transaction_is_committed_whether_its_statements_go_to_the_driver_or_not(
    database: Database, kept: KeptConnection
) -> None:
    with kept.write_marks() as connection:
        assert mark_all_handing(connection, [1, 2], "me", now=NOW) == {1, 2}
    assert states(database)[1] is DeliveryState.HANDING
    with kept.write_marks() as connection:
        take_marks_back(connection, [1], "me")
        mark_all_handing(connection, [3], "me", now=NOW)
    found = states(database)
    assert (found[1], found[2], found[3]) == (
        DeliveryState.CLAIMED,
        DeliveryState.HANDING,
        DeliveryState.HANDING,
    )


def test_what_a_failed_transaction_wrote_is_gone_and_the_next_one_works(
    database: Database, kept: KeptConnection
) -> None:
    def fail() -> None:
        with kept.write_marks() as connection:
            mark_all_handing(connection, [1], "me", now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert states(database)[1] is DeliveryState.CLAIMED
    with kept.write_marks() as connection:
        mark_all_handing(connection, [2], "me", now=NOW)
    assert states(database)[2] is DeliveryState.HANDING


def test_no_row_is_marked_if_one_of_its_group_may_not_be_sent(
    database: Database, kept: KeptConnection
) -> None:
    with database.write() as connection:
        leave(connection, 2)
    with pytest.raises(NotAllMarkedError), kept.write_marks() as connection:
        mark_all_handing(connection, [1, 2, 3], "me", now=NOW)
    assert set(states(database).values()) == {DeliveryState.CLAIMED}


def test_others_can_write_between_two_transactions(
    database: Database, kept: KeptConnection
) -> None:
    with kept.write_marks() as connection:
        mark_all_handing(connection, [1], "me", now=NOW)
    with database.write() as connection:
        leave(connection, 3)
    with kept.write_marks() as connection:  # and the next one sees what they wrote
        query = select(subscriptions.c.state).where(subscriptions.c.person_id == 3)
        assert connection.execute(query).scalar_one() == "left"
        assert set(connection.execute(select(deliveries.c.id)).scalars()) == {1, 2, 3, 4}

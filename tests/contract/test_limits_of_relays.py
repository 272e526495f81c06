"""The count of a day's mails over a relay, and of an edition's first mails, on each engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from digest.models import DeliveryState, FirstMails
from digest.store.canary import is_judged, read_first_mails, set_judged
from digest.store.engine import Database
from digest.store.relayed import (
    free_at,
    mails_of_day,
    reserve_mails,
    return_mails,
)
from digest.store.tables import deliveries
from tests.support.ledger_rows import fill_ledger

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def reserve(database: Database, wanted: int, now: datetime, *, relay: str = "a:25") -> int:
    with database.write() as connection:
        return reserve_mails(connection, relay, wanted, limit=1000, now=now)


def used(database: Database, now: datetime) -> int:
    with database.read() as connection:
        return mails_of_day(connection, "a:25", now=now)


def test_mails_are_granted_up_to_the_limit(database: Database) -> None:
    assert [reserve(database, 400, NOW) for _ in range(4)] == [400, 400, 200, 0]
    assert used(database, NOW) == 1000
    assert reserve(database, 400, NOW, relay="b:25") == 400


@pytest.mark.parametrize(
    ("later", "granted"),
    [(timedelta(hours=23), 0), (timedelta(hours=24), 0), (timedelta(hours=24, minutes=31), 400)],
)
def test_the_limit_is_over_any_24_hours(database: Database, later: timedelta, granted: int) -> None:
    reserve(database, 400, NOW)
    reserve(database, 600, NOW + 2 * HOUR)
    assert reserve(database, 500, NOW + later) == granted


def test_a_spent_limit_names_the_time_from_which_more_may_go(database: Database) -> None:
    reserve(database, 1000, NOW)
    with database.read() as connection:
        at = free_at(connection, "a:25", now=NOW)
        assert free_at(connection, "b:25", now=NOW) == NOW
    assert at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert reserve(database, 1, at - timedelta(seconds=1)) == 0
    assert reserve(database, 1, at) == 1


def test_mails_that_were_not_handed_over_are_given_back(database: Database) -> None:
    reserve(database, 1000, NOW)
    with database.write() as connection:
        return_mails(connection, "a:25", 300)
    assert reserve(database, 1000, NOW + HOUR) == 300


def test_no_more_is_given_back_than_was_counted(database: Database) -> None:
    reserve(database, 10, NOW)
    with database.write() as connection:
        return_mails(connection, "a:25", 300)
    assert used(database, NOW) == 10


def test_a_clock_that_was_set_back_allows_no_more(database: Database) -> None:
    reserve(database, 1000, NOW)
    assert reserve(database, 1, NOW - 30 * HOUR) == 0


def test_old_counts_are_deleted(database: Database) -> None:
    reserve(database, 10, NOW - timedelta(days=9))
    reserve(database, 20, NOW - timedelta(days=7))
    reserve(database, 30, NOW)
    assert used(database, NOW - timedelta(days=9)) == 50


def test_the_first_mails_are_counted_by_their_fate(database: Database) -> None:
    fill_ledger(database, 9)
    fates = {
        1: DeliveryState.SENT,
        2: DeliveryState.SENT,
        3: DeliveryState.FAILED,
        4: DeliveryState.DEFERRED,
        5: DeliveryState.UNKNOWN,
        6: DeliveryState.HANDING,
        7: DeliveryState.SKIPPED,
    }
    with database.write() as connection:
        for number, state in fates.items():
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == number)
                .values(state=state, attempts=1, claimed_at=NOW + number * HOUR)
            )
        # This one waits for its domain, and was not tried.
        waits = update(deliveries).where(deliveries.c.id == 8)
        connection.execute(waits.values(state=DeliveryState.DEFERRED))
        first = read_first_mails(connection, 1, 50)
        assert first == FirstMails(sent=2, refused=3, in_hand=1, last_at=NOW + 6 * HOUR)
        some = FirstMails(sent=2, refused=2, last_at=NOW + 4 * HOUR)
        assert read_first_mails(connection, 1, 4) == some
        assert read_first_mails(connection, 2, 4) == FirstMails()


def test_an_edition_is_judged_once(database: Database) -> None:
    fill_ledger(database, 1)
    with database.write() as connection:
        assert not is_judged(connection, 1)
        set_judged(connection, 1, now=NOW)
        assert is_judged(connection, 1)

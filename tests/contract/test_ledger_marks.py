from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from sqlalchemy import update

from digest.errors import StoreError
from digest.models import DeliveryState, Outcome, Reply
from digest.store.claims import claim_due
from digest.store.engine import Database
from digest.store.figures import list_minutes
from digest.store.marks import DeliveryMarks
from subscribers.tables import subscriptions
from tests.support.databases import as_text
from tests.support.ledger_rows import NOW, fill_ledger, fixed_clock, states

pytestmark = pytest.mark.anyio

SUBSCRIBERS = 32
SENT = Outcome(state=DeliveryState.SENT, reply=Reply(code=250, text="ok"))


@pytest.fixture
def database(database: Database) -> Database:
    fill_ledger(database, SUBSCRIBERS)
    with database.write() as connection:
        claim_due(connection, 1, "me", now=NOW)
    return database


@pytest.fixture
async def marks(database: Database) -> AsyncIterator[DeliveryMarks]:
    async with DeliveryMarks(database, "me", fixed_clock()) as marks:
        yield marks


async def test_a_mark_is_durable_when_it_returns(database: Database, marks: DeliveryMarks) -> None:
    assert await marks.handing(1)
    assert states(database)[1] is DeliveryState.HANDING
    marks.outcome(1, SENT)
    await marks.flush()
    assert states(database)[1] is DeliveryState.SENT


async def test_marks_requested_together_share_a_commit(marks: DeliveryMarks) -> None:
    given = await asyncio.gather(*(marks.handing(number) for number in range(1, SUBSCRIBERS + 1)))
    assert given == [True] * SUBSCRIBERS
    assert marks.commits == 1


async def test_marks_and_outcomes_of_many_connections_find_their_own_rows(
    database: Database, marks: DeliveryMarks
) -> None:
    async def connection(number: int) -> None:
        assert await marks.handing(number)
        await asyncio.sleep(number % 3 * 0.001)
        marks.outcome(number, SENT)

    await asyncio.gather(*(connection(number) for number in range(1, SUBSCRIBERS + 1)))
    await marks.flush()
    assert set(states(database).values()) == {DeliveryState.SENT}
    assert marks.commits < SUBSCRIBERS


async def test_only_a_subscriber_who_left_gets_no_mark(
    database: Database, marks: DeliveryMarks
) -> None:
    with database.write() as connection:
        gone = update(subscriptions).where(subscriptions.c.person_id == 2).values(state="left")
        connection.execute(gone)
    assert await asyncio.gather(*(marks.handing(number) for number in (1, 2, 3))) == [
        True,
        False,
        True,
    ]


async def test_accepted_mails_are_counted_with_their_marks(database: Database) -> None:
    async with DeliveryMarks(database, "me", fixed_clock(), counted_for=1, sent_of=1) as marks:
        for number in range(1, SUBSCRIBERS + 1):
            assert await marks.handing(number)  # with the outcome of the mail before it
            marks.outcome(number, SENT)
        await marks.flush()
    with database.read() as connection:
        assert sum(each.mails for each in list_minutes(connection, 1)) == SUBSCRIBERS


async def test_a_failed_commit_fails_waiting_and_later_marks(database: Database) -> None:
    with closing(Database(as_text(database.url), busy_timeout_s=0.02)) as impatient:
        async with DeliveryMarks(impatient, "me", fixed_clock()) as marks:
            with database.write():
                results = await asyncio.gather(
                    *(marks.handing(number) for number in (1, 2, 3)), return_exceptions=True
                )
            assert [type(result) for result in results] == [StoreError] * 3
            with pytest.raises(StoreError, match="locked"):
                marks.outcome(1, SENT)
    assert set(states(database).values()) == {DeliveryState.CLAIMED}


READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET default_transaction_read_only = on",
}


async def test_a_read_only_database_refuses_marks(database: Database) -> None:
    with closing(Database(as_text(database.url))) as read_only:
        with read_only.read() as connection:
            connection.exec_driver_sql(READ_ONLY[connection.dialect.name])
            connection.commit()
        async with DeliveryMarks(read_only, "me", fixed_clock()) as marks:
            with pytest.raises(StoreError, match="read-only"):
                await marks.handing(1)

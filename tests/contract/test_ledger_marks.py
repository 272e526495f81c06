from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from digest.errors import StoreError
from digest.models import DeliveryState, Outcome, Reply
from digest.store import deliveries
from digest.store.claims import claim_due
from digest.store.engine import Database
from digest.store.figures import list_minutes
from digest.store.kept import KeptConnection
from digest.store.marks import DeliveryMarks
from subscribers.tables import subscriptions
from tests.support.databases import as_text, new_database
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


async def test_marks_of_several_iterations_of_the_loop_share_a_commit(marks: DeliveryMarks) -> None:
    async def connection(number: int) -> bool:
        for _ in range(number):  # each answer arrives one iteration after the other
            await asyncio.sleep(0)
        return await marks.handing(number)

    assert all(await asyncio.gather(*map(connection, range(1, 9))))
    assert marks.commits == 1


async def test_an_end_goes_into_the_commit_of_the_next_mark(
    database: Database, marks: DeliveryMarks
) -> None:
    assert await marks.handing(1)
    before = marks.commits
    marks.outcome(1, SENT)
    assert await marks.handing(2)
    assert marks.commits == before + 1
    found = states(database)
    assert (found[1], found[2]) == (DeliveryState.SENT, DeliveryState.HANDING)


async def test_an_end_without_a_next_mark_is_stored_soon(
    database: Database, marks: DeliveryMarks
) -> None:
    assert await marks.handing(1)
    marks.outcome(1, SENT)
    for _ in range(1_000):
        await asyncio.sleep(0.01)
        if states(database)[1] is DeliveryState.SENT:
            break
    assert states(database)[1] is DeliveryState.SENT


async def test_the_event_loop_never_waits_for_a_locked_database(
    database: Database, marks: DeliveryMarks
) -> None:
    assert await marks.handing(1)
    with database.write():
        waiting = asyncio.ensure_future(marks.handing(2))
        for _ in range(10):
            started = time.monotonic()
            await asyncio.sleep(0.01)
            assert time.monotonic() - started < 10  # a wait for the lock takes 30
        assert not waiting.done()
    assert await waiting


@pytest.mark.parametrize(
    ("quick_s", "commits"), [(600.0, {"MainThread"}), (0.0, {"ledger"})], ids=["quick", "slow"]
)
async def test_only_the_commits_to_a_slow_disk_leave_the_event_loop(
    quick_s: float, commits: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, set[str]] = {"marks": set(), "commit": set()}
    mark, commit = deliveries.mark_all_handing, KeptConnection.commit_marks

    def marked(*args: Any, **kwargs: Any) -> frozenset[int]:
        threads["marks"].add(threading.current_thread().name)
        return mark(*args, **kwargs)

    def committed(kept: KeptConnection) -> None:
        threads["commit"].add(threading.current_thread().name)
        commit(kept)

    monkeypatch.setattr("digest.store.marks._QUICK_S", quick_s)
    # Else a slow test lets the thread look again.
    monkeypatch.setattr("digest.store.marks._BEFORE_EVERY_S", 600.0)
    database = new_database("sqlite", tmp_path)
    fill_ledger(database, SUBSCRIBERS)
    with database.write() as connection:
        claim_due(connection, 1, "me", now=NOW)
    async with DeliveryMarks(database, "me", fixed_clock()) as marks:
        assert await marks.handing(1)  # the thread first looks for people who left meanwhile
        assert await marks.handing(2)  # and finds out how quick the disk is
        monkeypatch.setattr(deliveries, "mark_all_handing", marked)
        monkeypatch.setattr(KeptConnection, "commit_marks", committed)
        assert await marks.handing(3)
    database.close()
    assert threads == {"marks": {"MainThread"}, "commit": commits}


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

"""Marks that travel to PostgreSQL in one piece: what the server refuses, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from digest.errors import StoreError
from digest.models import DeliveryState, EditionState, Outcome, Reply
from digest.store.claims import claim_due
from digest.store.engine import Connection, Database
from digest.store.marks import DeliveryMarks
from digest.store.tables import deliveries, editions
from subscribers.tables import subscriptions
from tests.support.databases import new_database
from tests.support.ledger_rows import NOW, fill_ledger, fixed_clock, states

pytestmark = pytest.mark.anyio

SENT = Outcome(state=DeliveryState.SENT, reply=Reply(code=250, text="ok"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Database]:
    database = new_database("postgresql", tmp_path)
    fill_ledger(database, 30)
    with database.write() as connection:
        claim_due(connection, 1, "me", now=NOW)
    with closing(database):
        yield database


async def started(marks: DeliveryMarks) -> None:
    """Mark two mails: the first by the thread, which opens the connection, the second without."""
    assert await marks.handing(1)
    assert await marks.handing(2)


def marks_of(server: Database) -> DeliveryMarks:
    return DeliveryMarks(server, "me", fixed_clock(), counted_for=1, sent_of=1)


async def test_only_who_left_meanwhile_gets_no_mark(server: Database) -> None:
    async with marks_of(server) as marks:
        await started(marks)
        with server.write() as connection:
            gone = update(subscriptions).where(subscriptions.c.person_id == 4)
            connection.execute(gone.values(state="left"))
        marks.outcome(2, SENT)
        given = await asyncio.gather(*map(marks.handing, (3, 4, 5)))
    assert given == [True, False, True]
    found = states(server)
    assert (found[2], found[4]) == (DeliveryState.SENT, DeliveryState.SKIPPED)


async def test_a_pause_refuses_every_mark_and_keeps_the_rows(server: Database) -> None:
    async with marks_of(server) as marks:
        await started(marks)
        with server.write() as connection:
            connection.execute(update(editions).values(state=EditionState.PAUSED))
        marks.outcome(2, SENT)
        assert await asyncio.gather(*map(marks.handing, (3, 4))) == [False, False]
    found = states(server)
    assert (found[2], found[3]) == (DeliveryState.SENT, DeliveryState.CLAIMED)


async def test_an_error_of_the_server_fails_this_and_later_marks(server: Database) -> None:
    async with marks_of(server) as marks:
        await started(marks)
        with server.write() as connection:
            connection.exec_driver_sql("ALTER TABLE deliveries RENAME TO hidden")
        try:
            with pytest.raises(StoreError, match="its tables are not this program's"):
                await marks.handing(3)
        finally:  # other tests share the database
            with server.write() as connection:
                connection.exec_driver_sql("ALTER TABLE hidden RENAME TO deliveries")
        with pytest.raises(StoreError):
            marks.outcome(2, SENT)


async def test_what_relays_say_is_stored_as_they_said_it(server: Database) -> None:
    said = ("NULL", "", 'ü \x7f \u2028 {,} "\\" %s %(x)s $1')
    async with marks_of(server) as marks:
        await started(marks)
        for number, words in enumerate(said, 1):
            reply = Reply(code=250, text=words)
            marks.outcome(number, Outcome(state=DeliveryState.SENT, reply=reply))
            assert await marks.handing(number + 2)
    with server.read() as connection:
        query = select(deliveries.c.reply_text).where(deliveries.c.id.in_((1, 2, 3)))
        assert tuple(connection.execute(query.order_by(deliveries.c.id)).scalars()) == said


async def test_another_write_comes_after_the_marks_so_far(server: Database) -> None:
    def state_of_second(connection: Connection) -> str | None:
        return connection.scalar(select(deliveries.c.state).where(deliveries.c.id == 2))

    async with marks_of(server) as marks:
        await started(marks)
        marks.outcome(2, SENT)
        waiting = marks.handing(3)
        assert await marks.write(state_of_second) == DeliveryState.SENT
        assert await waiting

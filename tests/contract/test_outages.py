"""Connections that are lost while marks are written: no mark is lost, and none is given twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy import Connection, Dialect, select, text, update

from digest.errors import ConnectionLostError, StoreError
from digest.models import DeliveryState, Outcome, Reply
from digest.store.claims import Claim, claim_due, next_due
from digest.store.deliveries import Sent, mark_handing
from digest.store.engine import Database
from digest.store.figures import count_now
from digest.store.handed import total_handed
from digest.store.kept import Done, KeptConnection
from digest.store.marks import DeliveryMarks
from digest.store.outages import Hurry, own_handing, write_through_outage
from digest.store.pipelined import marks_of
from digest.store.relayed import mails_of_day, reserve_mails, return_mails
from digest.store.releases import release_claim
from digest.store.tables import deliveries
from tests.support.databases import as_text, new_database
from tests.support.ledger_rows import NOW, fill_ledger, fixed_clock, states

SUBSCRIBERS = 60
SENT = Outcome(state=DeliveryState.SENT, reply=Reply(code=250, text="ok"))
#: What a server does when `pg_ctl -m fast` restarts it.
_END_ALL = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'digest'"
    " AND pid <> pg_backend_pid()"
)


class LosesTheAnswer(Database):
    """Commits the next transaction of marks, and then loses the connection."""

    is_next = True

    def keep_connection(self) -> KeptConnection:
        return KeptAndLost(self, super().keep_connection())


class KeptAndLost(KeptConnection):
    def __init__(self, database: LosesTheAnswer, kept: KeptConnection) -> None:
        self.database, self.kept = database, kept

    @property
    def has_pipeline(self) -> bool:
        return self.kept.has_pipeline

    @contextmanager
    def write_marks(self) -> Iterator[Connection]:
        with self.kept.write_marks() as connection:
            yield connection
        self._lose()

    def send_marks(self, statement: str, values: Mapping[str, Any], done: Done) -> None:
        def ended(rows: Sequence[int], error: Exception | None) -> None:
            try:
                self._lose()
            except ConnectionLostError as lost:
                error = error or lost
            done(rows, error)

        self.kept.send_marks(statement, values, ended)

    @contextmanager
    def begin_marks_at_once(self) -> Iterator[Connection | None]:
        yield None  # a file has no answers to lose: the thread writes

    @property
    def is_open(self) -> bool:
        return self.kept.is_open

    @property
    def dialect(self) -> Dialect:
        return self.kept.dialect

    def _lose(self) -> None:
        if self.database.is_next:
            self.database.is_next = False
            raise ConnectionLostError("lost")

    def close(self) -> None:
        self.kept.close()


@pytest.fixture
def ledger(database: Database) -> Database:
    fill_ledger(database, SUBSCRIBERS)
    with database.write() as connection:
        claim_due(connection, 1, "me", now=NOW)
    return database


@pytest.mark.anyio
async def test_marks_survive_the_end_of_their_connections(tmp_path: Path) -> None:
    database = new_database("postgresql", tmp_path)
    fill_ledger(database, SUBSCRIBERS)
    with database.write() as connection:
        claim_due(connection, 1, "me", now=NOW)
    sender = Database(as_text(database.url))
    given: list[bool] = []

    async def connection_of(first: int) -> None:
        for number in range(first, SUBSCRIBERS + 1, 6):
            given.append(await marks.handing(number))
            if number % 12 == 0:
                await asyncio.to_thread(end_all, database)
            marks.outcome(number, SENT)

    with closing(database), closing(sender):
        async with DeliveryMarks(sender, "me", fixed_clock(), counted_for=1, sent_of=1) as marks:
            await asyncio.gather(*map(connection_of, range(1, 7)))
        assert given == [True] * SUBSCRIBERS
        assert set(states(database).values()) == {DeliveryState.SENT}
        with database.read() as connection:
            assert total_handed(connection) == SUBSCRIBERS
            assert count_now(connection, 1).accounting.sent == SUBSCRIBERS


def end_all(database: Database) -> None:
    """End all other connections to the database."""
    with database.read() as connection:
        connection.execute(_END_ALL)


@pytest.mark.anyio
async def test_a_mark_whose_commit_was_not_answered_is_read_again(ledger: Database) -> None:
    with closing(LosesTheAnswer(as_text(ledger.url))) as losing:
        async with DeliveryMarks(losing, "me", fixed_clock(), counted_for=1, sent_of=1) as marks:
            assert all(await asyncio.gather(marks.handing(1), marks.handing(2)))
            losing.is_next = True
            marks.outcome(1, SENT)
            assert await marks.handing(3)
    found = states(ledger)
    assert (found[1], found[2]) == (DeliveryState.SENT, DeliveryState.HANDING)
    with ledger.read() as connection:
        assert total_handed(connection) == 3
        assert count_now(connection, 1).accounting.sent == 1


@pytest.mark.anyio
async def test_a_claim_whose_commit_was_not_answered_leaves_no_row_behind(
    database: Database,
) -> None:
    def claim(connection: Connection, is_repeat: bool) -> Claim:
        if is_repeat:
            release_claim(connection, 1, "me", at=NOW)
        return claim_due(connection, 1, "me", now=NOW, most=10)

    fill_ledger(database, SUBSCRIBERS)
    with closing(LosesTheAnswer(as_text(database.url))) as losing:
        async with DeliveryMarks(losing, "me", fixed_clock()) as marks:
            found = await marks.write_beside(claim)
    claimed = {key for key, state in states(database).items() if state is DeliveryState.CLAIMED}
    assert {each.id for each in found.deliveries} == claimed
    assert len(claimed) == 10


@pytest.mark.anyio
async def test_what_comes_before_marks_may_lose_its_connection_too(ledger: Database) -> None:
    tries = 0

    def before() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionLostError("lost")

    async with DeliveryMarks(ledger, "me", fixed_clock(), counted_for=1, before=before) as marks:
        assert await marks.handing(1)
        assert tries == 2
        tries = 0
        assert await marks.write_beside(lambda _connection, _is_repeat: True)
    assert tries == 2


def test_a_row_that_was_taken_over_meanwhile_is_not_sent(ledger: Database) -> None:
    def mark(connection: Connection, is_repeat: bool) -> frozenset[int]:
        if not is_repeat:
            return mark_handing(connection, [1, 2], "me", now=NOW)
        released = {"state": DeliveryState.UNKNOWN, "ended_at": NOW}
        connection.execute(update(deliveries).where(deliveries.c.id == 1).values(released))
        return own_handing(connection, [1, 2], "me")

    with closing(LosesTheAnswer(as_text(ledger.url))) as losing:
        assert write_through_outage(losing.write_marks, mark) == {2}


def test_a_server_that_stays_away_ends_the_run_with_its_error() -> None:
    with (
        closing(Database("postgresql://digest@127.0.0.1:1/none")) as gone,
        pytest.raises(ConnectionLostError, match="unreachable"),
    ):
        write_through_outage(gone.write_marks, lambda _connection, _is_repeat: None, patience_s=0.3)


def test_a_stop_during_an_outage_ends_its_patience() -> None:
    hurry, tries = Hurry(patience_s=0.0), 0

    def lose() -> NoReturn:
        nonlocal tries
        tries += 1
        if tries == 3:
            hurry.start()
        raise ConnectionLostError("lost")

    with pytest.raises(ConnectionLostError):
        write_through_outage(lose, lambda _connection, _is_repeat: None, hurry=hurry)
    assert tries == 3


def test_a_stop_wakes_a_thread_that_waits_for_the_server() -> None:
    hurry = Hurry()
    waiting = threading.Thread(target=hurry.wait, args=(60.0,), daemon=True)
    waiting.start()
    hurry.start()
    waiting.join(30.0)
    assert not waiting.is_alive()


@pytest.mark.anyio
async def test_marks_of_a_run_that_stops_leave_what_is_not_known_in_hand(ledger: Database) -> None:
    hurry = Hurry(patience_s=0.0)

    def be_away() -> None:
        if is_away:
            hurry.start()
            raise ConnectionLostError("lost")

    is_away = False
    marks = DeliveryMarks(ledger, "me", fixed_clock(), before=be_away, hurry=hurry)
    async with marks:
        assert await marks.handing(1)
        is_away = True
        for write in (marks.write(next_due, 1, now=NOW), marks.write_beside(never)):
            with pytest.raises(ConnectionLostError):
                await write
    assert states(ledger)[1] is DeliveryState.HANDING


def never(_connection: Connection, _is_repeat: bool) -> None:
    raise AssertionError("the server is away")


@pytest.mark.anyio
async def test_reserved_mails_are_not_given_back_twice(ledger: Database) -> None:
    with ledger.write() as connection:
        reserve_mails(connection, "relay:25", 100, limit=1000, now=NOW)
    with closing(LosesTheAnswer(as_text(ledger.url))) as losing:
        async with DeliveryMarks(losing, "me", fixed_clock()) as marks:
            await marks.write_once(return_mails, "relay:25", 40)
    with ledger.read() as connection:
        assert mails_of_day(connection, "relay:25", now=NOW) == 60


@pytest.fixture
def on_server(tmp_path: Path) -> Iterator[Database]:
    database = new_database("postgresql", tmp_path)
    fill_ledger(database, SUBSCRIBERS)
    with database.write() as connection:
        claim_due(connection, 1, "me", now=NOW)
    with closing(database):
        yield database


async def send(kept: KeptConnection, statement: str, values: Mapping[str, Any]) -> Sequence[int]:
    answer: asyncio.Future[Sequence[int]] = asyncio.get_running_loop().create_future()

    def done(rows: Sequence[int], error: Exception | None) -> None:
        if error is None:
            answer.set_result(rows)
        else:
            answer.set_exception(error)

    kept.send_marks(statement, values, done)
    return await answer


@pytest.mark.anyio
async def test_what_travels_together_is_one_transaction(on_server: Database) -> None:
    with closing(on_server.keep_connection()) as kept:
        statement, values = marks_of(kept.dialect, (), [1], "me", 1, NOW)
        failing = statement.replace("SELECT marked.id", "SELECT marked.id / 0", 1)
        assert failing != statement
        with pytest.raises(StoreError, match="division"):
            await send(kept, failing, values)
        assert states(on_server)[1] is DeliveryState.CLAIMED
        for _ in range(2):  # the connection was closed; the next ones find their way
            assert await send(kept, statement, values) in ([1], [])
        assert states(on_server)[1] is DeliveryState.HANDING
        with kept.write_marks() as connection:  # by the same connection, as psycopg does it
            assert connection.execute(text("SELECT 1")).scalar() == 1
        again = [Sent(1, 250, 'said "ok"\\ 100 %, {so}', "127.0.0.1:25"), Sent(2, None, "", "")]
        assert await send(kept, *marks_of(kept.dialect, again, [3, 4], "me", 1, NOW)) == [3, 4]
    with on_server.read() as connection:
        row = connection.execute(select(deliveries).where(deliveries.c.id == 1)).one()
        assert (row.state, row.reply_text) == (DeliveryState.SENT, 'said "ok"\\ 100 %, {so}')
        assert (row.ended_at, row.relay) == (NOW, "127.0.0.1:25")
        assert total_handed(connection) == 3


@pytest.mark.anyio
async def test_a_connection_that_ends_while_marks_travel_is_a_lost_one(on_server: Database) -> None:
    with closing(on_server.keep_connection()) as kept:
        statement, values = marks_of(kept.dialect, (), [1], "me", 1, NOW)
        assert await send(kept, statement, values) == [1]
        with on_server.write() as holds_the_lock:
            waiting = asyncio.ensure_future(
                send(kept, *marks_of(kept.dialect, (), [2], "me", 1, NOW))
            )
            await asyncio.sleep(0.1)
            assert not waiting.done()
            holds_the_lock.execute(_END_ALL)
        with pytest.raises(ConnectionLostError):
            await waiting
        assert states(on_server)[2] is DeliveryState.CLAIMED
        assert await send(kept, *marks_of(kept.dialect, (), [3], "me", 1, NOW)) == [3]


@pytest.mark.anyio
async def test_a_connection_with_an_answer_on_its_way_is_not_used_again(
    on_server: Database,
) -> None:
    kept = on_server.keep_connection()
    statement, values = marks_of(kept.dialect, (), [1], "me", 1, NOW)
    assert await send(kept, statement, values) == [1]
    with on_server.write():  # so that the next answer does not come
        waiting = asyncio.ensure_future(send(kept, *marks_of(kept.dialect, (), [2], "me", 1, NOW)))
        await asyncio.sleep(0)
        kept.close()
    waiting.cancel()
    for number in (3, 4):  # each by a connection that knows no statement yet
        with closing(on_server.keep_connection()) as another:
            for marked in ([number], []):
                marks = marks_of(another.dialect, (), [number], "me", 1, NOW)
                assert await send(another, *marks) == marked

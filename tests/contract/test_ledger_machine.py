"""Two workers, crashes, leaving subscribers and a clock, in any order: the ledger's invariants."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, select, update

from digest.models import DeliveryState, Outcome, Reply, may_follow
from digest.store import approvals, closing, deliveries, releases
from digest.store.engine import Database
from digest.store.tables import editions
from subscribers.tables import people, subscriptions
from tests.support.databases import new_database
from tests.support.figures import IS_PROOF
from tests.support.ledger_rows import CUT, NEWSLETTER, NOW, fill_ledger, open_ledger, states

SUBSCRIBERS = 6
WORKERS = st.sampled_from(["first", "second"])
SUBSCRIBER = st.integers(1, SUBSCRIBERS)
#: Outcomes of a mail whose content was sent; true if the server accepted it.
ANSWERS = st.sampled_from(
    [
        (DeliveryState.SENT, True),
        (DeliveryState.FAILED, False),
        (DeliveryState.DEFERRED, False),
        (DeliveryState.UNKNOWN, True),
        (DeliveryState.UNKNOWN, False),
    ]
)


@cache
def _template() -> Path:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / "template.db"
    open_ledger(path, SUBSCRIBERS).close()
    return path


def _on_sqlite(folder: Path) -> Database:
    path = folder / "ledger.db"
    shutil.copy(_template(), path)
    return Database(f"sqlite:///{path}")


def _on_postgresql(folder: Path) -> Database:
    database = new_database("postgresql", folder)
    fill_ledger(database, SUBSCRIBERS)
    return database


class LedgerMachine(RuleBasedStateMachine):
    open = staticmethod(_on_sqlite)

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = self.open(Path(self.folder.name))
        self.now = NOW
        self.names = {"first": "first 0", "second": "second 0"}
        self.held: dict[str, list[int]] = {"first": [], "second": []}
        self.handed: dict[str, list[int]] = {"first": [], "second": []}
        self.arrived: Counter[int] = Counter()
        self.resent = 0
        self.gone: set[int] = set()
        self.before = states(self.database)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    # Rows and subscribers have the same numbers here: 1 to SUBSCRIBERS.

    @rule(worker=WORKERS, most=st.integers(1, 3))
    def claim(self, worker: str, most: int) -> None:
        with self.database.write() as connection:
            claim = deliveries.claim_due(connection, 1, self.names[worker], now=self.now, most=most)
        assert not self.gone & {row.recipient.subscriber_id for row in claim.deliveries}
        self.held[worker] += [row.id for row in claim.deliveries]

    @rule(worker=WORKERS)
    def hand_over_what_is_held(self, worker: str) -> None:
        with self.database.write() as connection:
            handing = deliveries.mark_handing(
                connection, self.held[worker], self.names[worker], now=self.now
            )
            is_sending = self._state(connection) == "sending"
        assert not self.gone & handing
        assert is_sending or not handing
        self.handed[worker] += handing
        self.held[worker] = []

    @rule(worker=WORKERS, answer=ANSWERS)
    def hear_the_answer(self, worker: str, answer: tuple[DeliveryState, bool]) -> None:
        state, has_arrived = answer
        rows, self.handed[worker] = self.handed[worker], []
        later = self.now + timedelta(minutes=1) if state is DeliveryState.DEFERRED else None
        outcome = Outcome(state=state, reply=Reply(code=0, text=""), next_at=later)
        self.arrived.update(rows if has_arrived else [])
        with self.database.write() as connection:
            outcomes = dict.fromkeys(rows, outcome)
            deliveries.record_outcomes(connection, outcomes, self.names[worker], now=self.now)

    @rule(worker=WORKERS)
    def lose_the_connection_before_content(self, worker: str) -> None:
        rows, self.handed[worker] = self.handed[worker], []
        with self.database.write() as connection:
            for row in rows:
                deliveries.take_marks_back(connection, [row], self.names[worker])
        self.held[worker] += rows

    @rule(worker=WORKERS, has_arrived=st.booleans())
    def die(self, worker: str, has_arrived: bool) -> None:
        self.arrived.update(self.handed[worker] if has_arrived else [])
        self.held[worker], self.handed[worker] = [], []
        with self.database.write() as connection:
            dead = [self.names[worker]]
            releases.release_workers(connection, dead, now=self.now)
            assert not releases.busy_workers(connection) & set(dead)
        name, _, number = self.names[worker].partition(" ")
        self.names[worker] = f"{name} {int(number) + 1}"

    @rule(worker=WORKERS)
    def be_taken_for_dead(self, worker: str) -> None:
        with self.database.write() as connection:
            releases.release_workers(connection, [self.names[worker]], now=self.now)

    @rule(subscriber=SUBSCRIBER)
    def leave(self, subscriber: int) -> None:
        self.gone.add(subscriber)
        with self.database.write() as connection:
            left = update(subscriptions).where(subscriptions.c.person_id == subscriber)
            connection.execute(left.values(state="left"))

    @rule(subscriber=SUBSCRIBER)
    def suppress(self, subscriber: int) -> None:
        self.gone.add(subscriber)
        with self.database.write() as connection:
            person = update(people).where(people.c.id == subscriber)
            connection.execute(person.values(suppressed="complained"))

    @rule()
    def pause(self) -> None:
        with self.database.write() as connection:
            was_sending = self._state(connection) == "sending"
            assert approvals.pause(connection, 1, "by hand") == was_sending
        assert DeliveryState.CLAIMED not in states(self.database).values() or not was_sending

    @rule()
    def resume(self) -> None:
        with self.database.write() as connection:
            was_paused = self._state(connection) == "paused"
            assert approvals.resume(connection, 1) == was_paused

    @rule(minutes=st.integers(-5, 5))
    def set_the_clock(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.resent < 2)
    @rule()
    def send_what_is_in_doubt_again(self) -> None:
        self.resent += 1
        with self.database.write() as connection:
            closing.resend_unknown(connection, 1, now=self.now)

    @rule()
    def count_what_is_in_doubt_as_sent(self) -> None:
        with self.database.write() as connection:
            closing.assume_sent(connection, 1)

    @rule()
    def close(self) -> None:
        with self.database.write() as connection:
            was_finished = self._state(connection) == "finished"
            is_closed = closing.read_accounting(connection, 1).is_closed
            closes = closing.close_edition(connection, 1, now=self.now)
            assert closes == (is_closed and not was_finished)

    @invariant()
    def nobody_is_lost_or_doubled(self) -> None:
        with self.database.read() as connection:
            accounting = closing.read_accounting(connection, 1)
        assert accounting.open + accounting.ended == accounting.frozen == SUBSCRIBERS
        assert all(count <= 1 + self.resent for count in self.arrived.values())

    @invariant()
    def states_follow_the_table(self) -> None:
        after = states(self.database)
        for row, state in after.items():
            before = self.before[row]
            assert state is before or may_follow(before, state), (row, before, state)
        self.before = after

    @invariant()
    def windows_move_with_the_close_and_only_for_who_was_reached(self) -> None:
        with self.database.read() as connection:
            is_finished = self._state(connection) == "finished"
            rows = connection.execute(
                select(subscriptions.c.person_id, subscriptions.c.seen_seq).where(
                    subscriptions.c.newsletter == NEWSLETTER
                )
            ).all()
        seen = {row.person_id: row.seen_seq for row in rows}
        reached = (DeliveryState.SENT, DeliveryState.UNKNOWN)
        for row, state in states(self.database).items():
            if is_finished:
                assert seen[row] == (CUT if state in reached else None) or self.resent
            elif not self.resent:
                assert seen[row] is None

    @staticmethod
    def _state(connection: Connection) -> str | None:
        return connection.execute(select(editions.c.state)).scalar()


class PostgresqlLedgerMachine(LedgerMachine):
    open = staticmethod(_on_postgresql)


def _settings(max_examples: int) -> settings:
    return settings(
        max_examples=max_examples,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestLedger = pytest.mark.proof(LedgerMachine.TestCase)
TestLedger.settings = _settings(500 if IS_PROOF else 25)
TestPostgresqlLedger = pytest.mark.proof(PostgresqlLedgerMachine.TestCase)
TestPostgresqlLedger.settings = _settings(200 if IS_PROOF else 6)

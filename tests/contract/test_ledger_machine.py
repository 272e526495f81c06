"""Two workers, crashes, hangs, leaving subscribers, an operator and a clock, in any order."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, select, update

from digest.errors import Refused
from digest.models import ENDED, Delivery, DeliveryState, Outcome, Reply, may_follow
from digest.sender.attempt import Attempt, Fate
from digest.sender.settle import keep, settle
from digest.store import (
    approvals,
    attempts,
    claims,
    closing,
    deliveries,
    releases,
    unknown_deliveries,
)
from digest.store.engine import Database
from digest.store.tables import deliveries as ledger
from digest.store.tables import editions, workers
from digest.store.workers import LEASE_S, beat
from subscribers.tables import people, subscriptions
from tests.support.databases import new_database
from tests.support.figures import IS_PROOF, share
from tests.support.ledger_rows import CUT, NEWSLETTER, NOW, fill_ledger, open_ledger, states

SUBSCRIBERS = 6
MAX_AGE = timedelta(hours=24)
WORKERS = st.sampled_from(["first", "second"])
SUBSCRIBER = st.integers(1, SUBSCRIBERS)
#: Attempts after which the ledger is written from the worker's side.
FATES = st.sampled_from([fate for fate in Fate if fate not in (Fate.SKIPPED, Fate.RETURNED)])
REFUSALS = [Fate.POLICY, Fate.REFUSED, Fate.GREYLISTED]
_IS_RECIPIENTS = (Fate.REFUSED, Fate.FULL)
#: The clock jumps forward and back, by steps of the retries, by more than the age, to before the
#: edition.
TIMES = st.sampled_from([NOW + timedelta(minutes=n) for n in (-90, 0, 1, 6, 30, 120, 300, 3000)])


@dataclass
class Worker:
    """A sending process, as it knows itself."""

    #: Its lock, which ends with the process.
    lock: AbstractContextManager[str]
    name: str
    held: dict[int, Delivery] = field(default_factory=dict)
    handed: dict[int, Delivery] = field(default_factory=dict)
    #: Refusals that count once another mail is accepted.
    kept: dict[int, Outcome] = field(default_factory=dict)


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
        self.workers = {name: self._start() for name in ("first", "second")}
        self.arrived: Counter[int] = Counter()
        #: How often an operator had each row sent again, at the risk of a second copy.
        self.resent: Counter[int] = Counter()
        self.assumed: set[int] = set()
        self.gone: set[int] = set()
        self.was_closed = self.is_paused = False
        #: Whether a worker has died since the last release.
        self.is_one_gone = False
        self.before = self._rows()

    def teardown(self) -> None:
        for worker in self.workers.values():
            worker.lock.__exit__(None, None, None)
        self.database.close()
        self.folder.cleanup()

    # Rows and subscribers have the same numbers here: 1 to SUBSCRIBERS.

    # --- the workers

    @rule(worker=WORKERS, most=st.integers(1, 4))
    def claim(self, worker: str, most: int) -> None:
        mine = self.workers[worker]
        with self.database.write_marks() as connection:
            claim = claims.claim_due(connection, 1, mine.name, now=self.now, most=most)
        found = {row.id: row for row in claim.deliveries}
        assert not self.gone & set(found)
        mine.held |= found

    @precondition(lambda self: self._has("held"))
    @rule(worker=WORKERS, most=st.integers(1, 4))
    def hand_over(self, worker: str, most: int) -> None:
        mine = self.workers[worker]
        rows = list(mine.held)[:most]
        with self.database.write_marks() as connection:
            handing = deliveries.mark_handing(connection, rows, mine.name, now=self.now)
            is_sending = self._state(connection) == "sending"
            is_mine = ledger.c.worker == mine.name
            assert handing <= set(connection.scalars(select(ledger.c.id).where(is_mine)))
        assert not self.gone & handing
        assert is_sending or not handing
        for row in rows:
            delivery = mine.held.pop(row)
            if row in handing:
                mine.handed[row] = delivery

    @precondition(lambda self: self._has("handed"))
    @rule(worker=WORKERS, fate=FATES, has_arrived=st.booleans())
    def read_a_reply(self, worker: str, fate: Fate, has_arrived: bool) -> None:
        mine = self.workers[worker]
        if not mine.handed:
            return
        delivery = mine.handed.pop(min(mine.handed))
        if fate is Fate.SENT or (fate is Fate.UNKNOWN and has_arrived):
            self.arrived[delivery.id] += 1
        attempt = Attempt(fate=fate, reply=Reply(code=0, text="said"), relay="relay:25")
        decide = keep if fate in _IS_RECIPIENTS else settle
        outcome = decide(attempt, delivery, now=self.now, max_age=MAX_AGE)
        with self.database.write_marks() as connection:
            if fate is Fate.SENT:
                accepted = deliveries.Sent(delivery.id, 250, "queued", "relay:25")
                deliveries.record_sent(connection, [accepted], mine.name, now=self.now)
            else:
                outcomes = {delivery.id: outcome}
                attempts.record_outcomes(connection, outcomes, mine.name, now=self.now)
        if outcome.state is DeliveryState.DEFERRED and fate in _IS_RECIPIENTS:
            mine.kept[delivery.id] = settle(attempt, delivery, now=self.now, max_age=MAX_AGE)

    @precondition(lambda self: self._has("held"))
    @rule(worker=WORKERS, fate=st.sampled_from(REFUSALS))
    def read_a_refusal_before_the_mark(self, worker: str, fate: Fate) -> None:
        mine = self.workers[worker]
        if not mine.held:
            return
        delivery = mine.held.pop(min(mine.held))
        before = self._rows()[delivery.id]
        attempt = Attempt(fate=fate, reply=Reply(code=550, text="said"), relay="relay:25")
        outcome = settle(attempt, delivery, now=self.now, max_age=MAX_AGE)
        with self.database.write_marks() as connection:
            attempts.record_outcomes(connection, {delivery.id: outcome}, mine.name, now=self.now)
        is_another = before.worker not in ("", mine.name)
        if before.state not in ENDED and not is_another:
            assert self._rows()[delivery.id].state == outcome.state

    @rule(worker=WORKERS, fates=st.lists(FATES, min_size=1, max_size=4))
    def send_some(self, worker: str, fates: list[Fate]) -> None:
        self.claim(worker, len(fates))
        self.ended_rows_change_only_if_they_are_unknown()
        self.hand_over(worker, len(fates))
        for fate in fates:
            self.ended_rows_change_only_if_they_are_unknown()
            self.read_a_reply(worker, fate, has_arrived=True)

    @precondition(lambda self: self._has("kept"))
    @rule(worker=WORKERS)
    def let_refusals_count(self, worker: str) -> None:
        mine = self.workers[worker]
        kept, mine.kept = mine.kept, {}
        with self.database.write_marks() as connection:
            attempts.settle_kept(connection, kept, mine.name, now=self.now)

    @precondition(lambda self: self._has("handed"))
    @rule(worker=WORKERS)
    def lose_the_connection_before_content(self, worker: str) -> None:
        mine = self.workers[worker]
        with self.database.write_marks() as connection:
            attempts.take_marks_back(connection, list(mine.handed), mine.name)
        mine.held |= mine.handed
        mine.handed = {}

    @precondition(lambda self: self._has("held", "handed"))
    @rule(worker=WORKERS, has_arrived=st.booleans())
    def crash(self, worker: str, has_arrived: bool) -> None:
        self.is_one_gone = True
        dead = self.workers[worker]
        self.arrived.update(list(dead.handed) if has_arrived else [])
        dead.lock.__exit__(None, None, None)
        self.workers[worker] = self._start()

    @precondition(lambda self: self._has("held", "handed"))
    @rule(worker=WORKERS, is_seen_again=st.booleans())
    def be_silent_for_longer_than_the_lease(self, worker: str, is_seen_again: bool) -> None:
        name = self.workers[worker].name
        with self.database.write_marks() as connection:
            was_busy = name in releases.busy_workers(connection)
            beat(connection, name, 1)
            seen_at = connection.scalars(
                select(workers.c.seen_at).where(workers.c.name == name)
            ).one()
            past = seen_at - timedelta(seconds=LEASE_S + 60)
            connection.execute(update(workers).where(workers.c.name == name).values(seen_at=past))
            if is_seen_again:
                beat(connection, name, 1)
            is_pausing = self._release_dead(connection)
            is_busy = name in releases.busy_workers(connection)
        # A pause takes back the claims of the living, too.
        assert is_busy == (was_busy and is_seen_again) or (is_pausing and not is_busy)

    @precondition(lambda self: self.is_one_gone)
    @rule()
    def release_the_rows_of_dead_and_hung_workers(self) -> None:
        self.is_one_gone = False
        alive = {worker.name for worker in self.workers.values()}
        with self.database.write_marks() as connection:
            self._release_dead(connection)
            assert releases.busy_workers(connection) <= alive

    @precondition(lambda self: self._has("held"))
    @rule(worker=WORKERS)
    def stop(self, worker: str) -> None:
        mine = self.workers[worker]
        if mine.handed:
            return  # a stopped run ends these first
        mine.held, mine.kept = {}, {}
        with self.database.write_marks() as connection:
            releases.release_workers(connection, (mine.name,), now=self.now)

    # --- subscribers and the clock

    @precondition(lambda self: len(self.gone) < SUBSCRIBERS // 3)
    @rule(subscriber=SUBSCRIBER, why=st.sampled_from(["left", "complained", "bounced"]))
    def leave_or_be_suppressed(self, subscriber: int, why: str) -> None:
        self.gone.add(subscriber)
        with self.database.write() as connection:
            if why == "left":
                subscription = update(subscriptions).where(subscriptions.c.person_id == subscriber)
                connection.execute(subscription.values(state=why))
            else:
                person = update(people).where(people.c.id == subscriber)
                connection.execute(person.values(suppressed=why))

    @rule(time=TIMES)
    def set_the_clock(self, time: datetime) -> None:
        self.now = time

    # --- the operator

    @precondition(lambda self: self._has("held"))
    @rule()
    def pause(self) -> None:
        with self.database.write() as connection:
            was_sending = self._state(connection) == "sending"
            assert approvals.pause(connection, 1, "by hand") == was_sending
        self.is_paused = self.is_paused or was_sending
        assert DeliveryState.CLAIMED not in states(self.database).values() or not was_sending

    @precondition(lambda self: self.is_paused)
    @rule()
    def resume(self) -> None:
        self.is_paused = False
        with self.database.write() as connection:
            was_paused = self._state(connection) == "paused"
            assert approvals.resume(connection, 1) == was_paused

    @precondition(lambda self: self.arrived.total() > SUBSCRIBERS // 2)
    @rule()
    def cancel(self) -> None:
        with self.database.write() as connection:
            is_live = self._state(connection) in ("sending", "paused")
            skipped = approvals.cancel(connection, 1, now=self.now)
            assert (skipped is not None) == is_live
            self.was_closed = self.was_closed or is_live
        assert not is_live or set(states(self.database).values()) <= ENDED | {DeliveryState.HANDING}

    @precondition(lambda self: self._unknown() and self.resent.total() < SUBSCRIBERS)
    @rule()
    def resolve_by_sending_again(self) -> None:
        unknown = self._unknown()
        with self.database.write() as connection:
            if self._state(connection) == "cancelled":
                with pytest.raises(Refused):
                    unknown_deliveries.resend_unknown(connection, 1, now=self.now)
                return
            assert unknown_deliveries.resend_unknown(connection, 1, now=self.now) == len(unknown)
        self.resent.update(unknown)

    @precondition(lambda self: self._unknown())
    @rule()
    def resolve_as_sent(self) -> None:
        unknown = self._unknown()
        self.assumed |= unknown
        with self.database.write() as connection:
            assert unknown_deliveries.assume_sent(connection, 1) == len(unknown)
        self.was_closed = self.was_closed or bool(unknown)  # it moves windows

    @precondition(lambda self: self._unknown())
    @rule()
    def resolve_as_lost(self) -> None:
        unknown = self._unknown()
        with self.database.write() as connection:
            assert unknown_deliveries.assume_lost(connection, 1).count == len(unknown)
        assert all(self._windows()[row] != CUT for row in unknown)

    @precondition(lambda self: self.arrived)
    @rule()
    def close(self) -> None:
        with self.database.write() as connection:
            was_finished = self._state(connection) in ("finished", "cancelled")
            is_closed = closing.read_accounting(connection, 1).is_closed
            closes = closing.close_edition(connection, 1, now=self.now)
            state = self._state(connection)
        if state != "cancelled":
            assert closes == (is_closed and not was_finished)
        if closes:
            self._check_windows()

    # --- what always holds

    @invariant()
    def each_row_is_counted_once(self) -> None:
        with self.database.read() as connection:
            accounting = closing.read_accounting(connection, 1)
        assert accounting.open + accounting.ended == accounting.frozen == SUBSCRIBERS

    @invariant()
    def no_subscriber_gets_two_unless_an_operator_said_so(self) -> None:
        assert all(count <= 1 + self.resent[row] for row, count in self.arrived.items())

    @invariant()
    def only_mails_that_arrived_are_sent(self) -> None:
        for row, state in states(self.database).items():
            assert state is not DeliveryState.SENT or row in self.arrived or row in self.assumed

    @invariant()
    def ended_rows_change_only_if_they_are_unknown(self) -> None:
        after = self._rows()
        for number, row in after.items():
            before = self.before[number]
            old, new = DeliveryState(before.state), DeliveryState(row.state)
            assert new is old or may_follow(old, new), (number, old, new)
            is_over = old in ENDED and old is not DeliveryState.UNKNOWN
            assert row == before or not is_over
            assert (row.ended_at is not None) == (new in ENDED)
        self.before = after

    @invariant()
    def open_rows_are_found_by_the_worker_and_the_time_of_their_next_try(self) -> None:
        pending, deferred = DeliveryState.PENDING, DeliveryState.DEFERRED
        for row in self._rows().values():
            if row.ended_at is None:
                assert (row.next_at is not None) == (row.state == deferred)
                assert row.state == deferred or (row.worker == "") == (row.state == pending)

    @invariant()
    def no_window_moves_before_the_close(self) -> None:
        assert self.was_closed or set(self._windows().values()) == {None}

    def _check_windows(self) -> None:
        """Check that a close moves the windows of those who were reached, and of no others."""
        self.was_closed = True
        after, seen = states(self.database), self._windows()
        none_sent = DeliveryState.SENT not in after.values()
        for row, state in after.items():
            if state is DeliveryState.SENT or (state is DeliveryState.UNKNOWN and not none_sent):
                assert seen[row] == CUT
            elif not self.resent[row]:
                assert seen[row] != CUT

    def _start(self) -> Worker:
        lock = self.database.worker()
        worker = Worker(lock=lock, name=lock.__enter__())
        with self.database.write_marks() as connection:
            beat(connection, worker.name, 1)
        return worker

    def _release_dead(self, connection: Connection) -> bool:
        """Release the rows of gone workers; return whether their crashes paused the edition."""
        fault = releases.release_dead(connection, self.database, now=self.now).fault
        self.is_paused = self.is_paused or bool(fault)
        return bool(fault)

    def _rows(self) -> dict[int, Any]:
        columns = ledger.c
        query = select(
            columns.id,
            columns.state,
            columns.reason,
            columns.reply_code,
            columns.reply_text,
            columns.relay,
            columns.attempts,
            columns.worker,
            columns.next_at,
            columns.ended_at,
        )
        with self.database.read() as connection:
            return {row.id: row for row in connection.execute(query)}

    def _windows(self) -> dict[int, int | None]:
        query = select(subscriptions.c.person_id, subscriptions.c.seen_seq)
        with self.database.read() as connection:
            rows = connection.execute(query.where(subscriptions.c.newsletter == NEWSLETTER))
            return {row.person_id: row.seen_seq for row in rows}

    def _unknown(self) -> set[int]:
        return {row.id for row in self.before.values() if row.state == DeliveryState.UNKNOWN}

    def _has(self, *what: str) -> bool:
        """Return whether a worker has rows of one of these kinds."""
        return any(getattr(worker, each) for worker in self.workers.values() for each in what)

    @staticmethod
    def _state(connection: Connection) -> str | None:
        return connection.execute(select(editions.c.state)).scalar()


class PostgresqlLedgerMachine(LedgerMachine):
    open = staticmethod(_on_postgresql)


def _settings(max_examples: int) -> settings:
    return settings(
        max_examples=max_examples,
        stateful_step_count=50 if IS_PROOF else 30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestLedger = pytest.mark.proof(LedgerMachine.TestCase)
TestLedger.settings = _settings(len(share(range(5000))) if IS_PROOF else 60)
TestPostgresqlLedger = pytest.mark.proof(PostgresqlLedgerMachine.TestCase)
TestPostgresqlLedger.settings = _settings(500 if IS_PROOF else 10)

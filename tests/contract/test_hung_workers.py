"""A worker that hangs: its lease, its rows, and what it does when it runs on; on each engine."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from digest.models import DeliveryState, Outcome, Released, Reply
from digest.store import approvals
from digest.store.attempts import record_outcomes, take_marks_back
from digest.store.claims import claim_due
from digest.store.deliveries import mark_handing
from digest.store.engine import Database
from digest.store.releases import release_dead
from digest.store.tables import deliveries, workers
from digest.store.turns import as_worker, kept_alive
from digest.store.workers import (
    LEASE_S,
    Refusal,
    beat,
    known_workers,
    lease_for,
    list_hung,
    silent_workers,
    why_refused,
)
from tests.support.ledger_rows import NOW, fill_ledger, states

SENT = Outcome(state=DeliveryState.SENT, reply=Reply(code=250, text="ok"), relay="r:25")


@pytest.fixture
def ledger(database: Database) -> Database:
    """Return a ledger with edition 1 frozen for subscribers 1 to 6; rows have the same ids."""
    fill_ledger(database, 6)
    return database


def be_silent(connection: Connection, name: str, seconds: float) -> None:
    """Move the last sign of life of a worker back."""
    seen = connection.scalars(select(workers.c.seen_at).where(workers.c.name == name)).one()
    past = seen - timedelta(seconds=seconds)
    connection.execute(update(workers).where(workers.c.name == name).values(seen_at=past))


def test_a_worker_is_silent_only_after_its_own_lease(ledger: Database) -> None:
    with ledger.write() as connection:
        for name, lease_s in (("short", LEASE_S), ("long", 2 * LEASE_S)):
            beat(connection, name, 1, lease_s=lease_s)
            be_silent(connection, name, LEASE_S - 20)
        assert silent_workers(connection) == frozenset()
        for name in ("short", "long"):
            be_silent(connection, name, 40)
        assert silent_workers(connection) == {"short"}
        beat(connection, "short", 1)
        assert silent_workers(connection) == frozenset()


@pytest.mark.parametrize(("phase_s", "lease_s"), [(30, 900), (600, 900), (1200.5, 1501)])
def test_a_lease_is_longer_than_the_longest_phase(phase_s: float, lease_s: int) -> None:
    assert lease_for(phase_s) == lease_s


def test_rows_of_a_hung_worker_go_to_others_also_while_it_holds_its_lock(
    ledger: Database,
) -> None:
    with ledger.worker() as hung, ledger.write() as connection:
        beat(connection, hung, 1)
        held = [each.id for each in claim_due(connection, 1, hung, now=NOW, most=5).deliveries]
        assert mark_handing(connection, held[:2], hung, now=NOW) == set(held[:2])
        assert release_dead(connection, ledger, now=NOW) == Released()
        be_silent(connection, hung, LEASE_S + 60)
        (named,) = list_hung(connection)
        assert (named.name, named.edition_id, named.holds) == (hung, 1, 5)
        assert "last seen 16 minutes ago, holds 5 mails" in str(named)
        assert release_dead(connection, ledger, now=NOW) == Released(pending=3, unknown=2)
        # Its process still runs, so the operator still sees it.
        assert [each.holds for each in list_hung(connection)] == [0]
    with ledger.write() as connection:
        assert release_dead(connection, ledger, now=NOW) == Released()
        assert known_workers(connection) == frozenset()


def test_workers_that_fell_silent_together_are_listed_by_name(ledger: Database) -> None:
    with ledger.write() as connection:
        for name in ("b", "c", "a"):
            beat(connection, name, 1)
        be_silent(connection, "a", LEASE_S + 60)
        (seen,) = connection.scalars(select(workers.c.seen_at).where(workers.c.name == "a"))
        connection.execute(update(workers).values(seen_at=seen))
        assert [each.name for each in list_hung(connection)] == ["a", "b", "c"]


def test_a_hung_worker_that_runs_on_sends_no_row_of_another(ledger: Database) -> None:
    with ledger.worker() as hung, ledger.worker() as other:
        with ledger.write() as connection:
            beat(connection, hung, 1)
            beat(connection, other, 1)
            held = [each.id for each in claim_due(connection, 1, hung, now=NOW).deliveries]
            mark_handing(connection, held[:1], hung, now=NOW)
            be_silent(connection, hung, LEASE_S + 60)
            release_dead(connection, ledger, now=NOW)
            taken = [each.id for each in claim_due(connection, 1, other, now=NOW).deliveries]
            assert taken == held[1:]
            assert mark_handing(connection, taken[:2], other, now=NOW) == set(taken[:2])
            record_outcomes(connection, {taken[0]: SENT}, other, now=NOW)
        with ledger.write_marks() as connection:
            beat(connection, hung, 1)
            assert mark_handing(connection, held, hung, now=NOW) == frozenset()
            # Its connection has the answer after all, and the others' rows stay as they are.
            record_outcomes(connection, dict.fromkeys(held, SENT), hung, now=NOW)
            take_marks_back(connection, [taken[1]], hung)
            assert list_hung(connection) == ()
    found = states(ledger)
    assert [found[number] for number in held[:3]] == ["sent", "sent", "handing"]
    assert {found[number] for number in held[3:]} == {"claimed"}


def test_a_refused_mark_says_whether_another_has_the_row(ledger: Database) -> None:
    with ledger.write() as connection:
        held = [each.id for each in claim_due(connection, 1, "mine", now=NOW, most=3).deliveries]
        others = claim_due(connection, 1, "other", now=NOW, most=1).deliveries
        gone = {"state": DeliveryState.SKIPPED, "worker": "", "ended_at": NOW}
        connection.execute(update(deliveries).where(deliveries.c.id == held[0]).values(gone))
        taken = others[0].id
        found = why_refused(connection, [held[0], taken])
        assert found == {held[0]: Refusal.SKIPPED, taken: Refusal.TAKEN_OVER}
        approvals.pause(connection, 1, "by hand")
        assert set(why_refused(connection, held).values()) == {Refusal.HELD}


@pytest.mark.anyio
async def test_a_sending_process_gives_signs_until_it_ends(ledger: Database) -> None:
    async with as_worker(ledger) as name, kept_alive(ledger, name, 1, every_s=0.01):
        with ledger.write() as connection:
            be_silent(connection, name, LEASE_S + 60)
            assert silent_workers(connection) == {name}
        for _ in range(500):
            await asyncio.sleep(0.01)
            with ledger.read() as connection:
                if not silent_workers(connection):
                    break
        with ledger.read() as connection:
            assert known_workers(connection) == {name}
            assert not silent_workers(connection)
    with ledger.read() as connection:
        assert known_workers(connection) == frozenset()


@pytest.mark.anyio
async def test_a_loop_that_hangs_gives_no_sign(ledger: Database) -> None:
    async with as_worker(ledger) as name, kept_alive(ledger, name, 1, every_s=0.01):
        time.sleep(0.1)  # noqa: ASYNC251 - the loop hangs; a sign that was asked for comes to its end
        with ledger.write() as connection:
            be_silent(connection, name, LEASE_S + 60)
        time.sleep(0.1)  # noqa: ASYNC251
        with ledger.read() as connection:
            assert silent_workers(connection) == {name}

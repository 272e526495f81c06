"""The count of handed-over mails, the epoch, and what an adoption changes, on each engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from digest.models import LastSlot, Outcome, Slot, SlotState
from digest.models.deliveries import DeliveryState
from digest.store import adoption, clock
from digest.store.claims import claim_due
from digest.store.engine import Database
from digest.store.epoch import Origin, read_epoch, start_epoch
from digest.store.handed import add_handed, last_slots, total_handed
from digest.store.marks import DeliveryMarks
from digest.store.slots import reopen_slot, set_slot_state, take_unreported
from digest.store.tables import editions, slots

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def add_edition(database: Database, number: int, state: str = "sending") -> Slot:
    """Store an edition; those after the first are a week later each."""
    due_at = NOW + (number - 1) * WEEK
    slot = Slot(local_at=f"{due_at:%Y-%m-%dT%H:%M}", due_at=due_at)
    with database.write() as connection:
        set_slot_state(connection, "weekly", "weekly", slot, SlotState.COMPOSED)
        slot_id = connection.execute(
            select(slots.c.id).where(slots.c.local_at == slot.local_at)
        ).scalar_one()
        connection.execute(
            insert(editions).values(
                id=number,
                slot_id=slot_id,
                newsletter="weekly",
                cadence="weekly",
                number=number,
                cut_seq=0,
                state=state,
                snapshot="",
                content_hash="",
                created_at=NOW,
                composed_at=NOW,
                frozen_at=None if state == "draft" else NOW,
            )
        )
    return slot


def test_the_count_is_one_row_a_worker_and_its_sum_only_grows(database: Database) -> None:
    slot, later = add_edition(database, 1, "finished"), add_edition(database, 2)
    with database.write() as connection:
        assert total_handed(connection) == 0
        assert last_slots(connection) == ()
        add_handed(connection, "a", 1, 3, now=NOW)
        add_handed(connection, "b", 1, 2, now=NOW + timedelta(hours=1))
        add_handed(connection, "b", 1, 1, now=NOW + timedelta(hours=2))
    with database.read() as connection:
        assert total_handed(connection) == 6
        (last,) = last_slots(connection)
    assert last == LastSlot(
        newsletter="weekly",
        cadence="weekly",
        local_at=slot.local_at,
        due_at=slot.due_at,
        handed_at=NOW + timedelta(hours=2),
    )
    with database.write() as connection:
        add_handed(connection, "c", 2, 1, now=NOW)
        assert [each.local_at for each in last_slots(connection)] == [later.local_at]


@pytest.mark.anyio
@pytest.mark.parametrize(("counted_for", "total"), [(1, 0), (None, 0)])
async def test_marks_that_were_refused_are_not_counted(
    database: Database, counted_for: int | None, total: int
) -> None:
    add_edition(database, 1)
    async with DeliveryMarks(database, "w", lambda: NOW, counted_for=counted_for) as marks:
        assert not await marks.handing(99)
        marks.outcome(99, Outcome(state=DeliveryState.SENT, reply=None))
        await marks.flush()
        assert not (await marks.write(claim_due, 1, "w", now=NOW)).deliveries
    with database.read() as connection:
        assert total_handed(connection) == total


def test_a_database_keeps_its_first_epoch(database: Database) -> None:
    with database.write() as connection:
        start_epoch(connection, Origin.CREATED)
        first = read_epoch(connection)
        start_epoch(connection, Origin.UPGRADED)
        assert read_epoch(connection) == first
    assert first is not None
    assert (len(first.name), first.origin) == (32, Origin.CREATED)


def test_what_could_still_be_sent_is_given_up_and_what_was_sent_is_not(database: Database) -> None:
    sent, draft = add_edition(database, 1, "finished"), add_edition(database, 2, "draft")
    with database.write() as connection:
        unsent = adoption.unsent_slots(connection, "weekly", "weekly", until=NOW + 9 * WEEK)
        assert unsent == (draft,)
        assert adoption.last_frozen_at(connection, "weekly", "weekly") == sent.due_at
        given_up = adoption.give_up_slot(connection, "weekly", "weekly", draft, now=NOW)
        assert (given_up.local_at, given_up.edition_id) == (draft.local_at, 2)
        assert adoption.unsent_slots(connection, "weekly", "weekly", until=draft.due_at) == (draft,)
        assert adoption.given_up_slots(connection, "weekly", "weekly") == {draft.local_at}
        reopen_slot(connection, "weekly", "weekly", draft.local_at)
        assert take_unreported(connection, ("weekly",), now=NOW + 9 * WEEK) == ()
        assert adoption.given_up_slots(connection, "weekly", "weekly") == {draft.local_at}


def test_editions_being_sent_are_paused(database: Database) -> None:
    add_edition(database, 1, "finished")
    add_edition(database, 2)
    with database.write() as connection:
        assert adoption.pause_sending(connection) == (2,)
        assert adoption.pause_sending(connection) == ()
        assert adoption.move_windows_to_now(connection) == 0


def test_a_missed_slot_is_reported_once_and_again_after_it_was_due_again(
    database: Database,
) -> None:
    slot = Slot(local_at="2026-11-23T07:00", due_at=NOW)

    def miss() -> None:
        set_slot_state(connection, "weekly", "weekly", slot, SlotState.MISSED, reason="late")

    with database.write() as connection:
        miss()
        assert take_unreported(connection, ("weekly",), now=NOW - WEEK) == ()
        (found,) = take_unreported(connection, ("weekly",), now=NOW)
        assert (found.reason, found.may_return) == ("late", True)
        assert take_unreported(connection, ("weekly",), now=NOW) == ()
        reopen_slot(connection, "weekly", "weekly", slot.local_at)
        assert take_unreported(connection, ("weekly",), now=NOW) == ()
        miss()
        assert len(take_unreported(connection, ("weekly", "other"), now=NOW)) == 1


def test_the_latest_time_is_kept_and_a_doubt_with_it(database: Database) -> None:
    with database.write() as connection:
        assert clock.latest_time(connection) is None
        clock.save_time(connection, NOW)
        assert (clock.latest_time(connection), clock.doubted_at(connection)) == (NOW, None)
        clock.save_doubt(connection, NOW, NOW + 104 * WEEK)
        assert clock.doubted_at(connection) == NOW + 104 * WEEK
        clock.save_time(connection, NOW + WEEK)
        assert (clock.latest_time(connection), clock.doubted_at(connection)) == (NOW + WEEK, None)


def test_before_a_service_ran_the_latest_change_is_the_latest_time(database: Database) -> None:
    add_edition(database, 1)
    with database.read() as connection:
        assert clock.latest_time(connection) == NOW

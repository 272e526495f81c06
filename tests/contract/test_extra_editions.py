"""Stored editions beside the calendar, and those that are not sent yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, update

from digest.models import EditionState, Slot
from digest.store import approvals, drafts, editions
from digest.store.drafts import SavedDraft, save_draft
from digest.store.engine import Database
from digest.store.slots import list_slots, recent_slots
from digest.store.tables import editions as table

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONDAY = Slot(local_at="2026-11-23T07:00", due_at=datetime(2026, 11, 23, 7, tzinfo=UTC))
TUESDAY = Slot(local_at="2026-11-24T07:00", due_at=datetime(2026, 11, 24, 7, tzinfo=UTC))
#: The same wall clock as a slot of the calendar.
EXTRA = Slot(local_at=MONDAY.local_at, due_at=MONDAY.due_at, is_extra=True)
#: The longest name of a cadence.
LONG = "w" * 64


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """Return a connection to an empty database."""
    with database.write() as connection:
        yield connection


def save(
    connection: Connection, slot: Slot, content: str = "first", *, cadence: str = LONG
) -> SavedDraft:
    return save_draft(
        connection,
        newsletter="paper",
        cadence=cadence,
        slot=slot,
        number=editions.next_number(connection, "paper", cadence, is_extra=slot.is_extra),
        cut_seq=40,
        snapshot="{}",
        content_hash=content,
        now=NOW,
    )


def freeze(connection: Connection, edition_id: int, content: str = "first") -> None:
    assert editions.start_sending(
        connection,
        edition_id,
        content_hash=content,
        approved_hash="any",
        key_id="k",
        sender="a@b.example",
        identity="",
        frozen_count=1,
        first_at=NOW,
        now=NOW,
    )


def test_an_extra_draft_and_the_one_of_the_same_minute_are_two(connection: Connection) -> None:
    planned, extra = save(connection, MONDAY), save(connection, EXTRA)
    assert (planned.edition_id, extra.edition_id, extra.cancelled) == (1, 2, ())
    assert save(connection, MONDAY).cancelled == ()
    found = drafts.live_draft(connection, "paper", LONG)
    beside = drafts.live_draft(connection, "paper", LONG, is_extra=True)
    assert found is not None
    assert beside is not None
    assert (found.id, found.is_extra, beside.id, beside.is_extra) == (1, False, 2, True)
    assert [found.number, beside.number] == [1, 2]
    draft = drafts.open_draft(connection, "paper", LONG)
    assert draft is not None
    assert draft.id == 1


def test_an_extra_edition_is_no_slot_of_the_calendar(connection: Connection) -> None:
    extra = save(connection, EXTRA)
    assert list_slots(connection, "paper", LONG) == ()
    assert recent_slots(connection, ["paper"], since=NOW) == ()
    freeze(connection, extra.edition_id)
    assert not editions.has_frozen_edition(connection, "paper", LONG, EXTRA.local_at)
    assert editions.has_frozen_edition(connection, "paper", LONG, EXTRA.local_at, is_extra=True)
    assert editions.frozen_after(connection, "paper", LONG, NOW) == ()
    (facts,) = recent_slots(connection, ["paper"], since=NOW)
    assert facts.cadence.startswith("www")


def test_an_extra_edition_is_named_as_one_in_alerts(connection: Connection) -> None:
    freeze(connection, save(connection, EXTRA, cadence="weekly").edition_id)
    (facts,) = recent_slots(connection, ["paper"], since=NOW)
    assert facts.cadence == "weekly, extra"


def test_an_extra_draft_without_content_is_taken_back_alone(connection: Connection) -> None:
    save(connection, MONDAY)
    save(connection, EXTRA)
    drafts.take_back(connection, "paper", LONG, EXTRA)
    assert [each.id for each in editions.unsent_editions(connection, "paper")] == [1]


def test_the_draft_of_another_slot_is_cancelled_and_returned(connection: Connection) -> None:
    save(connection, TUESDAY)
    approvals.approve(connection, 1, content_hash="first", approved_hash="anna")
    (old,) = save(connection, MONDAY).cancelled
    assert (old.id, old.hour, old.approved_hash) == (1, "2026-11-24 07:00", "anna")
    states = {slot.local_at: slot.state for slot in list_slots(connection, "paper", LONG)}
    assert states == {MONDAY.local_at: "composed", TUESDAY.local_at: "due"}
    assert [each.id for each in save(connection, TUESDAY).cancelled] == [2]
    states = {slot.local_at: slot.state for slot in list_slots(connection, "paper", LONG)}
    assert states[MONDAY.local_at] == "missed"


def test_other_content_voids_an_approval_and_the_same_does_not(connection: Connection) -> None:
    save(connection, MONDAY)
    assert not save(connection, MONDAY, "second").is_void  # it was not approved
    approvals.approve(connection, 1, content_hash="second", approved_hash="anna")
    assert not save(connection, MONDAY, "second").is_void
    assert save(connection, MONDAY, "third").is_void


def test_a_slot_whose_edition_was_cancelled_after_the_freeze_stays_used(
    connection: Connection,
) -> None:
    freeze(connection, save(connection, MONDAY).edition_id)
    approvals.cancel(connection, 1, now=NOW)
    assert editions.has_frozen_edition(connection, "paper", LONG, MONDAY.local_at)


def test_the_unsent_editions_are_in_order(connection: Connection) -> None:
    save(connection, MONDAY)
    save(connection, EXTRA)
    save(connection, MONDAY, cadence="daily")
    freeze(connection, 1)
    approvals.pause(connection, 2, "a look")
    found = [(each.id, each.state) for each in editions.unsent_editions(connection, "paper")]
    assert found == [
        (1, EditionState.SENDING),
        (2, EditionState.PAUSED),
        (3, EditionState.DRAFT),
    ]
    connection.execute(update(table).values(state=EditionState.FINISHED))
    assert editions.unsent_editions(connection, "paper") == ()


def test_the_frozen_editions_of_future_slots_are_found(connection: Connection) -> None:
    freeze(connection, save(connection, MONDAY).edition_id)
    (used,) = editions.frozen_after(connection, "paper", LONG, NOW)
    assert (used.id, used.local_at, used.first_at) == (1, MONDAY.local_at, NOW)
    assert editions.frozen_after(connection, "paper", LONG, NOW + timedelta(days=1)) == ()

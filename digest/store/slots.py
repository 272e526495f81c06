"""Slots on record: what is announced, and what became of those that passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from digest.scheduler.agenda import SlotState
from digest.scheduler.slots import Slot
from digest.store.dialect import insert_for
from digest.store.tables import editions, slots


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSlot:
    """A slot's row."""

    newsletter: str
    cadence: str
    #: Wall clock in the newsletter's zone, `2026-11-23T07:00`.
    local_at: str
    due_at: datetime
    state: SlotState


def get_slot(
    connection: Connection, newsletter: str, cadence: str, local_at: str
) -> StoredSlot | None:
    """Give one slot; None where it was never on record."""
    found = _list(connection, _is_slot(newsletter, cadence, local_at), most=1)
    return found[0] if found else None


def list_slots(
    connection: Connection, newsletter: str, cadence: str, *, most: int = 50
) -> tuple[StoredSlot, ...]:
    """Give the newest slots of a cadence, newest first."""
    return _list(connection, _is_of(newsletter, cadence), most=most)


def announce_slot(connection: Connection, newsletter: str, cadence: str, slot: Slot) -> None:
    """Put a slot on record as due; one that is there stays as it is."""
    new = insert_for(connection, slots).values(
        newsletter=newsletter,
        cadence=cadence,
        local_at=slot.local_at,
        due_at=slot.due_at,
        state=SlotState.DUE,
    )
    connection.execute(new.on_conflict_do_nothing())


def set_slot_state(
    connection: Connection, newsletter: str, cadence: str, slot: Slot, state: SlotState
) -> None:
    """Write what became of a slot."""
    new = insert_for(connection, slots).values(
        newsletter=newsletter,
        cadence=cadence,
        local_at=slot.local_at,
        due_at=slot.due_at,
        state=state,
    )
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["newsletter", "cadence", "local_at"], set_={"state": state}
        )
    )


def withdraw_slot(connection: Connection, newsletter: str, cadence: str, local_at: str) -> None:
    """Take a slot off the record that was announced, and of which nothing was ever made."""
    is_used = select(editions.c.id).where(editions.c.slot_id == slots.c.id).exists()
    connection.execute(
        delete(slots).where(
            _is_slot(newsletter, cadence, local_at), slots.c.state == SlotState.DUE, ~is_used
        )
    )


def _is_of(newsletter: str, cadence: str) -> ColumnElement[bool]:
    return and_(slots.c.newsletter == newsletter, slots.c.cadence == cadence)


def _is_slot(newsletter: str, cadence: str, local_at: str) -> ColumnElement[bool]:
    return and_(_is_of(newsletter, cadence), slots.c.local_at == local_at)


def _list(
    connection: Connection, wanted: ColumnElement[bool], *, most: int
) -> tuple[StoredSlot, ...]:
    columns = (slots.c[name] for name in StoredSlot.__slots__)
    query = select(*columns).where(wanted).order_by(slots.c.due_at.desc()).limit(most)
    return tuple(
        StoredSlot(**{**row, "state": SlotState(row["state"])})
        for row in connection.execute(query).mappings()
    )

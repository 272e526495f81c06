"""Makes a database that was put back or copied safe to send from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, true, update

from digest.models import RESTORED, EditionState, Slot, SlotState
from digest.store import approvals
from digest.store.counters import last_seq
from digest.store.editions import IS_FROZEN
from digest.store.slots import set_slot_state
from digest.store.tables import editions, slots
from subscribers.tables import subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUpSlot:
    """A slot that is recorded as missed because its mail may have left."""

    newsletter: str
    cadence: str
    #: Local time in the newsletter's zone, such as `2026-11-23T07:00`.
    local_at: str
    #: The draft that was cancelled with it; None if it had none.
    edition_id: int | None


def last_frozen_at(connection: Connection, newsletter: str, cadence: str) -> datetime | None:
    """Return when the newest slot of a cadence with a frozen edition was due; None if none is."""
    query = (
        select(slots.c.due_at)
        .join(editions, editions.c.slot_id == slots.c.id)
        .where(slots.c.newsletter == newsletter, slots.c.cadence == cadence, IS_FROZEN)
        .order_by(slots.c.due_at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def given_up_slots(connection: Connection, newsletter: str, cadence: str) -> frozenset[str]:
    """Return the local times of the slots that were given up."""
    query = select(slots.c.local_at).where(
        slots.c.newsletter == newsletter, slots.c.cadence == cadence, slots.c.reason == RESTORED
    )
    return frozenset(connection.execute(query).scalars())


def unsent_slots(
    connection: Connection, newsletter: str, cadence: str, *, until: datetime
) -> tuple[Slot, ...]:
    """Return the stored slots due until then whose edition could still be sent, oldest first.

    Slots on record as empty or missed count only after the newest frozen edition: a command may
    take those up again.
    """
    frozen = last_frozen_at(connection, newsletter, cadence)
    is_open = slots.c.state.not_in((SlotState.EMPTY, SlotState.MISSED))
    was_sent = (
        select(editions.c.id)
        .where(editions.c.slot_id == slots.c.id, editions.c.frozen_at.is_not(None))
        .exists()
    )
    rows = connection.execute(
        select(slots.c.local_at, slots.c.due_at)
        .where(
            slots.c.newsletter == newsletter,
            slots.c.cadence == cadence,
            slots.c.due_at <= until,
            ~was_sent,
            or_(is_open, slots.c.due_at > frozen) if frozen else true(),
        )
        .order_by(slots.c.due_at, slots.c.id)
    )
    return tuple(Slot(local_at=row.local_at, due_at=row.due_at) for row in rows)


def give_up_slot(
    connection: Connection, newsletter: str, cadence: str, slot: Slot, *, now: datetime
) -> GivenUpSlot:
    """Record a slot as missed for good, and cancel its draft."""
    set_slot_state(connection, newsletter, cadence, slot, SlotState.MISSED)
    is_slot = and_(
        slots.c.newsletter == newsletter,
        slots.c.cadence == cadence,
        slots.c.local_at == slot.local_at,
    )
    draft = connection.execute(
        select(editions.c.id)
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(is_slot, editions.c.state != EditionState.CANCELLED)
    ).scalar()
    if draft is not None:
        approvals.cancel(connection, draft, now=now)
    # The operator who adopts the database gets the list, so no alert is needed.
    connection.execute(update(slots).where(is_slot).values(reason=RESTORED, is_reported=True))
    return GivenUpSlot(
        newsletter=newsletter, cadence=cadence, local_at=slot.local_at, edition_id=draft
    )


def pause_sending(connection: Connection) -> tuple[int, ...]:
    """Pause every edition that is being sent; return their ids."""
    query = select(editions.c.id).where(editions.c.state == EditionState.SENDING)
    ids = tuple(connection.execute(query.order_by(editions.c.id)).scalars())
    for edition_id in ids:
        approvals.pause(connection, edition_id, RESTORED)
    return ids


def move_windows_to_now(connection: Connection) -> int:
    """Move every subscriber's window to the newest post known; return the number moved."""
    newest = last_seq(connection)
    is_behind = or_(subscriptions.c.seen_seq.is_(None), subscriptions.c.seen_seq < newest)
    return connection.execute(
        update(subscriptions).where(is_behind).values(seen_seq=newest)
    ).rowcount

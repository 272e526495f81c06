"""Stored slots: the announced ones, and the state of the past ones.

An edition beside the calendar has a row here too, under the cadence's name with a mark that no
configured name can have. So it never counts as a slot of the schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Result,
    and_,
    delete,
    exists,
    or_,
    select,
    update,
)

from digest.models import RESTORED, DeliveryState, EditionState, Slot, SlotFacts, SlotState
from digest.store.dialect import insert_for
from digest.store.tables import deliveries, editions, slots

_EXTRA = "+"


def slot_cadence(cadence: str, *, is_extra: bool) -> str:
    """Return the name under which slots of a cadence are stored."""
    return f"{_EXTRA}{cadence}"[:64] if is_extra else cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSlot:
    """The row of a slot."""

    newsletter: str
    cadence: str
    #: Local time in the newsletter's zone, such as `2026-11-23T07:00`.
    local_at: str
    due_at: datetime
    state: SlotState
    #: Why it was missed; empty if it was cancelled by an editor, or was not missed.
    reason: str = ""

    @property
    def may_return(self) -> bool:
        """Whether it was missed by the clock alone: then it is due again if its hour is ahead."""
        return self.state is SlotState.MISSED and self.reason not in ("", RESTORED)


_COLUMNS = tuple(slots.c[name] for name in StoredSlot.__slots__)


def list_slots(
    connection: Connection,
    newsletter: str,
    cadence: str,
    *,
    most: int = 50,
    until: datetime | None = None,
) -> tuple[StoredSlot, ...]:
    """Return the newest slots of a cadence that are due until then, newest first."""
    is_wanted = _is_of(newsletter, cadence)
    if until is not None:
        is_wanted = and_(is_wanted, slots.c.due_at <= until)
    return _list(connection, is_wanted, most=most)


def announce_slot(connection: Connection, newsletter: str, cadence: str, slot: Slot) -> None:
    """Store a slot as due; a slot that is already stored does not change."""
    new = insert_for(connection, slots).values(
        newsletter=newsletter,
        cadence=cadence,
        local_at=slot.local_at,
        due_at=slot.due_at,
        state=SlotState.DUE,
    )
    connection.execute(new.on_conflict_do_nothing())


def set_slot_state(
    connection: Connection,
    newsletter: str,
    cadence: str,
    slot: Slot,
    state: SlotState,
    *,
    reason: str = "",
) -> None:
    """Store the state of a slot, and why it was missed."""
    changes = {"state": state, "reason": reason, "is_reported": False}
    new = insert_for(connection, slots).values(
        newsletter=newsletter,
        cadence=cadence,
        local_at=slot.local_at,
        due_at=slot.due_at,
        **changes,
    )
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["newsletter", "cadence", "local_at"], set_=changes
        )
    )


def reopen_slot(connection: Connection, newsletter: str, cadence: str, local_at: str) -> None:
    """Make a slot due again that was missed by a clock that was ahead."""
    is_wrong = and_(slots.c.state == SlotState.MISSED, slots.c.reason.not_in(("", RESTORED)))
    connection.execute(
        update(slots)
        .where(_is_slot(newsletter, cadence, local_at), is_wrong)
        .values(state=SlotState.DUE, reason="", is_reported=False)
    )


def is_given_up(connection: Connection, newsletter: str, cadence: str, local_at: str) -> bool:
    """Return whether a slot's mail may have left before the database was restored."""
    is_it = _is_slot(newsletter, cadence, local_at)
    is_lost = and_(slots.c.state == SlotState.MISSED, slots.c.reason == RESTORED)
    return bool(connection.scalar(select(exists().where(is_it, is_lost))))


def unreported_slots(
    connection: Connection, newsletters: Sequence[str], *, now: datetime
) -> tuple[StoredSlot, ...]:
    """Return the missed slots whose hour has come and that were not reported yet, oldest first."""
    query = select(*_COLUMNS).where(_is_unreported(newsletters, now))
    return _stored(connection.execute(query.order_by(slots.c.due_at, slots.c.id)))


def take_unreported(
    connection: Connection, newsletters: Sequence[str], *, now: datetime
) -> tuple[StoredSlot, ...]:
    """Return the unreported slots, which count as reported from now on."""
    found = unreported_slots(connection, newsletters, now=now)
    is_unreported = _is_unreported(newsletters, now)
    connection.execute(update(slots).where(is_unreported).values(is_reported=True))
    return found


def _is_unreported(newsletters: Sequence[str], now: datetime) -> ColumnElement[bool]:
    return and_(
        slots.c.newsletter.in_(newsletters),
        slots.c.state == SlotState.MISSED,
        slots.c.is_reported.is_(False),
        slots.c.due_at <= now,
    )


def withdraw_slot(connection: Connection, newsletter: str, cadence: str, local_at: str) -> None:
    """Delete an announced slot for which no edition was ever composed."""
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
    query = select(*_COLUMNS).where(wanted).order_by(slots.c.due_at.desc(), slots.c.id.desc())
    return _stored(connection.execute(query.limit(most)))


def _stored(rows: Result[Any]) -> tuple[StoredSlot, ...]:
    return tuple(StoredSlot(**{**row, "state": SlotState(row["state"])}) for row in rows.mappings())


def recent_slots(
    connection: Connection, newsletters: Sequence[str], *, since: datetime
) -> tuple[SlotFacts, ...]:
    """Return the stored slots due since then, oldest first, including future ones.

    An extra edition is left out before its freeze, because it has no hour to miss.
    """
    is_live = and_(editions.c.slot_id == slots.c.id, editions.c.state != EditionState.CANCELLED)
    is_out = exists().where(
        deliveries.c.edition_id == editions.c.id, deliveries.c.state == DeliveryState.SENT
    )
    rows = connection.execute(
        select(
            slots,
            editions.c.id.label("edition_id"),
            editions.c.state.label("edition_state"),
            editions.c.paused_reason,
            is_out.label("is_out"),
        )
        .outerjoin_from(slots, editions, is_live)
        .where(
            slots.c.newsletter.in_(newsletters),
            slots.c.due_at >= since,
            or_(~slots.c.cadence.startswith(_EXTRA), editions.c.frozen_at.is_not(None)),
        )
        .order_by(slots.c.due_at, slots.c.id)
    )
    return tuple(
        SlotFacts(
            newsletter=row.newsletter,
            cadence=_shown(row.cadence),
            local_at=row.local_at,
            due_at=row.due_at,
            state=row.state,
            edition_id=row.edition_id,
            edition_state=EditionState(row.edition_state) if row.edition_state else None,
            paused_reason=row.paused_reason or "",
            is_out=bool(row.is_out),
        )
        for row in rows
    )


def _shown(cadence: str) -> str:
    """Return a stored cadence for people."""
    name = cadence.removeprefix(_EXTRA)
    return name if name == cadence else f"{name}, extra"

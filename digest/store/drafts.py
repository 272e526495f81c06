"""Stored drafts, the editions that are not frozen yet, and their slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, select, update

from digest.models import EditionState, EventKind, Slot, StoredEdition
from digest.store.editions import (
    IS_DRAFT,
    OPEN,
    edition_of,
    edition_query,
    first_edition,
    is_of_cadence,
)
from digest.store.events import add_edition_event
from digest.store.slots import slot_cadence
from digest.store.tables import editions, slots


def open_draft(connection: Connection, newsletter: str, cadence: str) -> StoredEdition | None:
    """Return the draft of a slot of a cadence; None if there is none or it is paused."""
    return first_edition(connection, is_of_cadence(newsletter, cadence), editions.c.state.in_(OPEN))


def live_draft(
    connection: Connection, newsletter: str, cadence: str, *, is_extra: bool = False
) -> StoredEdition | None:
    """Return the draft of a cadence, also if it is paused; None if there is none.

    `is_extra` is for the draft beside the calendar; a cadence may have both.
    """
    return first_edition(
        connection, is_of_cadence(newsletter, cadence, is_extra=is_extra), IS_DRAFT
    )


def all_drafts(connection: Connection) -> tuple[StoredEdition, ...]:
    """Return the drafts of all newsletters, also the paused ones, oldest first."""
    rows = connection.execute(
        edition_query(IS_DRAFT).order_by(None).order_by(editions.c.id)
    ).mappings()
    return tuple(map(edition_of, rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDraft:
    """The result of `save_draft`."""

    edition_id: int
    #: Whether its content differs from the earlier draft of the slot.
    is_changed: bool
    #: Whether the earlier draft was approved, and this content is not.
    is_void: bool = False
    #: Drafts of other slots that were cancelled.
    cancelled: tuple[StoredEdition, ...] = ()


def save_draft(
    connection: Connection,
    *,
    newsletter: str,
    cadence: str,
    slot: Slot,
    number: int,
    cut_seq: int,
    snapshot: str,
    content_hash: str,
    now: datetime,
    typed: str = "",
    is_edited: bool = False,
) -> SavedDraft:
    """Store the draft of a slot; replace the draft that the slot already has.

    Drafts of other slots are cancelled; earlier slots become `missed` because this draft has their
    posts. A draft beside the calendar and those of the calendar leave each other alone. The same
    content keeps its approval; other content voids it. A paused draft stays paused.
    """
    slot_id = _file_slot(connection, newsletter, cadence, slot)
    cancelled = _cancel_other_drafts(connection, newsletter, cadence, slot, slot_id)
    draft = first_edition(connection, editions.c.slot_id == slot_id, IS_DRAFT)
    if draft is not None and draft.content_hash == content_hash:
        fresh = update(editions).where(editions.c.id == draft.id)
        connection.execute(fresh.values(composed_at=now, typed=typed, is_edited=is_edited))
        return SavedDraft(edition_id=draft.id, is_changed=False, cancelled=cancelled)
    content = {
        "number": number,
        "cut_seq": cut_seq,
        "approved_hash": "",
        "snapshot": snapshot,
        "content_hash": content_hash,
        "composed_at": now,
        "typed": typed,
        "is_edited": is_edited,
    }
    if draft is not None:
        state = EditionState.PAUSED if draft.state is EditionState.PAUSED else EditionState.DRAFT
        changed = update(editions).where(editions.c.id == draft.id, IS_DRAFT)
        connection.execute(changed.values(state=state, **content))
        if draft.approved_hash:
            add_edition_event(connection, EventKind.EDITION_WAITING, draft.id, is_void=True)
        return SavedDraft(
            edition_id=draft.id,
            is_changed=True,
            is_void=bool(draft.approved_hash),
            cancelled=cancelled,
        )
    new = editions.insert().values(
        **content,
        newsletter=newsletter,
        cadence=cadence,
        slot_id=slot_id,
        is_extra=slot.is_extra,
        state=EditionState.DRAFT,
        created_at=now,
    )
    edition_id = int(connection.execute(new.returning(editions.c.id)).scalar_one())
    add_edition_event(connection, EventKind.EDITION_WAITING, edition_id, is_void=False)
    return SavedDraft(edition_id=edition_id, is_changed=True, cancelled=cancelled)


def take_back(connection: Connection, newsletter: str, cadence: str, slot: Slot) -> None:
    """Cancel the draft of a slot because no content is left; the slot becomes due again."""
    taken = connection.execute(
        update(editions)
        .where(
            editions.c.slot_id.in_(
                select(slots.c.id).where(
                    slots.c.newsletter == newsletter,
                    slots.c.cadence == slot_cadence(cadence, is_extra=slot.is_extra),
                    slots.c.local_at == slot.local_at,
                )
            ),
            IS_DRAFT,
        )
        .values(state=EditionState.CANCELLED)
        .returning(editions.c.slot_id)
    )
    given_up = taken.scalars().all()
    connection.execute(update(slots).where(slots.c.id.in_(given_up)).values(state="due"))


def replace_snapshot(
    connection: Connection, before: StoredEdition, snapshot: str, content_hash: str
) -> None:
    """Replace the content of a draft if it is still as `before`; this voids its approval.

    A paused draft stays paused.
    """
    if before.content_hash == content_hash:
        return
    is_paused = editions.c.state == EditionState.PAUSED
    connection.execute(
        update(editions)
        .where(
            editions.c.id == before.id,
            IS_DRAFT,
            editions.c.content_hash == before.content_hash,
        )
        .values(
            snapshot=snapshot,
            content_hash=content_hash,
            approved_hash="",
            state=case((is_paused, EditionState.PAUSED), else_=EditionState.DRAFT),
        )
    )


def _file_slot(connection: Connection, newsletter: str, cadence: str, slot: Slot) -> int:
    name = slot_cadence(cadence, is_extra=slot.is_extra)
    found = connection.execute(
        select(slots.c.id).where(
            slots.c.newsletter == newsletter,
            slots.c.cadence == name,
            slots.c.local_at == slot.local_at,
        )
    ).scalar()
    if found is not None:
        connection.execute(update(slots).where(slots.c.id == found).values(state="composed"))
        return int(found)
    new = slots.insert().values(
        newsletter=newsletter,
        cadence=name,
        local_at=slot.local_at,
        due_at=slot.due_at,
        state="composed",
    )
    return int(connection.execute(new.returning(slots.c.id)).scalar_one())


def _cancel_other_drafts(
    connection: Connection, newsletter: str, cadence: str, slot: Slot, slot_id: int
) -> tuple[StoredEdition, ...]:
    """Cancel the drafts of the cadence's other slots, and return them as they were."""
    stale = and_(
        is_of_cadence(newsletter, cadence, is_extra=slot.is_extra),
        editions.c.slot_id != slot_id,
        IS_DRAFT,
    )
    given_up = tuple(map(edition_of, connection.execute(edition_query(stale)).mappings()))
    if given_up:
        ids = [each.id for each in given_up]
        connection.execute(
            update(editions).where(editions.c.id.in_(ids)).values(state=EditionState.CANCELLED)
        )
        # The slot of a draft for a later time becomes due again.
        state = case((slots.c.due_at > slot.due_at, "due"), else_="missed")
        left = [each.slot_id for each in given_up]
        connection.execute(update(slots).where(slots.c.id.in_(left)).values(state=state))
    return given_up

"""Editions, their slots and their variants, as stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, func, or_, select, update

from digest.models import EditionState, Slot, StoredEdition
from digest.store.tables import editions, slots

#: Not yet sent, and still to be changed.
OPEN = (EditionState.DRAFT, EditionState.APPROVED)
#: From the freeze on, an edition's posts count as told; a draft that is paused is not frozen.
IS_FROZEN = and_(editions.c.frozen_at.is_not(None), editions.c.state != EditionState.CANCELLED)
#: On the desk: a draft, approved or not, perhaps paused.
IS_DRAFT = and_(editions.c.frozen_at.is_(None), editions.c.state.in_((*OPEN, EditionState.PAUSED)))


# --- reading ------------------------------------------------------------------------------------


def get_edition(connection: Connection, edition_id: int) -> StoredEdition | None:
    """Give one edition; None where there is none of that number."""
    return _first(connection, editions.c.id == edition_id)


def newest_edition(
    connection: Connection, newsletter: str, states: Sequence[EditionState]
) -> StoredEdition | None:
    """Give the newest edition of a newsletter that stands in one of `states`."""
    return _first(connection, editions.c.newsletter == newsletter, editions.c.state.in_(states))


def open_draft(connection: Connection, newsletter: str, cadence: str) -> StoredEdition | None:
    """Give the draft of a cadence that waits to be sent; None where there is none, or is paused."""
    return _first(
        connection,
        editions.c.newsletter == newsletter,
        editions.c.cadence == cadence,
        editions.c.state.in_(OPEN),
    )


def list_editions(
    connection: Connection, newsletter: str | None = None, *, most: int = 50
) -> tuple[StoredEdition, ...]:
    """Give the newest editions, newest first; of every newsletter where none is named."""
    wanted = [editions.c.newsletter == newsletter] if newsletter else []
    found = connection.execute(_query(*wanted).limit(most)).mappings()
    return tuple(map(_edition, found))


def last_cut(connection: Connection, newsletter: str, cadence: str) -> int | None:
    """Give the cut of the newest frozen edition of a cadence; None before the first."""
    query = select(func.max(editions.c.cut_seq)).where(
        editions.c.newsletter == newsletter, editions.c.cadence == cadence, IS_FROZEN
    )
    return connection.execute(query).scalar()


def has_frozen_edition(
    connection: Connection, newsletter: str, cadence: str, local_at: str
) -> bool:
    """Whether the slot of that name has an edition that left the desk."""
    query = (
        select(editions.c.id)
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(
            slots.c.newsletter == newsletter,
            slots.c.cadence == cadence,
            slots.c.local_at == local_at,
            IS_FROZEN,
        )
    )
    return connection.execute(query).first() is not None


def has_any_frozen(connection: Connection, newsletter: str) -> bool:
    """Whether an edition of any cadence of the newsletter has left the desk."""
    query = select(editions.c.id).where(editions.c.newsletter == newsletter, IS_FROZEN).limit(1)
    return connection.execute(query).first() is not None


def next_number(connection: Connection, newsletter: str, cadence: str) -> int:
    """Give the number of a cadence's next edition, from 1, counted over all of a newsletter's.

    A draft keeps the number it has, so that a refresh changes nothing that was approved.
    """
    ours = and_(editions.c.newsletter == newsletter, editions.c.cadence == cadence, IS_DRAFT)
    kept = connection.execute(select(func.max(editions.c.number)).where(ours)).scalar()
    if kept is not None:
        return int(kept)
    is_taken = or_(editions.c.frozen_at.is_not(None), IS_DRAFT)
    highest = connection.execute(
        select(func.max(editions.c.number)).where(editions.c.newsletter == newsletter, is_taken)
    ).scalar()
    return int(highest or 0) + 1


def live_draft(connection: Connection, newsletter: str, cadence: str) -> StoredEdition | None:
    """Give the draft of a cadence that was not sent yet, also where it is paused."""
    return _first(
        connection,
        editions.c.newsletter == newsletter,
        editions.c.cadence == cadence,
        IS_DRAFT,
    )


def editions_between(
    connection: Connection, newsletter: str, start: str, end: str
) -> tuple[StoredEdition, ...]:
    """Give the editions with a slot from `start` on and before `end`, the earliest slot first.

    Both are wall clock, or days of it: `2026-11-23`. Cancelled editions are left out.
    """
    query = _query(
        editions.c.newsletter == newsletter,
        editions.c.state != EditionState.CANCELLED,
        slots.c.local_at >= start,
        slots.c.local_at < end,
    ).order_by(None)
    found = connection.execute(query.order_by(slots.c.local_at, editions.c.id)).mappings()
    return tuple(map(_edition, found))


def number_before(connection: Connection, newsletter: str, when: datetime) -> int:
    """Give the number of the newest edition that was due before then; 0 where none was."""
    query = (
        select(func.max(editions.c.number))
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(editions.c.newsletter == newsletter, slots.c.due_at < when, IS_FROZEN)
    )
    return int(connection.execute(query).scalar() or 0)


def last_audience(connection: Connection, newsletter: str, cadence: str) -> int:
    """Return how many subscribers a cadence's newest frozen edition went to; 0 before it."""
    query = (
        select(editions.c.frozen_count)
        .where(editions.c.newsletter == newsletter, editions.c.cadence == cadence, IS_FROZEN)
        .order_by(editions.c.frozen_at.desc())
        .limit(1)
    )
    return int(connection.execute(query).scalar() or 0)


# --- writing ------------------------------------------------------------------------------------


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
) -> tuple[int, bool]:
    """File a draft under its slot, in place of the draft that lies there.

    Drafts of other slots are cancelled, those of earlier slots for good: their posts are in this.
    The same content keeps its approval; other content voids it. A paused draft stays paused.

    Returns:
        The edition's id, and whether its content differs from the draft that was there.
    """
    slot_id = _file_slot(connection, newsletter, cadence, slot)
    _cancel_other_drafts(connection, newsletter, cadence, slot_id)
    draft = _first(connection, editions.c.slot_id == slot_id, IS_DRAFT)
    if draft is not None and draft.content_hash == content_hash:
        fresh = update(editions).where(editions.c.id == draft.id)
        connection.execute(fresh.values(composed_at=now, typed=typed, is_edited=is_edited))
        return draft.id, False
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
        return draft.id, True
    new = editions.insert().values(
        **content,
        newsletter=newsletter,
        cadence=cadence,
        slot_id=slot_id,
        state=EditionState.DRAFT,
        created_at=now,
    )
    return int(connection.execute(new.returning(editions.c.id)).scalar_one()), True


def take_back(connection: Connection, newsletter: str, cadence: str, local_at: str) -> None:
    """Cancel the draft of a slot of which nothing is left; the slot is made anew in its time."""
    taken = connection.execute(
        update(editions)
        .where(
            editions.c.slot_id.in_(
                select(slots.c.id).where(
                    slots.c.newsletter == newsletter,
                    slots.c.cadence == cadence,
                    slots.c.local_at == local_at,
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
    connection: Connection, edition_id: int, *, before: str, snapshot: str, content_hash: str
) -> None:
    """Change a draft whose hash is `before`; an approval of other content is void."""
    if before == content_hash:
        return
    connection.execute(
        update(editions)
        .where(
            editions.c.id == edition_id,
            editions.c.state.in_(OPEN),
            editions.c.content_hash == before,
        )
        .values(
            snapshot=snapshot,
            content_hash=content_hash,
            approved_hash="",
            state=EditionState.DRAFT,
        )
    )


def start_sending(
    connection: Connection,
    edition_id: int,
    *,
    content_hash: str,
    approved_hash: str,
    key_id: str,
    frozen_count: int,
    now: datetime,
) -> bool:
    """Approve and freeze: from here on the edition never changes.

    Returns:
        False where it is no draft any more, or holds other content than `content_hash`.
    """
    changed = connection.execute(
        update(editions)
        .where(
            editions.c.id == edition_id,
            editions.c.state.in_(OPEN),
            editions.c.content_hash == content_hash,
        )
        .values(
            state=EditionState.SENDING,
            approved_hash=approved_hash,
            key_id=key_id,
            frozen_at=now,
            frozen_count=frozen_count,
        )
    )
    return changed.rowcount == 1


def _file_slot(connection: Connection, newsletter: str, cadence: str, slot: Slot) -> int:
    found = connection.execute(
        select(slots.c.id).where(
            slots.c.newsletter == newsletter,
            slots.c.cadence == cadence,
            slots.c.local_at == slot.local_at,
        )
    ).scalar()
    if found is not None:
        connection.execute(update(slots).where(slots.c.id == found).values(state="composed"))
        return int(found)
    new = slots.insert().values(
        newsletter=newsletter,
        cadence=cadence,
        local_at=slot.local_at,
        due_at=slot.due_at,
        state="composed",
    )
    return int(connection.execute(new.returning(slots.c.id)).scalar_one())


def _cancel_other_drafts(
    connection: Connection, newsletter: str, cadence: str, slot_id: int
) -> None:
    stale = (
        update(editions)
        .where(
            editions.c.newsletter == newsletter,
            editions.c.cadence == cadence,
            editions.c.slot_id != slot_id,
            IS_DRAFT,
        )
        .values(state=EditionState.CANCELLED)
        .returning(editions.c.slot_id)
    )
    given_up = connection.execute(stale).scalars().all()
    due_at = select(slots.c.due_at).where(slots.c.id == slot_id).scalar_subquery()
    # A draft that was made ahead of this one comes again in its time.
    state = case((slots.c.due_at > due_at, "due"), else_="missed")
    connection.execute(update(slots).where(slots.c.id.in_(given_up)).values(state=state))


def _query(*wanted: ColumnElement[bool]) -> Any:
    return (
        select(editions, slots.c.local_at, slots.c.due_at)
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(*wanted)
        .order_by(editions.c.id.desc())
    )


def _first(connection: Connection, *wanted: ColumnElement[bool]) -> StoredEdition | None:
    row = connection.execute(_query(*wanted).limit(1)).mappings().first()
    return _edition(row) if row is not None else None


def _edition(row: RowMapping) -> StoredEdition:
    fields = {name: row[name] for name in StoredEdition.__slots__}
    return StoredEdition(**{**fields, "state": EditionState(row["state"])})

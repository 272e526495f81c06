"""Stored editions and their slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from digest.models import EditionState, EventKind, Slot, StoredEdition
from digest.store.events import add_edition_event
from digest.store.slots import slot_cadence
from digest.store.tables import editions, slots

#: The states in which an edition can still change.
OPEN = (EditionState.DRAFT, EditionState.APPROVED)
#: From the freeze on, an edition's posts count as mailed. A paused draft is not frozen.
IS_FROZEN = and_(editions.c.frozen_at.is_not(None), editions.c.state != EditionState.CANCELLED)
#: The states of an edition that was not frozen yet, if it has not ended.
UNFROZEN = (*OPEN, EditionState.PAUSED)
_UNSENT = (*OPEN, EditionState.SENDING, EditionState.PAUSED)
#: A draft: not frozen, approved or not, perhaps paused.
IS_DRAFT = and_(editions.c.frozen_at.is_(None), editions.c.state.in_(UNFROZEN))


# --- reading ------------------------------------------------------------------------------------


def get_edition(connection: Connection, edition_id: int) -> StoredEdition | None:
    """Return the edition with this id; None if it does not exist."""
    return _first(connection, editions.c.id == edition_id)


def newest_edition(
    connection: Connection, newsletter: str, states: Sequence[EditionState]
) -> StoredEdition | None:
    """Return the newest edition of a newsletter in one of `states`; None if there is none."""
    return _first(connection, editions.c.newsletter == newsletter, editions.c.state.in_(states))


def newest_finished_id(connection: Connection, newsletter: str, cadence: str = "") -> int | None:
    """Return the id of the newest finished edition of a newsletter; None if there is none.

    Args:
        connection: a connection.
        newsletter: the newsletter's name.
        cadence: only editions of this cadence; empty for any.
    """
    wanted = [editions.c.cadence == cadence] if cadence else []
    query = select(func.max(editions.c.id)).where(
        editions.c.newsletter == newsletter, editions.c.state == EditionState.FINISHED, *wanted
    )
    return connection.execute(query).scalar()


def open_draft(connection: Connection, newsletter: str, cadence: str) -> StoredEdition | None:
    """Return the draft of a slot of a cadence; None if there is none or it is paused."""
    return _first(connection, _is_of(newsletter, cadence), editions.c.state.in_(OPEN))


def unsent_editions(connection: Connection, newsletter: str) -> tuple[StoredEdition, ...]:
    """Return the editions of a newsletter that are neither finished nor cancelled, oldest first."""
    query = _query(editions.c.newsletter == newsletter, editions.c.state.in_(_UNSENT))
    rows = connection.execute(query.order_by(None).order_by(editions.c.id)).mappings()
    return tuple(map(_edition, rows))


def all_drafts(connection: Connection) -> tuple[StoredEdition, ...]:
    """Return the drafts of all newsletters, also the paused ones, oldest first."""
    rows = connection.execute(_query(IS_DRAFT).order_by(None).order_by(editions.c.id)).mappings()
    return tuple(map(_edition, rows))


def list_editions(
    connection: Connection, newsletter: str | None = None, *, most: int = 50
) -> tuple[StoredEdition, ...]:
    """Return the newest editions of a newsletter, or of all, newest first."""
    wanted = [editions.c.newsletter == newsletter] if newsletter else []
    found = connection.execute(_query(*wanted).limit(most)).mappings()
    return tuple(map(_edition, found))


def newest_frozen(
    connection: Connection, newsletter: str, *, most: int
) -> tuple[StoredEdition, ...]:
    """Return the newest editions of a newsletter that were frozen, without their snapshots."""
    query = (
        select(
            *(column for column in editions.c if column.name != "snapshot"),
            literal("").label("snapshot"),
            slots.c.local_at,
            slots.c.due_at,
        )
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(editions.c.newsletter == newsletter, editions.c.frozen_at.is_not(None))
        .order_by(editions.c.id.desc())
        .limit(most)
    )
    return tuple(map(_edition, connection.execute(query).mappings()))


def last_cut(connection: Connection, newsletter: str, cadence: str) -> int | None:
    """Return the cut of the newest frozen edition of a cadence; None before the first."""
    query = select(func.max(editions.c.cut_seq)).where(
        editions.c.newsletter == newsletter, editions.c.cadence == cadence, IS_FROZEN
    )
    return connection.execute(query).scalar()


def has_frozen_edition(
    connection: Connection, newsletter: str, cadence: str, local_at: str, *, is_extra: bool = False
) -> bool:
    """Return whether an edition of the slot was ever frozen, even if it was cancelled then."""
    query = (
        select(editions.c.id)
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(
            slots.c.newsletter == newsletter,
            slots.c.cadence == slot_cadence(cadence, is_extra=is_extra),
            slots.c.local_at == local_at,
            editions.c.frozen_at.is_not(None),
        )
    )
    return connection.execute(query).first() is not None


def frozen_after(
    connection: Connection, newsletter: str, cadence: str, when: datetime
) -> tuple[StoredEdition, ...]:
    """Return the frozen editions of slots that come after `when`, the earliest slot first."""
    query = _query(_is_of(newsletter, cadence), IS_FROZEN, slots.c.due_at > when)
    rows = connection.execute(
        query.order_by(None).order_by(slots.c.due_at, editions.c.id)
    ).mappings()
    return tuple(map(_edition, rows))


def frozen_before(connection: Connection, stored: StoredEdition) -> StoredEdition | None:
    """Return the frozen edition of the same cadence before this one; None if it is the first."""
    return _first(
        connection,
        editions.c.newsletter == stored.newsletter,
        editions.c.cadence == stored.cadence,
        editions.c.id < stored.id,
        IS_FROZEN,
    )


def has_any_frozen(connection: Connection, newsletter: str) -> bool:
    """Return whether any cadence of the newsletter has a frozen edition."""
    query = select(editions.c.id).where(editions.c.newsletter == newsletter, IS_FROZEN).limit(1)
    return connection.execute(query).first() is not None


def next_number(
    connection: Connection, newsletter: str, cadence: str, *, is_extra: bool = False
) -> int:
    """Return the number of a cadence's next edition, from 1; all cadences are counted together.

    A draft keeps its number, so that a refresh does not change approved content.
    """
    ours = and_(_is_of(newsletter, cadence, is_extra=is_extra), IS_DRAFT)
    kept = connection.execute(select(func.max(editions.c.number)).where(ours)).scalar()
    if kept is not None:
        return int(kept)
    is_taken = or_(editions.c.frozen_at.is_not(None), IS_DRAFT)
    highest = connection.execute(
        select(func.max(editions.c.number)).where(editions.c.newsletter == newsletter, is_taken)
    ).scalar()
    return int(highest or 0) + 1


def live_draft(
    connection: Connection, newsletter: str, cadence: str, *, is_extra: bool = False
) -> StoredEdition | None:
    """Return the draft of a cadence, also if it is paused; None if there is none.

    `is_extra` is for the draft beside the calendar; a cadence may have both.
    """
    return _first(connection, _is_of(newsletter, cadence, is_extra=is_extra), IS_DRAFT)


def editions_between(
    connection: Connection, newsletter: str, start: str, end: str
) -> tuple[StoredEdition, ...]:
    """Return the editions with a slot from `start` on and before `end`, the earliest slot first.

    Both are local times or days, such as `2026-11-23`. Cancelled editions are left out.
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
    """Return the highest number of the editions due before this time; 0 if there are none."""
    query = (
        select(func.max(editions.c.number))
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(editions.c.newsletter == newsletter, slots.c.due_at < when, IS_FROZEN)
    )
    return int(connection.execute(query).scalar() or 0)


def last_audience(connection: Connection, newsletter: str, cadence: str) -> int:
    """Return the number of subscribers of a cadence's newest frozen edition; 0 before the first."""
    query = (
        select(editions.c.frozen_count)
        .where(editions.c.newsletter == newsletter, editions.c.cadence == cadence, IS_FROZEN)
        .order_by(editions.c.frozen_at.desc(), editions.c.id.desc())
        .limit(1)
    )
    return int(connection.execute(query).scalar() or 0)


# --- writing ------------------------------------------------------------------------------------


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
    draft = _first(connection, editions.c.slot_id == slot_id, IS_DRAFT)
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


def start_sending(
    connection: Connection,
    edition_id: int,
    *,
    content_hash: str,
    approved_hash: str,
    key_id: str,
    sender: str,
    identity: str,
    frozen_count: int,
    first_at: datetime,
    now: datetime,
) -> bool:
    """Approve and freeze an edition; its content, its sender and its links never change afterwards.

    `first_at` is when its first mail is due.

    Returns:
        False if it is not a draft any more, or its content does not match `content_hash`.
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
            sender=sender,
            identity=identity,
            frozen_at=now,
            first_at=first_at,
            frozen_count=frozen_count,
        )
    )
    return changed.rowcount == 1


def note_trouble(
    connection: Connection,
    edition_id: int,
    error: str,
    *,
    stops: int = 0,
    retry_at: datetime | None = None,
) -> None:
    """Store why the relay stopped an edition's run or deferred its mails; empty: it did not.

    Args:
        connection: a connection inside a transaction.
        edition_id: the edition's id.
        error: the reason, in one line.
        stops: the number of runs in a row that the relay stopped.
        retry_at: when to try again after a stop.
    """
    connection.execute(
        update(editions)
        .where(editions.c.id == edition_id)
        .values(last_error=error, stops=stops, retry_at=retry_at)
    )


def _is_of(newsletter: str, cadence: str, *, is_extra: bool = False) -> ColumnElement[bool]:
    return and_(
        editions.c.newsletter == newsletter,
        editions.c.cadence == cadence,
        editions.c.is_extra.is_(is_extra),
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
        _is_of(newsletter, cadence, is_extra=slot.is_extra),
        editions.c.slot_id != slot_id,
        IS_DRAFT,
    )
    given_up = tuple(map(_edition, connection.execute(_query(stale)).mappings()))
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

"""Stored editions; those that are not frozen yet are changed by `drafts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    literal,
    or_,
    select,
    update,
)

from digest.models import EditionState, StoredEdition
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
    return first_edition(connection, editions.c.id == edition_id)


def newest_edition(
    connection: Connection, newsletter: str, states: Sequence[EditionState]
) -> StoredEdition | None:
    """Return the newest edition of a newsletter in one of `states`; None if there is none."""
    return first_edition(
        connection, editions.c.newsletter == newsletter, editions.c.state.in_(states)
    )


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


def unsent_editions(connection: Connection, newsletter: str) -> tuple[StoredEdition, ...]:
    """Return the editions of a newsletter that are neither finished nor cancelled, oldest first."""
    query = edition_query(editions.c.newsletter == newsletter, editions.c.state.in_(_UNSENT))
    rows = connection.execute(query.order_by(None).order_by(editions.c.id)).mappings()
    return tuple(map(edition_of, rows))


def list_editions(
    connection: Connection, newsletter: str | None = None, *, most: int = 50
) -> tuple[StoredEdition, ...]:
    """Return the newest editions of a newsletter, or of all, newest first."""
    wanted = [editions.c.newsletter == newsletter] if newsletter else []
    found = connection.execute(edition_query(*wanted).limit(most)).mappings()
    return tuple(map(edition_of, found))


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
    return tuple(map(edition_of, connection.execute(query).mappings()))


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
    query = edition_query(is_of_cadence(newsletter, cadence), IS_FROZEN, slots.c.due_at > when)
    rows = connection.execute(
        query.order_by(None).order_by(slots.c.due_at, editions.c.id)
    ).mappings()
    return tuple(map(edition_of, rows))


def frozen_before(connection: Connection, stored: StoredEdition) -> StoredEdition | None:
    """Return the frozen edition of the same cadence before this one; None if it is the first."""
    return first_edition(
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
    ours = and_(is_of_cadence(newsletter, cadence, is_extra=is_extra), IS_DRAFT)
    kept = connection.execute(select(func.max(editions.c.number)).where(ours)).scalar()
    if kept is not None:
        return int(kept)
    is_taken = or_(editions.c.frozen_at.is_not(None), IS_DRAFT)
    highest = connection.execute(
        select(func.max(editions.c.number)).where(editions.c.newsletter == newsletter, is_taken)
    ).scalar()
    return int(highest or 0) + 1


def editions_between(
    connection: Connection, newsletter: str, start: str, end: str
) -> tuple[StoredEdition, ...]:
    """Return the editions with a slot from `start` on and before `end`, the earliest slot first.

    Both are local times or days, such as `2026-11-23`. Cancelled editions are left out.
    """
    query = edition_query(
        editions.c.newsletter == newsletter,
        editions.c.state != EditionState.CANCELLED,
        slots.c.local_at >= start,
        slots.c.local_at < end,
    ).order_by(None)
    found = connection.execute(query.order_by(slots.c.local_at, editions.c.id)).mappings()
    return tuple(map(edition_of, found))


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


def is_of_cadence(newsletter: str, cadence: str, *, is_extra: bool = False) -> ColumnElement[bool]:
    """Return the condition of a cadence's editions; `is_extra`: those beside the calendar."""
    return and_(
        editions.c.newsletter == newsletter,
        editions.c.cadence == cadence,
        editions.c.is_extra.is_(is_extra),
    )


def edition_query(*wanted: ColumnElement[bool]) -> Any:
    """Return the query for editions with the times of their slots, the newest first."""
    return (
        select(editions, slots.c.local_at, slots.c.due_at)
        .join(slots, slots.c.id == editions.c.slot_id)
        .where(*wanted)
        .order_by(editions.c.id.desc())
    )


def first_edition(connection: Connection, *wanted: ColumnElement[bool]) -> StoredEdition | None:
    """Return the newest edition that meets the conditions; None if there is none."""
    row = connection.execute(edition_query(*wanted).limit(1)).mappings().first()
    return edition_of(row) if row is not None else None


def edition_of(row: RowMapping) -> StoredEdition:
    """Return the edition in a row of `edition_query`."""
    fields = {name: row[name] for name in StoredEdition.__slots__}
    return StoredEdition(**{**fields, "state": EditionState(row["state"])})

"""Reads the editions for the lists of the desk, by pages and without counting deliveries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, or_, select, union_all

from digest.models import EditionState
from digest.store.editions import IS_DRAFT, IS_FROZEN
from digest.store.tables import editions, slots, variants


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskEdition:
    """An edition as the lists of the desk need it."""

    id: int
    newsletter: str
    cadence: str
    number: int
    state: EditionState
    paused_reason: str
    is_extra: bool
    local_at: str
    due_at: datetime
    content_hash: str
    frozen_at: datetime | None
    cut_seq: int
    #: Number of deliveries; 0 before the freeze.
    frozen_count: int
    last_error: str
    retry_at: datetime | None
    #: Empty after the freeze, when the variant below says what it shows.
    snapshot: str
    #: Of the variant of all categories, or the nearest to it; None before the freeze.
    subject: str | None
    story_count: int | None
    #: As JSON.
    findings: str | None
    #: None before the freeze, or if they were deleted after their retention.
    pieces: bytes | None


def list_page(
    connection: Connection,
    newsletter: str = "",
    *,
    before: int | None = None,
    after: int | None = None,
    most: int,
) -> tuple[DeskEdition, ...]:
    """Return editions of a newsletter, or of all, newest first.

    Args:
        connection: a connection.
        newsletter: the newsletter's name; empty for all.
        before: only editions with a smaller id, the nearest ones.
        after: only editions with a larger id, the nearest ones.
        most: the largest number of editions.
    """
    wanted: list[ColumnElement[bool]] = [editions.c.newsletter == newsletter] if newsletter else []
    if before is not None:
        wanted.append(editions.c.id < before)
    query = _query(is_full=True)
    if after is not None:
        query = query.where(editions.c.id > after, *wanted).order_by(editions.c.id)
        return _read(connection, query.limit(most))[::-1]
    return _read(connection, query.where(*wanted).order_by(editions.c.id.desc()).limit(most))


def list_open(connection: Connection, *, most: int = 50) -> tuple[DeskEdition, ...]:
    """Return the drafts and the editions that are being sent or paused, oldest first."""
    is_open = or_(IS_DRAFT, editions.c.state.in_((EditionState.SENDING, EditionState.PAUSED)))
    query = _query(is_full=True).where(is_open).order_by(editions.c.id)
    return _read(connection, query.limit(most))


def newest_frozen(
    connection: Connection, cadences: Sequence[tuple[str, str]]
) -> tuple[DeskEdition, ...]:
    """Return the newest frozen edition of each newsletter and cadence that has one."""
    if not cadences:
        return ()
    newest = [
        select(
            select(editions.c.id)
            .where(editions.c.newsletter == newsletter, editions.c.cadence == cadence, IS_FROZEN)
            .order_by(editions.c.id.desc())
            .limit(1)
            .scalar_subquery()
            .label("id")
        )
        for newsletter, cadence in cadences
    ]
    ids = union_all(*newest).subquery()
    query = _query(is_full=False).where(editions.c.id.in_(select(ids.c.id)))
    return _read(connection, query.order_by(editions.c.id))


def last_finished(connection: Connection, newsletters: Collection[str]) -> tuple[DeskEdition, ...]:
    """Return the newest finished edition of each newsletter that has one."""
    newest = [
        select(editions.c.id)
        .where(editions.c.newsletter == newsletter, editions.c.state == EditionState.FINISHED)
        .order_by(editions.c.id.desc())
        .limit(1)
        .scalar_subquery()
        for newsletter in newsletters
    ]
    if not newest:
        return ()
    query = _query(is_full=True).where(editions.c.id.in_(newest))
    return _read(connection, query.order_by(editions.c.id.desc()))


def _query(*, is_full: bool) -> Select[Any]:
    """Return the query; not `is_full`: without what an edition shows."""
    of_edition = variants.alias()
    # As the mail of most subscribers: all categories, since the last edition.
    main = (
        select(of_edition.c.id)
        .where(of_edition.c.edition_id == editions.c.id)
        .order_by(
            of_edition.c.categories != "",
            of_edition.c.language != "",
            of_edition.c.text_size != "normal",
            of_edition.c.since_seq.desc(),
            of_edition.c.id,
        )
        .limit(1)
        .correlate(editions)
        .scalar_subquery()
    )
    own = ("id", "newsletter", "cadence", "number", "state", "paused_reason", "is_extra")
    later = ("content_hash", "cut_seq", "frozen_at", "frozen_count", "last_error", "retry_at")
    query = select(
        *(editions.c[name] for name in (*own, *later)), slots.c.local_at, slots.c.due_at
    ).join(slots, slots.c.id == editions.c.slot_id)
    if not is_full:
        return query
    snapshot = case((editions.c.frozen_at.is_(None), editions.c.snapshot), else_="")
    shown = ("subject", "story_count", "findings", "pieces")
    return query.add_columns(
        snapshot.label("snapshot"), *(variants.c[name] for name in shown)
    ).outerjoin(variants, variants.c.id == main)


def _read(connection: Connection, query: Select[Any]) -> tuple[DeskEdition, ...]:
    unknown = {"snapshot": "", "subject": None, "story_count": None}
    unknown |= {"findings": None, "pieces": None}
    return tuple(
        DeskEdition(**{**unknown, **row, "state": EditionState(row["state"])})
        for row in connection.execute(query).mappings()
    )

"""The versions of drafts, and the changes that editors made to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from digest.models import DraftEdit, EditedState
from digest.store.editions import IS_DRAFT
from digest.store.tables import editions, edits

_STATE = TypeAdapter(EditedState)


def bump_versions(connection: Connection, newsletter: str) -> None:
    """Count a change for each draft of a newsletter: they have their choices in common."""
    connection.execute(
        update(editions)
        .where(editions.c.newsletter == newsletter, IS_DRAFT)
        .values(version=editions.c.version + 1)
    )


def version_of(connection: Connection, edition_id: int) -> int:
    """Return the version of an edition."""
    query = select(editions.c.version).where(editions.c.id == edition_id)
    return int(connection.execute(query).scalar_one())


def save_typed(connection: Connection, edition_id: int, typed: str) -> None:
    """Store the editor's texts of a draft, as JSON; mark it as edited."""
    connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, IS_DRAFT)
        .values(typed=typed, is_edited=True)
    )


def add_edit(
    connection: Connection,
    edition_id: int,
    *,
    version: int,
    at: datetime,
    actor: str,
    what: str,
    before: EditedState,
    after: EditedState,
) -> None:
    """Store a change; changes that were undone before it cannot be done again."""
    connection.execute(
        delete(edits).where(edits.c.edition_id == edition_id, edits.c.is_undone.is_(True))
    )
    connection.execute(
        insert(edits).values(
            edition_id=edition_id,
            version=version,
            at=at,
            actor=actor,
            what=what,
            before=_STATE.dump_json(before).decode(),
            after=_STATE.dump_json(after).decode(),
        )
    )


def last_done(connection: Connection, edition_id: int) -> DraftEdit | None:
    """Return the change that is undone next; None if there is none."""
    return _one(connection, edition_id, is_undone=False)


def first_undone(connection: Connection, edition_id: int) -> DraftEdit | None:
    """Return the change that is done again next; None if there is none."""
    return _one(connection, edition_id, is_undone=True)


def mark_undone(connection: Connection, edit_id: int, *, version: int, is_undone: bool) -> None:
    """Store that a change was undone, or done again."""
    connection.execute(
        update(edits).where(edits.c.id == edit_id).values(version=version, is_undone=is_undone)
    )


def take_back_edit(connection: Connection, edition_id: int, version: int) -> None:
    """Delete the change that made a version because it could not be carried out."""
    connection.execute(
        delete(edits).where(edits.c.edition_id == edition_id, edits.c.version == version)
    )


def edits_since(connection: Connection, edition_id: int, version: int) -> Sequence[DraftEdit]:
    """Return the changes after a version, oldest first."""
    query = select(edits).where(edits.c.edition_id == edition_id, edits.c.version > version)
    return [_edit(row) for row in connection.execute(query.order_by(edits.c.version))]


def forget_edits(connection: Connection) -> int:
    """Delete the changes of editions that are no drafts any more; return their number."""
    ended = select(editions.c.id).where(editions.c.id == edits.c.edition_id, ~IS_DRAFT)
    return connection.execute(delete(edits).where(ended.exists())).rowcount


def _one(connection: Connection, edition_id: int, *, is_undone: bool) -> DraftEdit | None:
    which = func.min if is_undone else func.max
    wanted = select(which(edits.c.id)).where(
        edits.c.edition_id == edition_id, edits.c.is_undone.is_(is_undone)
    )
    row = connection.execute(select(edits).where(edits.c.id == wanted.scalar_subquery())).first()
    return _edit(row) if row is not None else None


def _edit(row: Row[Any]) -> DraftEdit:
    return DraftEdit(
        id=row.id,
        version=row.version,
        at=row.at,
        actor=row.actor,
        what=row.what,
        before=_STATE.validate_json(row.before),
        after=_STATE.validate_json(row.after),
        is_undone=row.is_undone,
    )

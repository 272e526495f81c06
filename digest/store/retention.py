"""Deletes old data. Editions and deliveries are never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from digest.store.dialect import insert_for
from digest.store.tables import comments, editions, meta, variants

_PURGED = "purged_at"


def forget_pieces(connection: Connection, *, finished_before: datetime) -> int:
    """Delete the encoded mails of editions finished before this time; return their number."""
    old = select(editions.c.id).where(editions.c.finished_at < finished_before)
    return connection.execute(
        update(variants)
        .where(variants.c.edition_id.in_(old), variants.c.pieces.is_not(None))
        .values(pieces=None)
    ).rowcount


def forget_comments(connection: Connection, *, seen_before: datetime) -> int:
    """Delete the comments first seen before this time; return their number."""
    old = delete(comments).where(comments.c.first_seen_at < seen_before)
    return connection.execute(old).rowcount


def last_purge(connection: Connection) -> datetime | None:
    """Return the time of the last purge; None if there was none."""
    found = connection.execute(select(meta.c.value).where(meta.c.name == _PURGED)).scalar()
    return datetime.fromisoformat(found) if found else None


def save_purge(connection: Connection, now: datetime) -> None:
    """Store the time of a purge."""
    new = insert_for(connection, meta).values(name=_PURGED, value=now.isoformat())
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": now.isoformat()})
    )

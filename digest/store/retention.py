"""What is forgotten when its time is over. Editions and deliveries stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from digest.store.dialect import insert_for
from digest.store.tables import comments, editions, meta, variants

_PURGED = "purged_at"


def forget_pieces(connection: Connection, *, finished_before: datetime) -> int:
    """Drop the encoded mails of editions that were finished earlier; gives how many."""
    old = select(editions.c.id).where(editions.c.finished_at < finished_before)
    return connection.execute(
        update(variants)
        .where(variants.c.edition_id.in_(old), variants.c.pieces.is_not(None))
        .values(pieces=None)
    ).rowcount


def forget_comments(connection: Connection, *, seen_before: datetime) -> int:
    """Delete the comments that were first seen earlier; gives how many."""
    old = delete(comments).where(comments.c.first_seen_at < seen_before)
    return connection.execute(old).rowcount


def last_purge(connection: Connection) -> datetime | None:
    """Say when it was last asked what may be forgotten; None: never."""
    found = connection.execute(select(meta.c.value).where(meta.c.name == _PURGED)).scalar()
    return datetime.fromisoformat(found) if found else None


def save_purge(connection: Connection, now: datetime) -> None:
    """Remember that it was asked now."""
    new = insert_for(connection, meta).values(name=_PURGED, value=now.isoformat())
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": now.isoformat()})
    )

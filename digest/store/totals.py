"""Counts for the metrics, each from a small table or an index."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from digest.store.tables import edition_figures, editions, notices


def count_editions(connection: Connection) -> dict[tuple[str, str], int]:
    """Count the editions by newsletter and state."""
    kind = (editions.c.newsletter, editions.c.state)
    query = select(*kind, func.count().label("number")).group_by(*kind).order_by(*kind)
    return {(row.newsletter, row.state): row.number for row in connection.execute(query)}


def count_unknown(connection: Connection) -> dict[tuple[str, int], int]:
    """Count the unknown deliveries of finished editions, by newsletter and edition."""
    query = (
        select(editions.c.newsletter, editions.c.id, edition_figures.c.unknown)
        .join(editions, editions.c.id == edition_figures.c.edition_id)
        .where(edition_figures.c.unknown > 0, editions.c.finished_at.is_not(None))
        .order_by(editions.c.newsletter, editions.c.id)
    )
    return {(row.newsletter, row.id): row.unknown for row in connection.execute(query)}


def count_waiting_notices(connection: Connection) -> int:
    """Count the mails outside editions that wait to be sent."""
    query = select(func.count()).where(notices.c.state == "pending")
    return int(connection.execute(query).scalar_one())

"""Stored variants: the rule each was made with, and its encoded mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update

from digest.models import StoredVariant
from digest.store.tables import deliveries, editions, variants


def save_variant(connection: Connection, **values: object) -> int:
    """Store a variant from the columns of `variants`; return its id."""
    new = variants.insert().values(**values).returning(variants.c.id)
    return int(connection.execute(new).scalar_one())


def list_variants(connection: Connection, edition_id: int) -> tuple[StoredVariant, ...]:
    """Return the variants of an edition, the one with the most stories first."""
    query = _variant_query(variants.c.edition_id == edition_id).order_by(
        variants.c.story_count.desc(), variants.c.id
    )
    return tuple(StoredVariant(**row) for row in connection.execute(query).mappings())


def variant_of_subscriber(
    connection: Connection, edition_id: int, subscriber_id: int
) -> StoredVariant | None:
    """Return the variant of one subscriber; None if they are not in the edition's audience."""
    query = _variant_query(
        deliveries.c.edition_id == edition_id, deliveries.c.subscriber_id == subscriber_id
    ).join(deliveries, deliveries.c.variant_id == variants.c.id)
    row = connection.execute(query).mappings().first()
    return StoredVariant(**row) if row is not None else None


def last_lines(connection: Connection, newsletter: str, cadence: str) -> tuple[str, str]:
    """Return the subject and preheader that most subscribers of the newest frozen edition got.

    Both are empty before the first edition.
    """
    newest = select(func.max(editions.c.id)).where(
        editions.c.newsletter == newsletter,
        editions.c.cadence == cadence,
        editions.c.frozen_at.is_not(None),
    )
    query = (
        select(variants.c.subject, variants.c.preheader)
        .where(variants.c.edition_id == newest.scalar_subquery())
        .order_by(variants.c.subscribers.desc(), variants.c.id)
        .limit(1)
    )
    row = connection.execute(query).first()
    return (row.subject, row.preheader) if row else ("", "")


_COUNTED = (
    update(variants)
    .where(variants.c.id == bindparam("variant"))
    .values(subscribers=bindparam("count"))
)


def count_subscribers(connection: Connection, edition_id: int) -> dict[int, int]:
    """Return the number of an edition's deliveries by variant id, as counted at the freeze."""
    query = select(variants.c.id, variants.c.subscribers).where(variants.c.edition_id == edition_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def save_subscribers(connection: Connection, counts: Mapping[int, int]) -> None:
    """Store the number of deliveries by variant id."""
    rows = [{"variant": variant_id, "count": count} for variant_id, count in counts.items()]
    if rows:
        connection.execute(_COUNTED, rows)


def variant_pieces(connection: Connection, variant_id: int) -> bytes | None:
    """Return the encoded mail of a variant; None if it was purged."""
    return connection.execute(select(variants.c.pieces).where(variants.c.id == variant_id)).scalar()


def _variant_query(*wanted: ColumnElement[bool]) -> Any:
    return select(*(variants.c[name] for name in StoredVariant.__slots__)).where(*wanted)

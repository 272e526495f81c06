"""Lists an edition's deliveries: those that did not arrive by index, and all in pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, func, or_, select

from digest.models import DeliveryState
from digest.store.deliveries import IS_DEFERRED
from digest.store.figures import IS_BAD
from digest.store.tables import deliveries, variants
from subscribers.tables import people


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDelivery:
    """One delivery of an edition."""

    id: int
    subscriber_id: int
    #: As known now; empty if the person was erased.
    address: str
    #: Subject of the mail.
    subject: str
    state: DeliveryState
    reason: str
    attempts: int
    reply_code: int | None
    reply_text: str
    relay: str
    not_before: datetime
    handing_at: datetime | None
    next_at: datetime | None
    ended_at: datetime | None


def list_bad(
    connection: Connection,
    edition_id: int,
    state: DeliveryState,
    *,
    reason: str | None = None,
    after: int = 0,
    most: int = 50,
) -> tuple[ListedDelivery, ...]:
    """Return deliveries that ended without success, by id; an indexed query.

    Args:
        connection: an open connection.
        edition_id: the edition.
        state: `failed`, `unknown` or `skipped`.
        reason: only with this reason; None for all, in the order of their reasons.
        after: the id of the last one of the page before; only with a reason.
        most: the most to return.
    """
    ids = select(deliveries.c.id).where(
        IS_BAD, deliveries.c.edition_id == edition_id, deliveries.c.state == state
    )
    if reason is not None:
        ids = ids.where(deliveries.c.reason == reason, deliveries.c.id > after)
    # The page's ids are chosen by the index alone, before anything is joined.
    page = ids.order_by(deliveries.c.reason, deliveries.c.id).limit(most).subquery()
    query = _query().where(deliveries.c.id.in_(select(page.c.id)))
    return _rows(connection, query.order_by(deliveries.c.reason, deliveries.c.id))


def list_deferred(
    connection: Connection, edition_id: int, *, most: int = 50
) -> tuple[ListedDelivery, ...]:
    """Return deferred deliveries, those first that were due first; an indexed query."""
    query = _query().where(IS_DEFERRED, deliveries.c.edition_id == edition_id)
    return _rows(connection, query.order_by(deliveries.c.not_before, deliveries.c.id).limit(most))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """Some deliveries of an edition."""

    deliveries: tuple[ListedDelivery, ...]
    #: Where the next page begins; None after the last.
    after: int | None


def read_page(
    connection: Connection, edition_id: int, *, after: int | None = None, most: int = 1000
) -> DeliveryPage:
    """Return a page of all deliveries of an edition, in the order of the subscribers' ids.

    The first page begins at None. It follows the index of the unique pair, so no page is sorted.
    """
    query = _query()
    if after is not None:
        query = query.where(deliveries.c.subscriber_id > after)
    rows = (
        connection.execute(
            query.where(deliveries.c.edition_id == edition_id)
            .order_by(deliveries.c.subscriber_id)
            .limit(most)
        )
        .mappings()
        .all()
    )
    return DeliveryPage(
        deliveries=tuple(map(_listed, rows)),
        after=rows[-1]["subscriber_id"] if len(rows) == most else None,
    )


def page_deliveries(
    connection: Connection, edition_id: int, *, after: int = 0, most: int = 50
) -> tuple[ListedDelivery, ...]:
    """Return deliveries of an edition, in the order of their subscribers' ids.

    Args:
        connection: an open connection.
        edition_id: the edition.
        after: the id of the last subscriber of the page before.
        most: the most to return.
    """
    query = (
        _query()
        .where(deliveries.c.edition_id == edition_id, deliveries.c.subscriber_id > after)
        .order_by(deliveries.c.subscriber_id)
        .limit(most)
    )
    return _rows(connection, query)


def page_bad(
    connection: Connection,
    edition_id: int,
    state: DeliveryState,
    *,
    after: tuple[str, int] | None = None,
    most: int = 50,
) -> tuple[ListedDelivery, ...]:
    """Return deliveries that ended without success, in the order of their reasons; indexed.

    Args:
        connection: an open connection.
        edition_id: the edition.
        state: `failed`, `unknown` or `skipped`.
        after: reason and id of the last one of the page before; None: the first page.
        most: the most to return.
    """
    query = _query().where(
        IS_BAD, deliveries.c.edition_id == edition_id, deliveries.c.state == state
    )
    if after is not None:
        reason, last = after
        is_next = and_(deliveries.c.reason == reason, deliveries.c.id > last)
        query = query.where(or_(deliveries.c.reason > reason, is_next))
    return _rows(connection, query.order_by(deliveries.c.reason, deliveries.c.id).limit(most))


def _query() -> Select[Any]:
    names = [name for name in ListedDelivery.__slots__ if name not in ("address", "subject")]
    return (
        select(
            *(deliveries.c[name] for name in names),
            func.coalesce(people.c.address, "").label("address"),
            variants.c.subject,
        )
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .outerjoin(people, people.c.id == deliveries.c.subscriber_id)
    )


def _rows(connection: Connection, query: Select[Any]) -> tuple[ListedDelivery, ...]:
    return tuple(map(_listed, connection.execute(query).mappings()))


def _listed(row: RowMapping) -> ListedDelivery:
    values = {name: row[name] for name in ListedDelivery.__slots__}
    return ListedDelivery(**{**values, "state": DeliveryState(row["state"])})

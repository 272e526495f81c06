"""Every stored row about one person, in any table; and what erasure leaves of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, func, select, update

from digest.store.sign_ups import erase_sign_ups
from digest.store.tables import deliveries, editions, metadata, notices
from subscribers.addresses import Address
from subscribers.erasing import erase_person
from subscribers.people import find_person
from subscribers.tables import metadata as people_metadata
from subscribers.tables import people

#: Columns that say nothing about a person: numbers of rows, and of other tables.
_INTERNAL = frozenset({"id", "person_id", "subscriber_id", "recipient", "public_id"})


def rows_about(connection: Connection, person_id: int) -> dict[str, tuple[dict[str, Any], ...]]:
    """Return the rows about a person in all tables that refer to people, by the table's name.

    A table is found by its column, so that none is forgotten. `people` and `deliveries` are not
    among them.
    """
    return {
        table.name: tuple(
            {name: value for name, value in row.items() if name not in _INTERNAL}
            for row in connection.execute(
                select(table).where(column == person_id).order_by(*table.primary_key)
            ).mappings()
        )
        for table, column in _tables_of_people()
    }


def deliveries_to(connection: Connection, person_id: int) -> tuple[dict[str, Any], ...]:
    """Return what was mailed to a person: edition, state and time, oldest first."""
    query = (
        select(
            editions.c.newsletter,
            editions.c.number.label("edition"),
            deliveries.c.state,
            deliveries.c.reason,
            deliveries.c.not_before.label("due_at"),
            deliveries.c.handing_at.label("handed_over_at"),
            deliveries.c.ended_at,
            deliveries.c.reply_code,
            deliveries.c.reply_text,
        )
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .where(deliveries.c.subscriber_id == person_id)
        .order_by(deliveries.c.id)
    )
    return tuple(dict(row) for row in connection.execute(query).mappings())


def erase(connection: Connection, keys: Sequence[str], address: Address, *, now: datetime) -> bool:
    """Delete a person with everything that names them, and suppress the address.

    Only a keyed hash of the address stays. The rows of the ledger stay without a person: SQLite may
    give the number of a deleted person to the next one, who must not get these mails.

    Returns:
        False if the address was not known; it is suppressed in any case.
    """
    erase_sign_ups(connection, address)
    person = find_person(connection, address)
    if person is not None:
        # Relays repeat addresses in their replies. An edition is frozen once and has one row of a
        # person, so that the numbers stay unique.
        connection.execute(
            update(deliveries)
            .where(deliveries.c.subscriber_id == person.id)
            .values(subscriber_id=-person.id, reply_text="")
        )
    return erase_person(connection, keys, address, now=now)


def forget_notices(connection: Connection, *, before: datetime) -> int:
    """Delete the notices to subscribers that ended before this time; return their number."""
    ended = func.coalesce(notices.c.sent_at, notices.c.created_at)
    old = delete(notices).where(
        notices.c.person_id.is_not(None), notices.c.state != "pending", ended < before
    )
    return connection.execute(old).rowcount


def _tables_of_people() -> tuple[tuple[Table, Any], ...]:
    """Return the tables with rows about people, each with its column that says about whom."""
    return tuple(
        (table, column)
        for data in (people_metadata, metadata)
        for table in data.sorted_tables
        for column in table.columns
        if table is not deliveries and is_about_person(column)
    )


def is_about_person(column: Column[Any]) -> bool:
    """Return whether a column has the id of a person."""
    refers = any(key.column.table is people for key in column.foreign_keys)
    return refers or column.name in ("person_id", "subscriber_id")

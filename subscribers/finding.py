"""Finds people for a list: by the beginning of an address, by id, by state; each by an index.

A page of a list begins after the last row of the page before it, so that the last page of a long
list takes as long as the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, text

from subscribers.people import to_person, to_subscription
from subscribers.preferences import Person, State, Subscription
from subscribers.tables import people, subscriptions

#: Sorted after every character of an address.
_LAST = "\U0010ffff"


def newest_people(connection: Connection, *, before: int | None, most: int) -> tuple[Person, ...]:
    """Return people, the newest first.

    Args:
        connection: an open connection.
        before: the id of the last person of the page before; None for the first page.
        most: the limit of people.
    """
    query = select(people).order_by(people.c.id.desc())
    return _people(connection, _before(query, people.c.id, before), most)


def suppressed_people(
    connection: Connection, *, before: int | None, most: int
) -> tuple[Person, ...]:
    """Return the people who must not be mailed, the newest first; arguments: `newest_people`."""
    # A literal, because only then the partial index is used.
    query = select(people).where(text("people.suppressed <> ''")).order_by(people.c.id.desc())
    return _people(connection, _before(query, people.c.id, before), most)


def people_in_state(
    connection: Connection, newsletter: str, state: State, *, before: int | None, most: int
) -> tuple[Person, ...]:
    """Return the people whose subscription is in a state, the newest first.

    Args:
        connection: an open connection.
        newsletter: the newsletter's name.
        state: the state of the subscription.
        before: as for `newest_people`.
        most: as for `newest_people`.
    """
    query = (
        select(people)
        .join(subscriptions, subscriptions.c.person_id == people.c.id)
        .where(subscriptions.c.newsletter == newsletter, subscriptions.c.state == state)
        .order_by(subscriptions.c.person_id.desc())
    )
    return _people(connection, _before(query, subscriptions.c.person_id, before), most)


def people_starting(
    connection: Connection, beginning: str, *, after: str, most: int
) -> tuple[Person, ...]:
    """Return the people whose address has this beginning, sorted by address.

    Args:
        connection: an open connection.
        beginning: the beginning of a key of `Address`.
        after: the key of the last person of the page before; empty for the first page.
        most: the limit of people.
    """
    key = people.c.address_key
    is_in_bytes = connection.dialect.name == "postgresql"
    # PostgreSQL sorts text by language; these operators compare bytes, as SQLite does.
    below, at_least, above = ("~<~", "~>=~", "~>~") if is_in_bytes else ("<", ">=", ">")
    first: ColumnElement[bool] = key.op(above)(after) if after else key.op(at_least)(beginning)
    order = text("people.address_key USING ~<~") if is_in_bytes else key
    query = select(people).where(first, key.op(below)(beginning + _LAST)).order_by(order)
    return _people(connection, query, most)


def subscriptions_of(
    connection: Connection, person_ids: Iterable[int]
) -> dict[int, tuple[Subscription, ...]]:
    """Return the subscriptions of a page of people by their id, sorted by newsletter."""
    rows = connection.execute(
        select(subscriptions)
        .where(subscriptions.c.person_id.in_(list(person_ids)))
        .order_by(subscriptions.c.newsletter)
    )
    found: dict[int, tuple[Subscription, ...]] = {}
    for row in rows:
        found[row.person_id] = (*found.get(row.person_id, ()), to_subscription(row))
    return found


def _before(query: Select[Any], column: ColumnElement[int], before: int | None) -> Select[Any]:
    return query if before is None else query.where(column < before)


def _people(connection: Connection, query: Select[Any], most: int) -> tuple[Person, ...]:
    return tuple(to_person(row) for row in connection.execute(query.limit(most)))

"""Changes of address: asked for by a subscriber, made when both mailboxes have agreed.

Anyone who has a forwarded mail could ask for one, so the old mailbox must agree; and the new one
must, because it was typed by hand. Each function takes an open connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from subscribers.addresses import Address
from subscribers.people import find_person, find_person_id
from subscribers.suppression import find_reasons
from subscribers.tables import address_changes, people

#: How long both ends may take to agree.
OPEN_FOR = timedelta(days=7)
#: A person may ask for one change within this time.
_AT_MOST_EVERY = timedelta(days=1)
_MOST_OPEN = 3


class End(StrEnum):
    """The mailbox at one end of a change."""

    OLD = "old"
    NEW = "new"


class ChangeState(StrEnum):
    """The state of a change of address."""

    OPEN = "open"
    DONE = "done"
    #: One end refused it, or the new address cannot be used.
    REFUSED = "refused"
    #: It was open for too long.
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChange:
    """One change of address."""

    id: int
    person_id: int
    newsletter: str
    state: ChangeState
    #: The new address; empty unless it is open.
    address: str
    agreed: frozenset[End]


def ask_for_change(
    connection: Connection, person_id: int, address: Address, newsletter: str, *, now: datetime
) -> AddressChange | None:
    """Store a change; None if this person asked for too many.

    Any address is stored, also one that can never be used, so that the answer says nothing about
    it.
    """
    theirs = address_changes.c.person_id == person_id
    recent = _count(connection, theirs, address_changes.c.created_at > now - _AT_MOST_EVERY)
    if recent or _count(connection, theirs, _is_open(now)) >= _MOST_OPEN:
        return None
    row = {
        "person_id": person_id,
        "newsletter": newsletter,
        "state": ChangeState.OPEN.value,
        "address": address.address,
        "created_at": now,
    }
    added = connection.execute(insert(address_changes).values(row).returning(address_changes.c.id))
    return AddressChange(
        id=added.scalar_one(),
        person_id=person_id,
        newsletter=newsletter,
        state=ChangeState.OPEN,
        address=address.address,
        agreed=frozenset(),
    )


def find_change(
    connection: Connection, change_id: int, person_id: int, *, now: datetime
) -> AddressChange | None:
    """Return a person's change; None if it does not exist, or no longer exists."""
    query = select(address_changes).where(
        address_changes.c.id == change_id, address_changes.c.person_id == person_id
    )
    row = connection.execute(query).one_or_none()
    return _to_change(row, now) if row else None


def has_open_change(connection: Connection, person_id: int, *, now: datetime) -> bool:
    """Return whether a change of a person's address waits for an answer."""
    return _count(connection, address_changes.c.person_id == person_id, _is_open(now)) > 0


def can_move_to(connection: Connection, keys: Sequence[str], address: Address) -> bool:
    """Return whether an address is free: no person has it, and it may be mailed."""
    is_taken = find_person(connection, address) is not None
    return not is_taken and not find_reasons(connection, keys, address)


def agree(
    connection: Connection,
    keys: Sequence[str],
    change: AddressChange,
    end: End,
    address: Address,
    *,
    now: datetime,
) -> ChangeState:
    """Store that one end agreed; if both have, change the address. Return the state after it.

    Args:
        connection: a connection inside a transaction.
        keys: the secret keys, newest first.
        change: an open change, read in this transaction.
        end: the end that agrees.
        address: the new address of `change`, parsed.
        now: the time.
    """
    this = and_(address_changes.c.id == change.id, _is_open(now))
    agreed_at = {End.OLD: "old_agreed_at", End.NEW: "new_agreed_at"}[end]
    # Returned by the statement, because the other end may agree at the same moment.
    row = connection.execute(
        update(address_changes)
        .where(this)
        .values({agreed_at: func.coalesce(address_changes.c[agreed_at], now)})
        .returning(address_changes)
    ).one_or_none()
    if row is None:
        return ChangeState.REFUSED
    if _to_change(row, now).agreed != frozenset(End):
        return ChangeState.OPEN
    person = find_person_id(connection, change.person_id)
    is_possible = person is not None and not person.suppressed
    if not is_possible or not can_move_to(connection, keys, address):
        return _end(connection, change, ChangeState.REFUSED)
    connection.execute(
        update(people)
        .where(people.c.id == change.person_id)
        .values(address=address.address, address_key=address.key)
    )
    return _end(connection, change, ChangeState.DONE)


def has_moved_since(person_id: ColumnElement[int], at: ColumnElement[datetime]) -> Exists:
    """Return the condition that a person's address changed after a time, for a query."""
    agreed = (address_changes.c.old_agreed_at, address_changes.c.new_agreed_at)
    return exists().where(
        address_changes.c.person_id == person_id,
        address_changes.c.state == ChangeState.DONE,
        or_(*(each > at for each in agreed)),
    )


def refuse(connection: Connection, change: AddressChange) -> ChangeState:
    """End an open change at the wish of one end; return the state after it."""
    return _end(connection, change, ChangeState.REFUSED)


def forget_changes(connection: Connection, *, now: datetime) -> int:
    """Delete the changes that are no longer open for their age; return their number."""
    old = delete(address_changes).where(address_changes.c.created_at <= now - OPEN_FOR)
    return connection.execute(old).rowcount


def _end(connection: Connection, change: AddressChange, state: ChangeState) -> ChangeState:
    connection.execute(
        update(address_changes)
        .where(address_changes.c.id == change.id, address_changes.c.state == ChangeState.OPEN)
        .values(state=state, address="")
    )
    return state


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(
        address_changes.c.state == ChangeState.OPEN,
        address_changes.c.created_at > now - OPEN_FOR,
    )


def _count(connection: Connection, *wanted: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(address_changes).where(*wanted)
    return int(connection.execute(query).scalar_one())


def _to_change(row: Row[Any], now: datetime) -> AddressChange:
    state = ChangeState(row.state)
    if state is ChangeState.OPEN and row.created_at <= now - OPEN_FOR:
        state = ChangeState.EXPIRED
    agreed = {End.OLD: row.old_agreed_at, End.NEW: row.new_agreed_at}
    return AddressChange(
        id=row.id,
        person_id=row.person_id,
        newsletter=row.newsletter,
        state=state,
        address=row.address if state is ChangeState.OPEN else "",
        agreed=frozenset(end for end, at in agreed.items() if at is not None),
    )

"""Carries over who left, from a database that is replaced to an older copy of it.

Only endings are carried over: a person who left, complained or was suppressed or erased since the
copy was made must not be mailed again. Sign-ups and choices made since are lost with the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from subscribers.addresses import Address
from subscribers.preferences import State
from subscribers.suppression import SuppressionReason, hash_address
from subscribers.tables import people, subscriptions, suppressions

_ENDED = (State.LEFT, State.BOUNCED, State.COMPLAINED)
_OF_ENDING = ("state", "left_at", "left_how", "left_from", "left_reason")
#: Rows read or written at a time.
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Ending:
    """One subscription that has ended."""

    public_id: str
    newsletter: str
    state: str
    left_at: datetime | None
    left_how: str
    left_from: str
    left_reason: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One entry of the suppression list."""

    address_hash: str
    key_id: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """All subscriptions that have ended, and the suppression list."""

    subscriptions: tuple[Ending, ...]
    suppressions: tuple[Suppressed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The number of changes in the restored database."""

    #: Subscriptions that ended: the person left, or their mailbox bounced.
    left: int
    #: Subscriptions that ended by a complaint.
    complained: int
    #: Entries of the suppression list that are new or have more reasons, without erasures.
    suppressed: int
    #: Persons who were erased again.
    erased: int


def read_endings(connection: Connection) -> Endings:
    """Return who left and who is suppressed."""
    ended = connection.execute(
        select(
            people.c.public_id,
            subscriptions.c.newsletter,
            *(subscriptions.c[name] for name in _OF_ENDING),
        )
        .join(people, people.c.id == subscriptions.c.person_id)
        .where(subscriptions.c.state.in_(_ENDED))
    )
    listed = connection.execute(select(*(suppressions.c[name] for name in Suppressed.__slots__)))
    return Endings(
        subscriptions=tuple(Ending(*row) for row in ended),
        suppressions=tuple(Suppressed(*row) for row in listed),
    )


def carry_over(
    connection: Connection,
    endings: Endings,
    keys: Sequence[str],
    erase: Callable[[Address], object],
) -> Carried:
    """Apply the endings of a replaced database to the copy that takes its place.

    Args:
        connection: a write transaction of the copy.
        endings: the endings of the replaced database.
        keys: the secret keys, newest first.
        erase: erases the person of an address with everything that names them.
    """
    ended = [each for each in endings.subscriptions if _end(connection, each)]
    reasons = _suppress(connection, endings.suppressions)
    erased = 0
    for person_id, address, hashed in _listed_people(connection, keys, reasons):
        if SuppressionReason.ERASED in reasons[hashed].split(","):
            erase(address)
            erased += 1
        else:
            connection.execute(
                update(people).where(people.c.id == person_id).values(suppressed=reasons[hashed])
            )
    complained = sum(each.state == State.COMPLAINED for each in ended)
    return Carried(
        left=len(ended) - complained,
        complained=complained,
        suppressed=sum(
            SuppressionReason.ERASED not in each.split(",") for each in reasons.values()
        ),
        erased=erased,
    )


def _end(connection: Connection, ending: Ending) -> bool:
    """End a subscription of the copy, unless it has ended or was begun again since."""
    person = select(people.c.id).where(people.c.public_id == ending.public_id).scalar_subquery()
    still = (
        subscriptions.c.person_id == person,
        subscriptions.c.newsletter == ending.newsletter,
        subscriptions.c.state.not_in(_ENDED),
    )
    if ending.left_at is not None:
        still = (*still, subscriptions.c.joined_at <= ending.left_at)  # type: ignore[assignment]  # a longer tuple
    values = {name: getattr(ending, name) for name in _OF_ENDING}
    return connection.execute(update(subscriptions).where(*still).values(values)).rowcount > 0


def _suppress(connection: Connection, listed: Sequence[Suppressed]) -> dict[str, str]:
    """Add to the copy's list; return the reasons of each entry that is new or has more."""
    query = select(suppressions.c.address_hash, suppressions.c.reason)
    known: dict[str, str] = {row.address_hash: row.reason for row in connection.execute(query)}
    changed: dict[str, str] = {}
    for each in listed:
        before = set(known.get(each.address_hash, "").split(",")) - {""}
        after = before | set(each.reason.split(","))
        if after == before:
            continue
        changed[each.address_hash] = ",".join(sorted(after))
        values = {"reason": changed[each.address_hash]}
        if before:
            connection.execute(
                update(suppressions)
                .where(suppressions.c.address_hash == each.address_hash)
                .values(values)
            )
        else:
            new = {name: getattr(each, name) for name in Suppressed.__slots__} | values
            connection.execute(insert(suppressions).values(new))
    return changed


def _listed_people(
    connection: Connection, keys: Sequence[str], reasons: dict[str, str]
) -> Iterator[tuple[int, Address, str]]:
    """Return the persons whose address is listed: id, address, and the hash that is listed."""
    if not reasons:
        return
    last = 0
    columns = (people.c.id, people.c.address, people.c.address_key)
    query = select(*columns).order_by(people.c.id).limit(_BATCH)
    while rows := connection.execute(query.where(people.c.id > last)).all():
        for row in rows:
            address = Address(address=row.address, key=row.address_key)
            hashed = (hash_address(key, address) for key in keys)
            found = next((each for each in hashed if each in reasons), None)
            if found is not None:
                yield row.id, address, found
        last = rows[-1].id

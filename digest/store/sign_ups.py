"""Sign-ups that wait for a confirmation, and the marks that limit them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from digest.models import SignUp, SignUpCounts
from digest.store.tables import sign_up_marks, sign_ups
from subscribers.addresses import Address, parse_address
from subscribers.tables import people, subscriptions

_NETWORK = "network"
_ADDRESS = "address"

# --- from the request to the person -------------------------------------------------------------


def add_sign_up(connection: Connection, sign_up: SignUp, network: str) -> None:
    """Store a sign-up as it was asked for.

    Args:
        connection: a connection inside a transaction.
        sign_up: the sign-up, with its address.
        network: keyed hash of the client's network; empty if it has none of its own.
    """
    connection.execute(
        insert(sign_ups).values(
            newsletter=sign_up.newsletter,
            at=sign_up.at,
            address=sign_up.address,
            choices=sign_up.choices,
            wording=sign_up.wording,
            source=sign_up.source,
        )
    )
    add_request(connection, network, now=sign_up.at)


def add_request(connection: Connection, network: str, *, now: datetime) -> None:
    """Count one more form of a network; `network` is as for `add_sign_up`."""
    connection.execute(insert(sign_up_marks).values(hash=network, kind=_NETWORK, at=now))


def count_sign_ups(connection: Connection, network: str, *, since: datetime) -> SignUpCounts:
    """Return the number of sign-ups since a time, of one network and of all."""
    query = select(
        func.count(case((sign_up_marks.c.hash == network, 1))),
        func.count(),
    ).where(sign_up_marks.c.kind == _NETWORK, sign_up_marks.c.at > since)
    of_network, of_all = connection.execute(query).one()
    return SignUpCounts(network=of_network, everybody=of_all)


def unsettled_ids(connection: Connection, *, most: int = 50) -> tuple[int, ...]:
    """Return the ids of sign-ups that still have their address, oldest first."""
    query = select(sign_ups.c.id).where(sign_ups.c.address != "").order_by(sign_ups.c.id)
    return tuple(connection.execute(query.limit(most)).scalars())


def take_sign_up(connection: Connection, sign_up_id: int) -> SignUp | None:
    """Return a sign-up that still has its address; None if another process settled it.

    Until the end of the transaction no other process can take it.
    """
    query = select(*_columns()).where(sign_ups.c.id == sign_up_id, sign_ups.c.address != "")
    return _one(connection, query.with_for_update())


def settle_sign_up(
    connection: Connection, sign_up: SignUp, person_id: int, *, is_new: bool
) -> None:
    """Replace the address of a sign-up by its person, and an earlier sign-up by this one.

    Args:
        connection: a connection inside a transaction.
        sign_up: the sign-up.
        person_id: the person.
        is_new: whether this sign-up stored the person's subscription.
    """
    earlier = find_sign_up(connection, person_id, sign_up.newsletter)
    if earlier is not None:
        drop_sign_up(connection, earlier.id)
    connection.execute(
        update(sign_ups)
        .where(sign_ups.c.id == sign_up.id)
        .values(
            address="",
            person_id=person_id,
            is_new=is_new or (earlier is not None and earlier.is_new),
        )
    )


def drop_sign_up(connection: Connection, sign_up_id: int) -> None:
    """Delete a sign-up: it is confirmed, replaced, or nothing follows from it."""
    connection.execute(delete(sign_ups).where(sign_ups.c.id == sign_up_id))


def find_sign_up(connection: Connection, person_id: int, newsletter: str) -> SignUp | None:
    """Return the sign-up of a person that waits for a confirmation; None if there is none."""
    return _one(
        connection,
        select(*_columns()).where(
            sign_ups.c.person_id == person_id, sign_ups.c.newsletter == newsletter
        ),
    )


def sign_ups_of(connection: Connection, person_id: int) -> tuple[SignUp, ...]:
    """Return all sign-ups of a person that wait for a confirmation, oldest first."""
    query = select(*_columns()).where(sign_ups.c.person_id == person_id).order_by(sign_ups.c.id)
    return tuple(SignUp(**row) for row in connection.execute(query).mappings())


def _columns() -> list[ColumnElement[Any]]:
    return [sign_ups.c[name] for name in SignUp.__slots__]


def _one(connection: Connection, query: Select[Any]) -> SignUp | None:
    row = connection.execute(query).mappings().one_or_none()
    return SignUp(**row) if row else None


def erase_sign_ups(connection: Connection, address: Address) -> None:
    """Delete the sign-ups of an address that are not settled yet; others go with their person."""
    query = select(sign_ups.c.id, sign_ups.c.address).where(sign_ups.c.address != "")
    for sign_up_id, typed in connection.execute(query).all():
        if parse_address(typed, allow_reserved=True).key == address.key:
            drop_sign_up(connection, sign_up_id)


# --- the mails that sign-ups cause --------------------------------------------------------------


def count_mails(connection: Connection, hashes: Sequence[str], *, since: datetime) -> int:
    """Return the number of mails that sign-ups caused to one address since a time.

    Args:
        connection: a connection.
        hashes: the address's keyed hash under each key.
        since: the time.
    """
    query = select(func.count()).where(
        sign_up_marks.c.kind == _ADDRESS,
        sign_up_marks.c.hash.in_(hashes),
        sign_up_marks.c.at > since,
    )
    return int(connection.execute(query).scalar_one())


def add_mail(connection: Connection, address_hash: str, *, now: datetime) -> None:
    """Count one more mail to an address."""
    connection.execute(insert(sign_up_marks).values(hash=address_hash, kind=_ADDRESS, at=now))


def forget_mails(connection: Connection, hashes: Sequence[str]) -> None:
    """Forget the mails to an address, because its owner confirmed."""
    connection.execute(
        delete(sign_up_marks).where(
            sign_up_marks.c.kind == _ADDRESS, sign_up_marks.c.hash.in_(hashes)
        )
    )


# --- retention ----------------------------------------------------------------------------------


def forget_sign_ups(connection: Connection, *, before: datetime) -> int:
    """Delete old unconfirmed sign-ups, with what they stored; return their number.

    That is the pending subscription, and the person if they have no other.
    """
    old = sign_ups.c.at < before
    query = select(sign_ups.c.person_id, sign_ups.c.newsletter, sign_ups.c.is_new).where(old)
    rows = connection.execute(query).all()
    for person_id, newsletter, is_new in rows:
        if person_id is not None and is_new:
            connection.execute(
                delete(subscriptions).where(
                    subscriptions.c.person_id == person_id,
                    subscriptions.c.newsletter == newsletter,
                    subscriptions.c.state == "pending",
                )
            )
            has_other = exists().where(subscriptions.c.person_id == people.c.id)
            connection.execute(delete(people).where(people.c.id == person_id, ~has_other))
    connection.execute(delete(sign_ups).where(old))
    return len(rows)


def forget_marks(connection: Connection, *, before: datetime) -> None:
    """Delete the hashes of networks and addresses stored before a time."""
    connection.execute(delete(sign_up_marks).where(sign_up_marks.c.at < before))

"""Reads and writes people and their subscriptions; each function takes an open connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from subscribers.addresses import Address
from subscribers.preferences import (
    Consent,
    Person,
    Preferences,
    State,
    Subscription,
    dump_categories,
    load_categories,
)
from subscribers.tables import people, subscriptions
from subscribers.tokens import new_public_id

#: Rows read at once while streaming; bounds the memory for any number of people.
_PAGE = 1000

# Built once because an import runs these for every row.
_ADD = insert(people).returning(people.c.id)
_FIND = select(people).where(people.c.address_key == bindparam("key"))
_SUBSCRIBE = insert(subscriptions)
_FIND_SUBSCRIPTION = select(subscriptions).where(
    subscriptions.c.person_id == bindparam("person"),
    subscriptions.c.newsletter == bindparam("newsletter"),
)


def add_person(connection: Connection, address: Address, *, name: str, now: datetime) -> Person:
    """Store a new person; the address must not be known yet."""
    public_id = new_public_id()
    row = {
        "public_id": public_id,
        "address": address.address,
        "address_key": address.key,
        "name": name,
        "created_at": now,
    }
    added = connection.execute(_ADD, row)
    return Person(
        id=added.scalar_one(),
        public_id=public_id,
        address=address.address,
        name=name,
        suppressed=(),
        created_at=now,
    )


def find_person(connection: Connection, address: Address) -> Person | None:
    """Return the person with this address, or None."""
    row = connection.execute(_FIND, {"key": address.key}).one_or_none()
    return _to_person(row) if row else None


def find_public_id(connection: Connection, public_id: str) -> Person | None:
    """Return the person with this public id, or None."""
    row = connection.execute(select(people).where(people.c.public_id == public_id)).one_or_none()
    return _to_person(row) if row else None


def find_person_id(connection: Connection, person_id: int) -> Person | None:
    """Return the person with this id, or None."""
    row = connection.execute(select(people).where(people.c.id == person_id)).one_or_none()
    return _to_person(row) if row else None


def rename_person(connection: Connection, person_id: int, name: str) -> None:
    """Change a person's name."""
    connection.execute(update(people).where(people.c.id == person_id).values(name=name))


def find_subscription(
    connection: Connection, person_id: int, newsletter: str
) -> Subscription | None:
    """Return a person's subscription to a newsletter, or None."""
    which = {"person": person_id, "newsletter": newsletter}
    row = connection.execute(_FIND_SUBSCRIPTION, which).one_or_none()
    return _to_subscription(row) if row else None


def list_subscriptions(connection: Connection, person_id: int) -> tuple[Subscription, ...]:
    """Return all subscriptions of a person, sorted by newsletter."""
    query = (
        select(subscriptions)
        .where(subscriptions.c.person_id == person_id)
        .order_by(subscriptions.c.newsletter)
    )
    return tuple(_to_subscription(row) for row in connection.execute(query))


def subscribe(connection: Connection, person_id: int, subscription: Subscription) -> None:
    """Store a new subscription of a person."""
    row = {"person_id": person_id, **_to_columns(subscription)}
    connection.execute(_SUBSCRIBE, row)


def change_subscription(connection: Connection, person_id: int, subscription: Subscription) -> None:
    """Replace the person's subscription to the same newsletter."""
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.person_id == person_id,
            subscriptions.c.newsletter == subscription.newsletter,
        )
        .values(**_to_columns(subscription))
    )


def confirm(connection: Connection, person_id: int, newsletter: str, consent: Consent) -> bool:
    """Confirm a pending subscription; return False if there is no pending one.

    The day of the confirmation is that of the sign-up if no other is known.
    """
    found = find_subscription(connection, person_id, newsletter)
    if found is None or found.state is not State.PENDING:
        return False
    confirmed = replace(found, state=State.CONFIRMED, consent=consent)
    if not found.is_joined_known:
        confirmed = replace(confirmed, joined_at=consent.at, is_joined_known=True)
    change_subscription(connection, person_id, confirmed)
    return True


def leave(
    connection: Connection, person_id: int, newsletter: str, *, how: str, now: datetime
) -> bool:
    """End one subscription at the person's request; return False if they had left before.

    Subscriptions to other newsletters do not change. Safe to repeat: the time and way of the
    first leaving are kept.
    """
    changed = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.person_id == person_id,
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state.not_in((State.LEFT, State.COMPLAINED)),
        )
        .values(state=State.LEFT, left_at=now, left_how=how)
    )
    return changed.rowcount > 0


def complain(connection: Connection, person_id: int, *, now: datetime) -> int:
    """End every subscription of a person who reported a mail as spam.

    Returns:
        The number of subscriptions that ended; the time and way of an earlier leaving are kept.
    """
    changed = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.person_id == person_id,
            subscriptions.c.state.not_in((State.LEFT, State.COMPLAINED)),
        )
        .values(state=State.COMPLAINED, left_at=now, left_how="complaint")
    )
    return changed.rowcount


def stream_subscribers(
    connection: Connection, newsletter: str
) -> Iterator[tuple[Person, Subscription]]:
    """Yield every person with a subscription to a newsletter, in any state, sorted by id."""
    query = (
        select(people, subscriptions)
        .join(subscriptions, subscriptions.c.person_id == people.c.id)
        .where(subscriptions.c.newsletter == newsletter)
        .order_by(people.c.id)
        .limit(_PAGE)
    )
    last_id = 0
    while page := connection.execute(query.where(people.c.id > last_id)).all():
        for row in page:
            yield _to_person(row), _to_subscription(row)
        last_id = page[-1].id


def _to_person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        public_id=row.public_id,
        address=row.address,
        name=row.name,
        suppressed=tuple(row.suppressed.split(",")) if row.suppressed else (),
        created_at=row.created_at,
    )


def _to_subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        newsletter=row.newsletter,
        state=State(row.state),
        joined_at=row.joined_at,
        is_joined_known=row.is_joined_known,
        preferences=Preferences(
            categories=load_categories(row.categories),
            cadence=row.cadence,
            language=row.language,
            text_size=row.text_size,
            zone=row.zone,
            hour=row.hour,
            paused_until=row.paused_until,
        ),
        consent=_to_consent(row),
        seen_seq=row.seen_seq,
        left_at=row.left_at,
        left_how=row.left_how,
    )


def _to_consent(row: Row[Any]) -> Consent | None:
    if row.consent_at is None:
        return None
    return Consent(at=row.consent_at, how=row.consent_how, text=row.consent_text)


def _to_columns(subscription: Subscription) -> dict[str, Any]:
    chosen, consent = subscription.preferences, subscription.consent
    return {
        "newsletter": subscription.newsletter,
        "state": subscription.state,
        "categories": dump_categories(chosen.categories),
        "cadence": chosen.cadence,
        "language": chosen.language,
        "text_size": chosen.text_size,
        "zone": chosen.zone,
        "hour": chosen.hour,
        "paused_until": chosen.paused_until,
        "seen_seq": subscription.seen_seq,
        "joined_at": subscription.joined_at,
        "is_joined_known": subscription.is_joined_known,
        "consent_at": consent.at if consent else None,
        "consent_how": consent.how if consent else "",
        "consent_text": consent.text if consent else "",
        "left_at": subscription.left_at,
        "left_how": subscription.left_how,
    }

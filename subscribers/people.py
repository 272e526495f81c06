"""Reads and writes people and their subscriptions; each function takes an open connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, insert, select, update

from subscribers.addresses import Address
from subscribers.bulk import insert_rows
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
_FIND_MANY = (
    select(people, subscriptions)
    .outerjoin(
        subscriptions,
        and_(
            subscriptions.c.person_id == people.c.id,
            subscriptions.c.newsletter == bindparam("newsletter"),
        ),
    )
    .where(people.c.address_key.in_(bindparam("keys", expanding=True)))
)
_FIND_IDS = select(people.c.address_key, people.c.id).where(
    people.c.address_key.in_(bindparam("keys", expanding=True))
)
_RENAME = update(people).where(people.c.id == bindparam("person")).values(name=bindparam("called"))
_CHANGE = update(subscriptions).where(
    subscriptions.c.person_id == bindparam("person"),
    subscriptions.c.newsletter == bindparam("of"),
    subscriptions.c.state == bindparam("was"),
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
    return to_person(row) if row else None


def find_public_id(connection: Connection, public_id: str) -> Person | None:
    """Return the person with this public id, or None."""
    row = connection.execute(select(people).where(people.c.public_id == public_id)).one_or_none()
    return to_person(row) if row else None


def find_person_id(connection: Connection, person_id: int) -> Person | None:
    """Return the person with this id, or None."""
    row = connection.execute(select(people).where(people.c.id == person_id)).one_or_none()
    return to_person(row) if row else None


def rename_person(connection: Connection, person_id: int, name: str) -> None:
    """Change a person's name."""
    rename_many(connection, [(person_id, name)])


def rename_many(connection: Connection, names: Iterable[tuple[int, str]]) -> None:
    """Change the names of people, each by the person's id."""
    if rows := [{"person": person, "called": name} for person, name in names]:
        connection.execute(_RENAME, rows)


def find_subscription(
    connection: Connection, person_id: int, newsletter: str
) -> Subscription | None:
    """Return a person's subscription to a newsletter, or None."""
    which = {"person": person_id, "newsletter": newsletter}
    row = connection.execute(_FIND_SUBSCRIPTION, which).one_or_none()
    return to_subscription(row) if row else None


def list_subscriptions(connection: Connection, person_id: int) -> tuple[Subscription, ...]:
    """Return all subscriptions of a person, sorted by newsletter."""
    query = (
        select(subscriptions)
        .where(subscriptions.c.person_id == person_id)
        .order_by(subscriptions.c.newsletter)
    )
    return tuple(to_subscription(row) for row in connection.execute(query))


def subscribe(connection: Connection, person_id: int, subscription: Subscription) -> None:
    """Store a new subscription of a person."""
    row = {"person_id": person_id, **_to_columns(subscription)}
    connection.execute(_SUBSCRIBE, row)


def change_many(
    connection: Connection, changed: Iterable[tuple[int, Subscription, Subscription]]
) -> None:
    """Replace subscriptions, each with the id of its person and as it was read before.

    One whose state is another by now stays as it is, because its person may have left in between.
    The windows are not written: an edition may move them at the same moment.
    """
    rows = []
    for person, before, after in changed:
        columns = _to_columns(after)
        del columns["seen_seq"]
        rows.append({"person": person, "of": before.newsletter, "was": before.state, **columns})
    if rows:
        connection.execute(_CHANGE, rows)


def change_preferences(
    connection: Connection, person_id: int, newsletter: str, preferences: Preferences
) -> bool:
    """Replace the choices of a confirmed subscriber; return False if there is none.

    Only the choices are written, because an edition may move the window at the same moment.
    """
    changed = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.person_id == person_id,
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state == State.CONFIRMED,
        )
        .values(**_choices_to_columns(preferences))
    )
    return changed.rowcount > 0


def confirm(
    connection: Connection, person_id: int, before: Subscription, confirmed: Subscription
) -> bool:
    """Replace a subscription by the confirmed one as a whole, with its window.

    Nothing of an earlier leaving stays. One statement checks and replaces, so that a leaving or a
    complaint since `before` was read is not undone; False then.
    """
    changed = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.person_id == person_id,
            subscriptions.c.newsletter == before.newsletter,
            subscriptions.c.state == before.state,
            subscriptions.c.left_at.is_not_distinct_from(before.left_at),
        )
        .values(**_to_columns(confirmed))
    )
    return changed.rowcount > 0


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
        .values(
            state=State.LEFT,
            left_at=now,
            left_how=how,
            # In an UPDATE this is the value before it.
            left_from=subscriptions.c.state,
            left_reason="",
        )
    )
    return changed.rowcount > 0


def find_many(
    connection: Connection, keys: Sequence[str], newsletter: str
) -> dict[str, tuple[Person, Subscription | None]]:
    """Return the people with these address keys, and their subscriptions to one newsletter.

    Args:
        connection: an open connection.
        keys: at most a few thousand keys of `Address`.
        newsletter: the newsletter's name.
    """
    found = connection.execute(_FIND_MANY, {"keys": keys, "newsletter": newsletter})
    return {
        row.address_key: (to_person(row), to_subscription(row) if row.newsletter else None)
        for row in found
    }


def add_many(
    connection: Connection, named: Iterable[tuple[Address, str]], *, now: datetime
) -> dict[str, int]:
    """Store new people, each with a name; return their ids by address key."""
    rows = [
        {
            "public_id": new_public_id(),
            "address": address.address,
            "address_key": address.key,
            "name": name,
            "created_at": now,
        }
        for address, name in named
    ]
    if not rows:
        return {}
    insert_rows(connection, people, rows)
    keys = [row["address_key"] for row in rows]
    return {row.address_key: row.id for row in connection.execute(_FIND_IDS, {"keys": keys})}


def subscribe_many(connection: Connection, started: Iterable[tuple[int, Subscription]]) -> None:
    """Store new subscriptions, each with the id of its person."""
    if rows := [{"person_id": person, **_to_columns(each)} for person, each in started]:
        insert_rows(connection, subscriptions, rows)


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
            yield to_person(row), to_subscription(row)
        last_id = page[-1].id


def to_person(row: Row[Any]) -> Person:
    """Return the person of a row of `people`."""
    return Person(
        id=row.id,
        public_id=row.public_id,
        address=row.address,
        name=row.name,
        suppressed=tuple(row.suppressed.split(",")) if row.suppressed else (),
        created_at=row.created_at,
    )


def to_subscription(row: Row[Any]) -> Subscription:
    """Return the subscription of a row of `subscriptions`."""
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
        source=row.source,
        seen_seq=row.seen_seq,
        left_at=row.left_at,
        left_how=row.left_how,
        left_from=State(row.left_from) if row.left_from else None,
        left_reason=row.left_reason,
    )


def _to_consent(row: Row[Any]) -> Consent | None:
    if row.consent_at is None:
        return None
    return Consent(at=row.consent_at, how=row.consent_how, text=row.consent_text)


def _to_columns(subscription: Subscription) -> dict[str, Any]:
    consent = subscription.consent
    return {
        "newsletter": subscription.newsletter,
        "state": subscription.state,
        **_choices_to_columns(subscription.preferences),
        "source": subscription.source,
        "seen_seq": subscription.seen_seq,
        "joined_at": subscription.joined_at,
        "is_joined_known": subscription.is_joined_known,
        "consent_at": consent.at if consent else None,
        "consent_how": consent.how if consent else "",
        "consent_text": consent.text if consent else "",
        "left_at": subscription.left_at,
        "left_how": subscription.left_how,
        "left_from": subscription.left_from or "",
        "left_reason": subscription.left_reason,
    }


def _choices_to_columns(chosen: Preferences) -> dict[str, Any]:
    return {
        "categories": dump_categories(chosen.categories),
        "cadence": chosen.cadence,
        "language": chosen.language,
        "text_size": chosen.text_size,
        "zone": chosen.zone,
        "hour": chosen.hour,
        "paused_until": chosen.paused_until,
    }

"""Subscribers, an edition and its frozen rows, for the tests of the ledger and the sender."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select

from digest.models import CadenceAudience, Delivery, DeliveryState, Message
from digest.store.audience import PlannedGroup, audience_groups, freeze_groups
from digest.store.engine import Database
from digest.store.tables import deliveries, editions, slots, variants
from subscribers.tables import people, subscriptions
from tests.support.databases import new_file

NEWSLETTER = "weekly"
SUBSCRIBERSHIP = CadenceAudience(NEWSLETTER, NEWSLETTER)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CUT = 40
#: Returns a ledger of one frozen edition to this number of subscribers.
NewLedger = Callable[[int], Database]


def address(number: int) -> str:
    """Return the address of subscriber `number`."""
    return f"user{number}@example.org"


def add_subscribers(connection: Connection, count: int, *, first: int = 1) -> None:
    """Store confirmed subscribers; subscriber 1 has the id 1."""
    numbers = range(first, first + count)
    connection.execute(
        insert(people),
        [
            {
                "id": number,
                "public_id": f"public{number}",
                "address": address(number),
                "address_key": address(number),
                "created_at": NOW,
            }
            for number in numbers
        ],
    )
    connection.execute(
        insert(subscriptions),
        [
            {
                "person_id": number,
                "newsletter": NEWSLETTER,
                "state": "confirmed",
                "joined_at": NOW,
            }
            for number in numbers
        ],
    )


def add_edition(connection: Connection, edition_id: int = 1, *, cut_seq: int = CUT) -> None:
    """Store an edition that is being sent, with one variant of the same id and no rows."""
    slot = {"newsletter": NEWSLETTER, "cadence": NEWSLETTER, "local_at": f"slot {edition_id}"}
    connection.execute(insert(slots), [slot | {"due_at": NOW, "state": "composed"}])
    slot_id = connection.execute(select(slots.c.id).order_by(slots.c.id.desc())).scalars().first()
    edition = {
        "id": edition_id,
        "slot_id": slot_id,
        "newsletter": NEWSLETTER,
        "cadence": NEWSLETTER,
        "number": edition_id,
        "cut_seq": cut_seq,
        "state": "sending",
        "snapshot": "{}",
        "content_hash": "",
        "created_at": NOW,
        "composed_at": NOW,
        "frozen_at": NOW,
    }
    connection.execute(insert(editions), [edition])
    variant = {"id": edition_id, "edition_id": edition_id, "key": "all", "since_seq": 0}
    words = {"subject": "News", "preheader": "", "story_count": 1, "pieces": b""}
    connection.execute(insert(variants), [variant | words])


def freeze(connection: Connection, edition_id: int = 1, *, not_before: datetime = NOW) -> int:
    """Write the rows of every subscriber who may be mailed; return their number."""
    groups = audience_groups(connection, SUBSCRIBERSHIP, now=NOW)
    planned = [PlannedGroup(group, edition_id, not_before) for group in groups]
    count = freeze_groups(connection, SUBSCRIBERSHIP, planned, edition_id=edition_id, now=NOW)
    connection.execute(
        editions.update().where(editions.c.id == edition_id).values(frozen_count=count)
    )
    return count


def open_ledger(path: Path, subscribers: int) -> Database:
    """Open a new database with one frozen edition to `subscribers` subscribers."""
    database = new_file(path)
    fill_ledger(database, subscribers)
    return database


def fill_ledger(database: Database, subscribers: int) -> None:
    """Store one frozen edition to `subscribers` subscribers."""
    with database.write() as connection:
        add_subscribers(connection, subscribers)
        add_edition(connection)
        freeze(connection)


def states(database: Database, edition_id: int = 1) -> dict[int, DeliveryState]:
    """Return the state of each subscriber's delivery, in the order of the subscribers."""
    with database.read() as connection:
        rows = connection.execute(
            select(deliveries.c.subscriber_id, deliveries.c.state)
            .where(deliveries.c.edition_id == edition_id)
            .order_by(deliveries.c.subscriber_id)
        ).all()
    return {subscriber: DeliveryState(state) for subscriber, state in rows}


def reasons(database: Database) -> dict[int, str]:
    """Return the reason of each subscriber's delivery."""
    with database.read() as connection:
        rows = connection.execute(select(deliveries.c.subscriber_id, deliveries.c.reason)).all()
    return {row.subscriber_id: row.reason for row in rows}


def build(delivery: Delivery) -> Message:
    """Build a small message; its envelope sender names the subscriber, for scripts of MAIL."""
    number = delivery.recipient.subscriber_id
    message_id = f"<e{delivery.edition_id}.{number}@example.org>"
    head = f"From: news@example.org\r\nTo: {delivery.recipient.address}\r\n"
    return Message(
        message_id=message_id,
        sender=f"bounce{number}@example.org",
        recipient=delivery.recipient.address,
        content=f"{head}Message-ID: {message_id}\r\n\r\nNews.\r\n.dotted\r\n".encode(),
    )


def fixed_clock(now: datetime = NOW) -> Callable[[], datetime]:
    """Return a clock that does not move."""
    return lambda: now

"""The editions of the public archive: which are shown, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert

from digest.models import DeliveryState, EditionState
from digest.store.archive import (
    ArchivedCadence,
    count_archived,
    find_archived,
    list_archived,
    neighbours,
)
from digest.store.engine import Database
from digest.store.tables import deliveries, editions, slots, variants

FIRST = datetime(2026, 8, 3, 7, 0, tzinfo=UTC)
WEEKLY = ArchivedCadence(newsletter="paper", others=("monthly",))
MONTHLY = ArchivedCadence(newsletter="paper", cadence="monthly")


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """Return a connection to an empty database."""
    with database.write() as connection:
        yield connection


def add(
    connection: Connection,
    number: int,
    *fates: DeliveryState,
    state: EditionState = EditionState.FINISHED,
    cadence: str = "weekly",
    newsletter: str = "paper",
    at: datetime | None = None,
    is_frozen: bool = True,
    has_first: bool = True,
) -> None:
    """Store an edition with its deliveries; its id is its number plus 100."""
    when = at or FIRST + timedelta(weeks=number)
    slot = insert(slots).values(
        newsletter=newsletter, cadence=cadence, local_at=f"{number}", due_at=when, state="composed"
    )
    connection.execute(
        insert(editions).values(
            id=number + 100,
            slot_id=connection.execute(slot.returning(slots.c.id)).scalar_one(),
            newsletter=newsletter,
            cadence=cadence,
            number=number,
            cut_seq=number,
            state=state,
            snapshot="{}",
            content_hash=f"hash {number}",
            created_at=when,
            composed_at=when,
            frozen_at=when if is_frozen else None,
            first_at=when if is_frozen and has_first else None,
        )
    )
    words = {"subject": "News", "preheader": "", "story_count": 1, "pieces": b""}
    variant = insert(variants).values(edition_id=number + 100, key="all", since_seq=0, **words)
    made = connection.execute(variant.returning(variants.c.id)).scalar_one()
    for subscriber, fate in enumerate(fates or (DeliveryState.SENT,)):
        row = {
            "edition_id": number + 100,
            "subscriber_id": subscriber,
            "variant_id": made,
            "not_before": when,
            "state": fate,
        }
        connection.execute(insert(deliveries).values(row))


def numbers(connection: Connection, wanted: ArchivedCadence = WEEKLY) -> list[int]:
    return [row.number for row in list_archived(connection, wanted, most=50)]


def test_only_editions_of_which_mails_were_sent_are_shown(connection: Connection) -> None:
    sent, failed = DeliveryState.SENT, DeliveryState.FAILED
    add(connection, 1)
    add(connection, 2, failed, sent, failed)
    add(connection, 3, failed, DeliveryState.SKIPPED)
    add(connection, 4, DeliveryState.PENDING, sent, state=EditionState.SENDING)
    add(connection, 5, DeliveryState.PENDING, state=EditionState.SENDING)
    add(connection, 6, sent, DeliveryState.SKIPPED, state=EditionState.CANCELLED)
    add(connection, 7, sent, DeliveryState.PENDING, state=EditionState.PAUSED)
    add(connection, 8, state=EditionState.DRAFT, is_frozen=False)
    add(connection, 9, state=EditionState.APPROVED, is_frozen=False)
    assert numbers(connection) == [4, 2, 1]
    assert count_archived(connection, WEEKLY) == 3
    shown = [n for n in range(10) if find_archived(connection, "paper", n) is not None]
    assert shown == [1, 2, 4]


def test_the_newest_mail_comes_first_whatever_the_number(connection: Connection) -> None:
    add(connection, 1)
    add(connection, 2, at=FIRST + timedelta(weeks=9))
    add(connection, 3, has_first=False)
    add(connection, 4, at=FIRST + timedelta(weeks=9))
    assert numbers(connection) == [4, 2, 3, 1]
    assert [row.number for row in list_archived(connection, WEEKLY, most=2, skip=1)] == [2, 3]
    assert list_archived(connection, WEEKLY, most=1)[0].at == FIRST + timedelta(weeks=9)


def test_the_first_cadence_has_the_editions_of_cadences_that_are_gone(
    connection: Connection,
) -> None:
    add(connection, 1, cadence="old")
    add(connection, 2)
    add(connection, 3, cadence="monthly")
    add(connection, 4, newsletter="other")
    assert numbers(connection) == [2, 1]
    assert numbers(connection, MONTHLY) == [3]
    assert numbers(connection, ArchivedCadence(newsletter="paper")) == [3, 2, 1]
    assert find_archived(connection, "paper", 4) is None
    assert find_archived(connection, "other", 4) is not None


def test_the_neighbours_are_those_of_the_list(connection: Connection) -> None:
    for number in (1, 2, 4, 5):
        add(connection, number, at=FIRST + timedelta(weeks=min(number, 4)))
    add(connection, 3, cadence="monthly")
    rows = list_archived(connection, WEEKLY, most=50)
    assert [row.number for row in rows] == [5, 4, 2, 1]
    for place, row in enumerate(rows):
        older, newer = neighbours(connection, WEEKLY, row)
        assert older == (rows[place + 1] if place < 3 else None)
        assert newer == (rows[place - 1] if place else None)

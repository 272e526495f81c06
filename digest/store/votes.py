"""Stored answers to the polls of editions: one for each edition and person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from digest.store.dialect import insert_for
from digest.store.editions import IS_FROZEN
from digest.store.tables import deliveries, editions, votes
from subscribers.preferences import State
from subscribers.tables import subscriptions


def open_poll(connection: Connection, edition_id: int) -> None:
    """Store that the mails of an edition have its poll."""
    connection.execute(update(editions).where(editions.c.id == edition_id).values(asks_poll=True))


def is_open(connection: Connection, edition_id: int) -> bool:
    """Return whether answers to an edition's poll count.

    They do until the next edition of its newsletter and cadence is frozen; one that was cancelled
    does not count.
    """
    later = editions.alias("later")
    is_later = or_(
        later.c.frozen_at > editions.c.frozen_at,
        and_(later.c.frozen_at == editions.c.frozen_at, later.c.id > editions.c.id),
    )
    query = select(editions.c.id).where(
        editions.c.id == edition_id,
        editions.c.asks_poll,
        ~exists().where(
            later.c.newsletter == editions.c.newsletter,
            later.c.cadence == editions.c.cadence,
            later.c.state != "cancelled",
            is_later,
        ),
    )
    return connection.execute(query).first() is not None


def last_asked(connection: Connection, newsletter: str, cadence: str) -> tuple[int, str] | None:
    """Return id and snapshot of the newest edition of a cadence with a poll in its mails."""
    query = (
        select(editions.c.id, editions.c.snapshot)
        .where(
            editions.c.newsletter == newsletter,
            editions.c.cadence == cadence,
            editions.c.asks_poll,
            IS_FROZEN,
        )
        .order_by(editions.c.frozen_at.desc(), editions.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return (row.id, row.snapshot) if row else None


def may_vote(connection: Connection, edition_id: int, person_id: int, newsletter: str) -> bool:
    """Return whether a person may answer the poll of an edition.

    They may if the edition was addressed to them, even if they left since. Subscribers who joined
    later may too: a welcome mail shows them the edition.
    """
    is_addressed = exists().where(
        deliveries.c.edition_id == edition_id, deliveries.c.subscriber_id == person_id
    )
    is_subscriber = exists().where(
        subscriptions.c.person_id == person_id,
        subscriptions.c.newsletter == newsletter,
        subscriptions.c.state == State.CONFIRMED,
    )
    return bool(connection.execute(select(or_(is_addressed, is_subscriber))).scalar())


def save_vote(
    connection: Connection, edition_id: int, person_id: int, choice: int, *, now: datetime
) -> None:
    """Store a person's answer; it replaces their earlier one.

    Args:
        connection: a connection with a write transaction.
        edition_id: the edition that asked.
        person_id: the person.
        choice: the number of the answer, from 1.
        now: the time of the answer.
    """
    new = insert_for(connection, votes).values(
        edition_id=edition_id, person_id=person_id, choice=choice, voted_at=now
    )
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["edition_id", "person_id"],
            set_={"choice": choice, "voted_at": now},
            # The same answer again, such as a reloaded page, changes nothing.
            where=votes.c.choice != choice,
        )
    )


def vote_of(connection: Connection, edition_id: int, person_id: int) -> int | None:
    """Return the number of a person's answer, from 1; None if they gave none."""
    query = select(votes.c.choice).where(
        votes.c.edition_id == edition_id, votes.c.person_id == person_id
    )
    return connection.execute(query).scalar()


def count_votes(connection: Connection, edition_id: int, choices: int) -> tuple[int, ...]:
    """Return the number of people who gave each answer of an edition's poll.

    Args:
        connection: an open connection.
        edition_id: the edition that asked.
        choices: the number of answers that it offers.
    """
    query = (
        select(votes.c.choice, func.count())
        .where(votes.c.edition_id == edition_id)
        .group_by(votes.c.choice)
    )
    found = {row[0]: row[1] for row in connection.execute(query)}
    return tuple(found.get(number, 0) for number in range(1, choices + 1))

"""The stored answers to polls: one for each person and edition, gone with the person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from digest.store import votes
from digest.store.engine import Connection, Database
from digest.store.tables import editions
from digest.store.tables import votes as table
from subscribers.addresses import parse_address
from subscribers.erasing import erase_person
from subscribers.people import leave
from tests.support.ledger_rows import (
    NEWSLETTER,
    NOW,
    add_edition,
    add_subscribers,
    address,
    fill_ledger,
    freeze,
)


@pytest.fixture
def ledger(database: Database) -> Database:
    """Return an edition that was mailed with a poll to three subscribers."""
    fill_ledger(database, 3)
    with database.write() as connection:
        votes.open_poll(connection, 1)
    return database


def frozen_later(connection: Connection, edition_id: int, **values: object) -> None:
    add_edition(connection, edition_id)
    later = {"frozen_at": NOW + timedelta(days=7), **values}
    connection.execute(update(editions).where(editions.c.id == edition_id).values(**later))


def test_a_person_has_one_answer_and_may_change_it(ledger: Database) -> None:
    with ledger.write() as connection:
        for person, choice in ((1, 1), (2, 2), (1, 2), (1, 2)):
            votes.save_vote(connection, 1, person, choice, now=NOW)
    with ledger.read() as connection:
        assert votes.count_votes(connection, 1, 3) == (0, 2, 0)
        assert [votes.vote_of(connection, 1, person) for person in (1, 2, 3)] == [2, 2, None]
        assert votes.vote_of(connection, 2, 1) is None


def test_the_same_answer_again_changes_nothing(ledger: Database) -> None:
    with ledger.write() as connection:
        votes.save_vote(connection, 1, 1, 2, now=NOW)
        votes.save_vote(connection, 1, 1, 2, now=NOW + timedelta(hours=1))
        assert connection.execute(select(table.c.voted_at)).scalars().all() == [NOW]


def test_the_answers_of_a_person_go_when_the_person_is_erased(ledger: Database) -> None:
    with ledger.write() as connection:
        votes.save_vote(connection, 1, 1, 1, now=NOW)
        votes.save_vote(connection, 1, 2, 1, now=NOW)
        assert erase_person(
            connection, ("key",), parse_address(address(1), allow_reserved=True), now=NOW
        )
        assert votes.count_votes(connection, 1, 2) == (1, 0)


def test_who_was_addressed_may_answer_even_after_leaving(ledger: Database) -> None:
    with ledger.write() as connection:
        assert leave(connection, 1, NEWSLETTER, how="page", now=NOW)
        assert votes.may_vote(connection, 1, 1, NEWSLETTER)


def test_a_newcomer_may_answer_once_confirmed(ledger: Database) -> None:
    with ledger.write() as connection:
        add_subscribers(connection, 1, first=9)
        assert votes.may_vote(connection, 1, 9, NEWSLETTER)
        assert not votes.may_vote(connection, 1, 9, "another")
        leave(connection, 9, NEWSLETTER, how="page", now=NOW)
        assert not votes.may_vote(connection, 1, 9, NEWSLETTER)


@pytest.mark.parametrize(
    ("values", "is_open"),
    [
        ({}, False),
        # At the same instant, the later edition is the one with the higher id.
        ({"frozen_at": NOW}, False),
        ({"is_extra": True}, False),
        ({"state": "cancelled"}, True),
        ({"frozen_at": None, "state": "draft"}, True),
        ({"cadence": "monthly"}, True),
        ({"newsletter": "another"}, True),
        ({"frozen_at": NOW - timedelta(days=7)}, True),
    ],
)
def test_a_poll_ends_when_the_next_edition_of_its_cadence_is_frozen(
    ledger: Database, values: dict[str, object], *, is_open: bool
) -> None:
    with ledger.write() as connection:
        assert votes.is_open(connection, 1)
        frozen_later(connection, 2, **values)
        assert votes.is_open(connection, 1) is is_open


def test_an_edition_that_mailed_no_poll_has_none_open(ledger: Database) -> None:
    with ledger.write() as connection:
        frozen_later(connection, 2)
        assert not votes.is_open(connection, 2)
        assert not votes.is_open(connection, 99)


def test_the_last_poll_is_the_newest_one_that_was_mailed(ledger: Database) -> None:
    with ledger.write() as connection:
        assert votes.last_asked(connection, NEWSLETTER, NEWSLETTER) == (1, "{}")
        frozen_later(connection, 2)
        assert votes.last_asked(connection, NEWSLETTER, NEWSLETTER) == (1, "{}")
        votes.open_poll(connection, 2)
        assert votes.last_asked(connection, NEWSLETTER, NEWSLETTER) == (2, "{}")
        assert votes.last_asked(connection, NEWSLETTER, "monthly") is None
        connection.execute(update(editions).where(editions.c.id == 2).values(state="cancelled"))
        assert votes.last_asked(connection, NEWSLETTER, NEWSLETTER) == (1, "{}")


def test_no_one_may_answer_an_edition_of_strangers(ledger: Database) -> None:
    with ledger.write() as connection:
        add_edition(connection, 2)
        freeze(connection, 2)
        assert not votes.may_vote(connection, 2, 77, NEWSLETTER)

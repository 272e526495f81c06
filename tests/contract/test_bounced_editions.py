"""Which editions pause because of what came back, on each engine."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from digest.bounces.classes import BounceClass
from digest.models import EditionState
from digest.newsroom.bounced_editions import guard_import
from digest.store import approvals
from digest.store.bad_import import BAD_IMPORT, FIRST, why_bad_import
from digest.store.editions import get_edition
from digest.store.engine import Database
from digest.store.tables import deliveries, notices
from subscribers.tables import people
from tests.contract.test_bounces import OPERATOR, Post, complaint, dsn, mark_sent, signed
from tests.support.ledger_rows import add_edition, add_subscribers, freeze


def open_post(database: Database, subscribers: int) -> Post:
    with database.write() as connection:
        add_subscribers(connection, subscribers)
        add_edition(connection)
        freeze(connection)
    mark_sent(database)
    return Post(database)


def state(post: Post) -> tuple[EditionState, str]:
    with post.database.read() as connection:
        edition = get_edition(connection, 1)
    assert edition is not None
    return edition.state, edition.paused_reason


def alerts(post: Post) -> list[str]:
    with post.database.read() as connection:
        return list(connection.scalars(select(notices.c.text).order_by(notices.c.id)))


def resume(post: Post) -> None:
    with post.database.write() as connection:
        assert approvals.resume(connection, 1)


def hard(*persons: int) -> list[bytes]:
    return [dsn(signed(person), "5.1.1", about=person) for person in persons]


def refuse(post: Post, *persons: int, reason: str = "refused") -> None:
    with post.database.write() as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.subscriber_id.in_(persons))
            .values(state="failed", reason=reason)
        )


def test_complaints_pause_an_edition_once_and_notify(database: Database) -> None:
    post = open_post(database, 8)
    mails = [complaint(f"Return-Path: <{signed(person)}>") for person in range(1, 9)]
    assert "4 of 8 mails" in post.take(*mails[:4]).warnings[0]
    assert state(post)[0] is EditionState.SENDING
    post.take(mails[4])
    assert state(post) == (EditionState.PAUSED, "many recipients reported it as spam")
    (alert,) = alerts(post)
    assert "5 of 8 mails (62.5%) were reported as spam" in alert
    assert alert.splitlines()[-1].startswith("It is paused: `digest resume 1` goes on")
    resume(post)
    assert post.take(*mails[5:]).warnings
    assert state(post)[0] is EditionState.SENDING
    assert len(alerts(post)) == 1


def test_a_warning_is_not_repeated_when_the_same_mails_are_read_again(database: Database) -> None:
    post = open_post(database, 8)
    mails = [complaint(f"Return-Path: <{signed(person)}>") for person in range(1, 5)]
    assert post.take(*mails).warnings
    again = post.take(*mails)
    assert (again.repeated, again.warnings) == (4, ())
    assert post.take(*mails, complaint(f"Return-Path: <{signed(5)}>")).warnings


@pytest.mark.parametrize(("status", "words"), [("5.7.1", "blocked"), ("5.6.0", "")])
def test_many_refusals_of_the_sender_or_the_content_pause_and_suppress_nobody(
    database: Database, status: str, words: str
) -> None:
    post = open_post(database, 6)
    set_domains(post, ["one.example", "two.example"])
    post.take(*(dsn(signed(person), status, words=words) for person in range(1, 6)))
    assert state(post)[0] is EditionState.PAUSED
    assert [post.reasons(person) for person in range(1, 6)] == [()] * 5


def test_refusals_of_one_domain_are_an_alert_that_names_it(database: Database) -> None:
    post = open_post(database, 6)
    set_domains(post, ["one.example"])
    post.take(*(dsn(signed(person), "5.7.1", words="blocked") for person in range(1, 6)))
    assert state(post)[0] is EditionState.SENDING
    (alert,) = alerts(post)
    assert "all of them by one.example" in alert
    with database.write() as connection:
        connection.execute(
            update(people).where(people.c.id == 6).values(address="user6@two.example")
        )
    post.take(dsn(signed(6), "5.7.1", words="blocked"))
    assert state(post)[0] is EditionState.PAUSED
    assert len(alerts(post)) == 2


def set_domains(post: Post, domains: list[str]) -> None:
    with post.database.write() as connection:
        for person in range(1, 7):
            changed = f"user{person}@{domains[person % len(domains)]}"
            connection.execute(update(people).where(people.c.id == person).values(address=changed))


def test_ten_missing_mailboxes_pause_an_edition_once(database: Database) -> None:
    post = open_post(database, 40)
    post.take(*hard(*range(1, 10)))
    assert state(post)[0] is EditionState.SENDING
    post.take(*hard(10))
    assert state(post) == (EditionState.PAUSED, BAD_IMPORT)
    resume(post)
    post.take(*hard(*range(11, 20)))
    assert state(post)[0] is EditionState.SENDING


def test_refusals_of_the_relay_and_reports_count_together(database: Database) -> None:
    post = open_post(database, 40)
    refuse(post, 1, 2, 3, 4, 5)
    # The same persons twice are the same mailboxes.
    post.take(*hard(5, 6, 7, 8, 9))
    assert guard_import(post.context, 1, by=OPERATOR) == ""
    refuse(post, 10)
    assert guard_import(post.context, 1, by=OPERATOR) == BAD_IMPORT
    assert state(post) == (EditionState.PAUSED, BAD_IMPORT)
    assert guard_import(post.context, 1, by=OPERATOR) == ""


def test_other_failures_and_a_small_share_are_no_bad_import(database: Database) -> None:
    post = open_post(database, FIRST + 20)
    with database.read() as connection:
        assert why_bad_import(connection, 1) == ""
    refuse(post, *range(1, 31), reason="full")
    refuse(post, *range(31, 41))
    with database.read() as connection:
        assert why_bad_import(connection, 1) == ""
    # Eleven of the first 200 are more than 5 %.
    refuse(post, 41)
    with database.read() as connection:
        assert why_bad_import(connection, 1) == BAD_IMPORT


def test_later_mails_do_not_count(database: Database) -> None:
    post = open_post(database, FIRST + 20)
    refuse(post, *range(FIRST + 1, FIRST + 21))
    with database.read() as connection:
        assert why_bad_import(connection, 1) == ""


def test_the_class_of_a_missing_mailbox_has_the_name_that_the_store_knows() -> None:
    assert BounceClass("hard-recipient") is BounceClass.HARD

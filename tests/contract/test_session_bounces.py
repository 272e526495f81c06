"""What the refusals of a send change for its subscribers, on each engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Engine, delete, event, func, insert, select, text, update

from digest.errors import RelayError, StoreError
from digest.models import SENDER, BounceOutcome
from digest.newsroom.bounced_editions import guard_edition
from digest.newsroom.context import RunContext
from digest.newsroom.session_bounces import count_all_refusals, count_refusals, refusals_counted
from digest.store.bad_import import BAD_IMPORT
from digest.store.bounces import count_bounces, list_bounces
from digest.store.engine import Database
from digest.store.persons import erase
from digest.store.refusals import has_accepted, list_unjudged
from digest.store.tables import audit, bounces, deliveries
from subscribers.addresses import parse_address
from subscribers.tables import address_changes, people
from tests.contract.test_bounces import KEYS, OPERATOR, Post, dsn, mark_sent, send_another, signed
from tests.support.ledger_rows import (
    NOW,
    add_edition,
    add_subscribers,
    address,
    fill_ledger,
    freeze,
)

NO_MAILBOX = "550 5.1.1 user unknown"
DISABLED = "550 5.2.1 mailbox disabled"
FULL = "552 5.2.2 mailbox full"
FULL_FOR_NOW = "452 4.2.2 mailbox full"


@pytest.fixture
def post(database: Database) -> Post:
    fill_ledger(database, 4)
    mark_accepted(database)
    return Post(database)


def mark_accepted(database: Database, edition: int = 1, *, at: datetime = NOW) -> None:
    mark_sent(database, edition, at=at)
    with database.write() as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.edition_id == edition)
            .values(reply_code=250, claimed_at=at)
        )


def refuse(
    post: Post, said: str, *persons: int, edition: int = 1, reason: str = "", attempts: int = 1
) -> None:
    """Let a server refuse the mails of an edition to persons."""
    at = post.now - timedelta(minutes=1)
    with post.database.write() as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.edition_id == edition, deliveries.c.subscriber_id.in_(persons))
            .values(
                state="failed",
                reason=reason or ("full" if "full" in said else "refused"),
                reply_code=int(said[:3]),
                reply_text=said[4:],
                attempts=attempts,
                claimed_at=at,
                ended_at=at,
            )
        )


def count(post: Post, edition: int = 1) -> int:
    return count_refusals(post.context, edition, by=SENDER)


def refuse_next(post: Post, said: str, edition: int, *, days: float = 7) -> None:
    """Send another edition, which a server refuses for person 1, and count it."""
    send_another(post, edition, days=days)
    mark_accepted(post.database, edition, at=post.now - timedelta(minutes=1))
    refuse(post, said, 1, edition=edition)
    count(post, edition)


def scores(post: Post, person: int) -> int:
    with post.database.read() as connection:
        return sum(each.is_scored for each in list_bounces(connection, person))


def stored(post: Post) -> int:
    with post.database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(bounces)) or 0)


# --- whose mailbox ------------------------------------------------------------------------------


def test_a_mailbox_that_does_not_exist_is_suppressed_at_once(post: Post) -> None:
    refuse(post, NO_MAILBOX, 1)
    assert count(post) == 1
    assert (post.reasons(1), post.reasons(2)) == (("bounced",), ())
    assert post.outcomes(1) == [BounceOutcome.SUPPRESSED]
    with post.database.read() as connection:
        (row,) = connection.execute(select(audit)).all()
        (stored,) = list_bounces(connection, 1)
        assert count_bounces(connection, 1) == {"hard-recipient": 1}
    assert (row.actor, row.action, row.edition_id) == ("sender", "bounce", 1)
    assert row.detail == "suppressed: 1, refused by their mail servers"
    assert (stored.words, stored.at) == (NO_MAILBOX, post.now - timedelta(minutes=1))


def test_other_refusals_for_good_are_confirmed_by_a_later_edition(post: Post) -> None:
    refuse(post, DISABLED, 1)
    count(post)
    assert (post.reasons(1), scores(post, 1)) == ((), 1)
    refuse_next(post, DISABLED, 2)
    assert post.reasons(1) == ("bounced",)


def test_a_refusal_is_not_confirmed_on_the_same_day_or_after_a_mail_that_arrived(
    post: Post,
) -> None:
    refuse(post, DISABLED, 1)
    count(post)
    refuse_next(post, DISABLED, 2, days=0.5)
    send_another(post, 3, days=7)
    refuse_next(post, DISABLED, 4)
    assert (post.reasons(1), scores(post, 1)) == ((), 3)
    # A full mailbox says nothing about whether it exists.
    refuse_next(post, FULL, 5)
    assert post.reasons(1) == ()
    refuse_next(post, DISABLED, 6)
    assert post.reasons(1) == ("bounced",)


def test_a_report_confirms_a_refusal(post: Post) -> None:
    refuse(post, "550 5.1.2 unknown domain", 1)
    count(post)
    send_another(post, 2, days=7)
    post.take(dsn(signed(1, 2), "5.4.4", words="unable to look up host: NXDOMAIN"))
    assert post.reasons(1) == ("bounced",)


def test_a_full_mailbox_is_suppressed_after_five_editions_in_a_row(post: Post) -> None:
    refuse(post, FULL, 1)
    count(post)
    for edition in range(2, 6):
        assert (post.reasons(1), scores(post, 1)) == ((), edition - 1)
        refuse_next(post, FULL, edition)
    assert post.reasons(1) == ("bounced",)
    assert post.outcomes(1)[-1] is BounceOutcome.SUPPRESSED


def test_five_editions_within_two_weeks_do_not_suppress(post: Post) -> None:
    refuse(post, FULL, 1)
    count(post)
    for edition in range(2, 8):
        refuse_next(post, FULL, edition, days=1)
    assert (post.reasons(1), scores(post, 1)) == ((), 7)


def test_a_mail_that_arrives_resets_the_score(post: Post) -> None:
    refuse(post, FULL, 1)
    count(post)
    for edition in range(2, 5):
        refuse_next(post, FULL, edition)
    send_another(post, 5, days=7)
    for edition in range(6, 10):
        refuse_next(post, FULL, edition)
    assert post.reasons(1) == ()
    refuse_next(post, FULL, 10)
    assert post.reasons(1) == ("bounced",)


def test_refusals_and_reports_are_one_row(post: Post) -> None:
    refuse(post, FULL, 1)
    count(post)
    for edition in range(2, 5):
        refuse_next(post, FULL, edition)
    send_another(post, 5, days=7)
    post.take(dsn(signed(1, 5), "5.2.2"))
    assert post.reasons(1) == ("bounced",)


# --- no fault of the recipient ------------------------------------------------------------------


def test_what_is_not_the_recipients_fault_changes_nothing(post: Post) -> None:
    refuse(post, "550 5.1.1 user unknown, your IP is listed at bl.example.org", 1)
    refuse(post, "554 5.7.1 spam", 2)
    refuse(post, "450 4.7.1 greylisted", 3, reason="expired", attempts=20)
    assert count(post) == 0
    assert [post.outcomes(person) for person in (1, 2, 3)] == [[], [], []]


def test_a_full_mailbox_counts_when_its_mail_expires(post: Post) -> None:
    refuse(post, FULL_FOR_NOW, 1, reason="expired", attempts=6)
    refuse(post, FULL_FOR_NOW, 2, reason="expired", attempts=5)
    assert count(post) == 1
    assert (scores(post, 1), scores(post, 2)) == (1, 0)


def test_other_ends_change_nothing(post: Post) -> None:
    ends: tuple[dict[str, object], ...] = (
        {"state": "deferred", "reason": "kept", "ended_at": None},
        {"state": "unknown", "reason": ""},
        {"state": "failed", "reason": "lost"},
        {"state": "failed", "reason": "needs SMTPUTF8", "reply_code": None, "reply_text": ""},
    )
    with post.database.write() as connection:
        add_subscribers(connection, 1, first=5)
        add_edition(connection, 2)
        freeze(connection, 2)
    mark_accepted(post.database, 2)
    refuse(post, NO_MAILBOX, 1, 2, 3, 4, edition=2)
    with post.database.write() as connection:
        for person, values in enumerate(ends, 1):
            theirs = (deliveries.c.subscriber_id == person) & (deliveries.c.edition_id == 2)
            connection.execute(update(deliveries).where(theirs).values(values))
        assert has_accepted(connection, 2)
    assert count(post, 2) == 0
    assert stored(post) == 0


def test_an_edition_of_which_nothing_was_accepted_counts_against_nobody(post: Post) -> None:
    with post.database.write() as connection:
        # Without a reply it was only assumed to be sent.
        connection.execute(update(deliveries).values(reply_code=None))
    refuse(post, NO_MAILBOX, 1, 2)
    refuse(post, FULL, 3)
    assert count(post) == 0
    # Nor does it later.
    mark_accepted_only(post, 4)
    assert count(post) == 0
    assert [post.outcomes(person) for person in (1, 2, 3)] == [[], [], []]


def mark_accepted_only(post: Post, person: int) -> None:
    with post.database.write() as connection:
        theirs = deliveries.c.subscriber_id == person
        connection.execute(update(deliveries).where(theirs).values(reply_code=250))
        assert has_accepted(connection, 1)


def test_an_edition_that_pauses_for_a_bad_import_suppresses_its_mailboxes(
    database: Database,
) -> None:
    fill_ledger(database, 40)
    mark_accepted(database)
    post = Post(database)
    refuse(post, NO_MAILBOX, *range(1, 13))
    assert guard_edition(post.context, 1, by=OPERATOR) == (f"edition 1: {BAD_IMPORT}",)
    assert count(post) == 12
    assert post.reasons(12) == ("bounced",)
    # They are no reports, whose share of the mails that were sent is judged.
    assert guard_edition(post.context, 1, by=OPERATOR) == ()


def test_a_refusal_of_the_address_before_a_change_says_nothing_about_the_new_one(
    post: Post,
) -> None:
    for person, days in ((1, 1), (2, -1)):
        at = NOW + timedelta(days=days)
        change = {"person_id": person, "newsletter": "weekly", "state": "done", "address": ""}
        times = {"created_at": at, "old_agreed_at": at, "new_agreed_at": at}
        with post.database.write() as connection:
            connection.execute(insert(address_changes).values(change | times))
    refuse(post, NO_MAILBOX, 1, 2)
    count(post)
    assert (post.reasons(1), post.reasons(2)) == ((), ("bounced",))


def test_a_refusal_does_not_hit_a_person_with_an_erased_persons_number(post: Post) -> None:
    refuse(post, NO_MAILBOX, 1, 2)
    with post.database.write() as connection:
        erase(connection, KEYS, parse_address(address(1), allow_reserved=True), now=post.now)
        connection.execute(delete(people).where(people.c.id == 2))
        for number in (1, 2):
            row = {"id": number, "public_id": f"new{number}", "address": f"new{number}@example.org"}
            row |= {"address_key": row["address"]}
            later = post.now + timedelta(days=1)
            connection.execute(insert(people).values(row | {"created_at": later}))
    assert count(post) == 0
    assert (post.outcomes(1), post.outcomes(2)) == ([], [])


# --- once ---------------------------------------------------------------------------------------


def test_a_refusal_is_counted_once(post: Post) -> None:
    refuse(post, FULL, 1, 2)
    assert [count(post), count(post)] == [2, 0]
    refuse(post, FULL, 3)
    assert [count(post), count(post)] == [1, 0]
    assert stored(post) == 3


def test_what_a_killed_process_did_not_commit_is_counted_by_the_next(post: Post) -> None:
    refuse(post, NO_MAILBOX, 1)
    refuse(post, FULL, 2)

    def killed() -> datetime:
        raise KeyboardInterrupt

    values = {"database": post.database, "keys": KEYS, "clock": killed}
    with pytest.raises(KeyboardInterrupt):
        count_refusals(cast("RunContext", SimpleNamespace(**values)), 1, by=SENDER)
    assert (post.reasons(1), stored(post)) == ((), 0)
    # The next run counts those of every edition, because that one may be finished.
    assert count_all_refusals(post.context, by=SENDER) == 2
    assert count_all_refusals(post.context, by=SENDER) == 0
    assert (post.reasons(1), stored(post)) == (("bounced",), 2)


def test_two_processes_count_a_refusal_once_and_suppress_an_address_once(
    database: Database,
) -> None:
    fill_ledger(database, 30)
    mark_accepted(database)
    post = Post(database)
    send_another(post, 2, days=0)
    mark_accepted(database, 2, at=post.now - timedelta(minutes=1))
    for edition in (1, 2):
        refuse(post, NO_MAILBOX, *range(1, 20), edition=edition)
        refuse(post, FULL, *range(20, 26), edition=edition)
    barrier = Barrier(4)

    def run(edition: int) -> int:
        barrier.wait(30)
        return count(post, edition)

    with ThreadPoolExecutor(4) as threads:
        counted = list(threads.map(run, (1, 2, 1, 2)))
    assert sum(counted) == stored(post) == 50
    assert [post.reasons(person) for person in (1, 19, 20)] == [("bounced",), ("bounced",), ()]


@pytest.mark.parametrize(
    ("error", "expected"), [(None, 1), (RelayError("it is down"), 1), (StoreError("full"), 0)]
)
@pytest.mark.anyio
async def test_refusals_are_counted_also_if_the_relay_ends_the_run(
    post: Post, error: Exception | None, expected: int
) -> None:
    async def send() -> None:
        async with refusals_counted(post.context, by=SENDER):
            assert stored(post) == 1
            refuse(post, FULL, 2)
            if error is not None:
                raise error

    refuse(post, FULL, 1)
    if error is None:
        await send()
    else:
        with pytest.raises(type(error)):
            await send()
    assert stored(post) == 1 + expected


def test_an_index_answers_whether_there_is_anything_to_count(post: Post, engine: str) -> None:
    asked: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    is_sqlite = engine == "sqlite"
    try:
        with post.database.read() as connection:
            list_unjudged(connection)
            if not is_sqlite:  # it reads small tables whole otherwise
                connection.execute(text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
            (query,) = (each for each in asked if "is_judged" in each)
            plan = connection.execute(text(f"{explain} {query}")).all()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    # On a small table PostgreSQL may take the other index over failed rows.
    fitting = {"deliveries_unjudged"} | (set() if is_sqlite else {"deliveries_ended_badly"})
    assert any(name in str(plan) for name in fitting)

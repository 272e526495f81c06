"""Windows of unknown deliveries, and what `digest resolve` does with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from digest.models import DeliveryState, Outcome, Reply
from digest.store import attempts, closing, unknown_deliveries, waiting
from digest.store.attempts import record_outcomes
from digest.store.audience import audience_groups
from digest.store.claims import claim_due
from digest.store.deliveries import mark_handing
from digest.store.engine import Database
from digest.store.tables import deliveries as rows
from digest.store.tables import editions
from digest.store.unknown_deliveries import Lost
from digest.store.waiting import Waiting, count_waiting
from subscribers.tables import people, subscriptions
from tests.support.ledger_rows import (
    CUT,
    NEWSLETTER,
    NOW,
    SUBSCRIBERSHIP,
    add_edition,
    add_subscribers,
    freeze,
)

START = 7
SENT = Outcome(state=DeliveryState.SENT, reply=Reply(code=250, text="ok"))
UNKNOWN = Outcome(state=DeliveryState.UNKNOWN, reply=None, reason="content: cut")


def send(connection: Connection, count: int, unknown: int, *, edition_id: int = 1) -> None:
    """Send an edition to `count` subscribers; the first ones never get an answer."""
    if edition_id == 1:
        add_subscribers(connection, count)
        connection.execute(update(subscriptions).values(seen_seq=START))
    add_edition(connection, edition_id, cut_seq=CUT + edition_id - 1)
    later = NOW + timedelta(days=edition_id)
    connection.execute(update(editions).where(editions.c.id == edition_id).values(frozen_at=later))
    freeze(connection, edition_id)
    claim = claim_due(connection, edition_id, "w", now=NOW)
    mark_handing(connection, [row.id for row in claim.deliveries], "w", now=NOW)
    outcomes = {
        row.id: UNKNOWN if row.recipient.subscriber_id <= unknown else SENT
        for row in claim.deliveries
    }
    record_outcomes(connection, outcomes, "w", now=NOW)
    assert closing.close_edition(connection, edition_id, now=NOW)


def windows(connection: Connection) -> list[int | None]:
    query = select(subscriptions.c.seen_seq).order_by(subscriptions.c.person_id)
    return list(connection.execute(query).scalars())


def audience(connection: Connection) -> int:
    groups = audience_groups(connection, SUBSCRIBERSHIP, now=NOW)
    return sum(group.subscribers for group in groups)


@pytest.mark.parametrize(
    ("count", "unknown", "are_held"),
    [
        (30, 20, False),  # not more than 20
        (30, 21, True),
        (440, 22, False),  # not more than 5 %
        (420, 22, True),
        (3, 3, True),  # none was sent
        (3, 2, False),
    ],
)
def test_windows_stay_if_too_many_deliveries_are_unknown(
    database: Database, count: int, unknown: int, are_held: bool
) -> None:
    with database.write() as connection:
        send(connection, count, unknown)
        held = START if are_held else CUT
        assert windows(connection) == [held] * unknown + [CUT] * (count - unknown)
        assert audience(connection) == count - (unknown if are_held else 0)
        expected = (Waiting(newsletter=NEWSLETTER, edition_id=1, subscribers=unknown),)
        assert count_waiting(connection) == (expected if are_held else ())
        assert count_waiting(connection, "other") == ()


def test_those_who_wait_get_no_row_until_they_are_resolved(database: Database) -> None:
    with database.write() as connection:
        send(connection, 30, 25)
        send(connection, 30, 0, edition_id=2)
        later = select(rows.c.subscriber_id).where(rows.c.edition_id == 2)
        assert sorted(connection.execute(later).scalars()) == [26, 27, 28, 29, 30]
        assert unknown_deliveries.assume_sent(connection, 1) == 25
        assert windows(connection) == [CUT] * 25 + [CUT + 1] * 5
        assert (audience(connection), count_waiting(connection)) == (30, ())


def test_a_newcomer_does_not_wait_for_the_mails_of_others(database: Database) -> None:
    with database.write() as connection:
        send(connection, 30, 25)
        add_subscribers(connection, 2, first=31)
        behind = update(subscriptions).where(subscriptions.c.person_id == 31)
        connection.execute(behind.values(seen_seq=START))
        assert audience(connection) == 7


def test_a_subscriber_who_left_does_not_wait(database: Database) -> None:
    with database.write() as connection:
        send(connection, 30, 25)
        left = update(subscriptions).where(subscriptions.c.person_id == 1)
        connection.execute(left.values(state="left"))
        gone = update(people).where(people.c.id == 2)
        connection.execute(gone.values(suppressed="manual"))
        assert [each.subscribers for each in count_waiting(connection)] == [23]


def test_lost_mails_leave_the_windows_that_stayed(database: Database) -> None:
    with database.write() as connection:
        send(connection, 30, 25)
        lost = unknown_deliveries.assume_lost(connection, 1)
        assert (lost.count, lost.uncovered) == (25, 0)
        assert windows(connection) == [START] * 25 + [CUT] * 5
        assert audience(connection) == 30
        states = select(rows.c.state, rows.c.reason).where(rows.c.subscriber_id == 1)
        assert connection.execute(states).one() == ("failed", "lost")


def test_a_window_that_moved_goes_back_to_where_it_was_at_the_freeze(database: Database) -> None:
    with database.write() as connection:
        send(connection, 30, 2)
        assert windows(connection) == [CUT] * 30
        assert unknown_deliveries.assume_lost(connection, 1) == Lost(count=2, uncovered=0)
        assert windows(connection) == [START] * 2 + [CUT] * 28


def test_a_window_does_not_go_back_before_a_later_edition(database: Database) -> None:
    with database.write() as connection:
        send(connection, 30, 3)
        paused = update(subscriptions).where(subscriptions.c.person_id == 3)
        connection.execute(paused.values(paused_until=NOW + timedelta(days=9)))
        send(connection, 30, 0, edition_id=2)
        assert unknown_deliveries.assume_lost(connection, 1) == Lost(count=3, uncovered=2)
        assert windows(connection) == [CUT + 1] * 2 + [START] + [CUT + 1] * 27


def test_a_later_edition_that_failed_does_not_keep_the_window(database: Database) -> None:
    with database.write() as connection:
        send(connection, 30, 2)
        send(connection, 30, 0, edition_id=2)
        mine = (rows.c.edition_id == 2, rows.c.subscriber_id == 1)
        connection.execute(update(rows).where(*mine).values(state="failed"))
        assert unknown_deliveries.assume_lost(connection, 1) == Lost(count=2, uncovered=1)
        assert windows(connection)[:2] == [START, CUT + 1]


def test_a_row_that_is_resent_keeps_its_date_and_has_a_new_age(database: Database) -> None:
    later = NOW + timedelta(days=3)
    with database.write() as connection:
        send(connection, 30, 2)
        assert unknown_deliveries.resend_unknown(connection, 1, now=later) == 2
        again = claim_due(connection, 1, "w", now=later).deliveries[0]
        assert (again.not_before, again.reopened_at) == (NOW, later)


def test_waiting_rows_expire_with_their_windows_open(database: Database) -> None:
    with database.write() as connection:
        add_subscribers(connection, 3)
        connection.execute(update(subscriptions).values(seen_seq=START))
        add_edition(connection)
        freeze(connection, not_before=NOW)
        late = update(rows).where(rows.c.subscriber_id == 3)
        connection.execute(late.values(not_before=NOW + timedelta(hours=9)))
        closing.expire_rest(connection, 1, before=NOW + timedelta(hours=1), now=NOW)
        account = closing.read_accounting(connection, 1)
        assert (account.failed, account.pending) == (2, 1)
        assert windows(connection) == [START] * 3


def test_a_kept_refusal_ends_unless_its_row_was_claimed_again(database: Database) -> None:
    kept = Outcome(state=DeliveryState.DEFERRED, reply=None, reason="kept", next_at=NOW)
    refused = Outcome(state=DeliveryState.FAILED, reply=None, reason="refused")
    with database.write() as connection:
        add_subscribers(connection, 2)
        add_edition(connection)
        freeze(connection)
        ids = [row.id for row in claim_due(connection, 1, "w", now=NOW).deliveries]
        record_outcomes(connection, dict.fromkeys(ids, kept), "w", now=NOW)
        claim_due(connection, 1, "other", now=NOW, most=1)
        attempts.settle_kept(connection, dict.fromkeys(ids, refused), "w", now=NOW)
        account = closing.read_accounting(connection, 1)
        assert (account.claimed, account.failed) == (1, 1)
        assert closing.count_hard_bounces(connection, 1) == 1
        tried = select(rows.c.attempts).order_by(rows.c.id)
        assert list(connection.execute(tried).scalars()) == [1, 1]


def test_a_list_of_one_domain_is_told_from_others(database: Database) -> None:
    with database.write() as connection:
        add_subscribers(connection, 3)
        add_edition(connection)
        freeze(connection)
        assert not attempts.has_other_domain(connection, 1, "example.org")
        moved = update(people).where(people.c.id == 2)
        connection.execute(moved.values(address="user2@example.net"))
        assert attempts.has_other_domain(connection, 1, "example.org")


def test_those_who_wait_are_counted_by_edition(database: Database) -> None:
    with database.write() as connection:
        send(connection, 3, 3)
        assert waiting.count_waiting(connection, NEWSLETTER)[0].subscribers == 3

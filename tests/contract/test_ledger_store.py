from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from digest.errors import Refused, UsageError
from digest.models import Accounting, AudienceGroup, DeliveryState, Outcome, Released, Reply
from digest.store import closing, unknown_deliveries
from digest.store.attempts import record_outcomes, take_marks_back
from digest.store.audience import PlannedGroup, audience_groups, freeze_groups
from digest.store.audience_counts import count_without_category
from digest.store.claims import claim_due, next_due, next_turn
from digest.store.deliveries import mark_all_handing, mark_handing
from digest.store.engine import Database
from digest.store.figures import count_now
from digest.store.releases import busy_workers, release_workers
from digest.store.tables import deliveries, editions
from subscribers.tables import people, subscriptions
from tests.support.ledger_rows import (
    CUT,
    NEWSLETTER,
    NOW,
    SUBSCRIBERSHIP,
    add_edition,
    add_subscribers,
    address,
    freeze,
)

LATER = NOW + timedelta(minutes=5)
SENT = Outcome(state=DeliveryState.SENT, reply=Reply(code=250, text="2.0.0 ok"), relay="r:25")
FAILED = Outcome(state=DeliveryState.FAILED, reply=Reply(code=550, text="no"), reason="refused")
DEFERRED = Outcome(
    state=DeliveryState.DEFERRED, reply=None, reason="transient", next_at=LATER, relay="r:25"
)
UNKNOWN = Outcome(state=DeliveryState.UNKNOWN, reply=None, reason="content: cut")


@pytest.fixture
def ledger(database: Database) -> Iterator[Connection]:
    """Return a connection to a ledger with edition 1 frozen for subscribers 1 to 4."""
    with database.write() as connection:
        add_subscribers(connection, 4)
        add_edition(connection)
        freeze(connection)
        yield connection


def asked_of(ledger: Connection, act: Callable[[], object]) -> list[str]:
    """Return the statements that an act sends to SQLite, with their values."""
    asked: list[str] = []
    driver: Any = ledger.connection.driver_connection
    driver.set_trace_callback(asked.append)
    act()
    driver.set_trace_callback(None)
    return asked


def change_subscriber(connection: Connection, subscriber: int, **values: object) -> None:
    connection.execute(
        update(subscriptions).where(subscriptions.c.person_id == subscriber).values(values)
    )


def suppress(connection: Connection, subscriber: int) -> None:
    connection.execute(update(people).where(people.c.id == subscriber).values(suppressed="manual"))


def end(connection: Connection, outcomes: dict[int, Outcome], edition_id: int = 1) -> None:
    """Claim all, hand over and record; in edition 1 a row has the number of its subscriber."""
    claim = claim_due(connection, edition_id, "w", now=NOW)
    mark_handing(connection, [row.id for row in claim.deliveries], "w", now=NOW)
    record_outcomes(connection, outcomes, "w", now=NOW)


def states(connection: Connection, edition_id: int = 1) -> list[str]:
    query = select(deliveries.c.state).where(deliveries.c.edition_id == edition_id)
    return list(connection.execute(query.order_by(deliveries.c.subscriber_id)).scalars())


def seen(connection: Connection) -> list[int | None]:
    query = select(subscriptions.c.seen_seq).order_by(subscriptions.c.person_id)
    return list(connection.execute(query).scalars())


# --- audience and freeze ------------------------------------------------------------------------


def test_the_audience_is_grouped_by_categories_and_window(ledger: Connection) -> None:
    change_subscriber(ledger, 2, categories='["Security"]')
    change_subscriber(ledger, 3, seen_seq=7)
    assert set(audience_groups(ledger, SUBSCRIBERSHIP, now=NOW)) == {
        AudienceGroup("", None, 2),
        AudienceGroup('["Security"]', None, 1),
        AudienceGroup("", 7, 1),
    }


@pytest.mark.parametrize(
    "change",
    [
        {"state": "left"},
        {"state": "pending"},
        {"paused_until": LATER},
        {"newsletter": "other"},
    ],
    ids=["left", "pending", "paused", "other newsletter"],
)
def test_subscribers_who_may_not_be_mailed_are_not_in_the_audience(
    ledger: Connection, change: dict[str, object]
) -> None:
    change_subscriber(ledger, 2, **change)
    assert audience_groups(ledger, SUBSCRIBERSHIP, now=NOW) == (AudienceGroup("", None, 3),)


def test_a_suppressed_subscriber_is_not_in_the_audience_and_one_back_from_a_pause_is(
    ledger: Connection,
) -> None:
    suppress(ledger, 1)
    change_subscriber(ledger, 2, paused_until=NOW)
    assert audience_groups(ledger, SUBSCRIBERSHIP, now=NOW) == (AudienceGroup("", None, 3),)


def test_freezing_writes_each_subscriber_of_the_group_once(ledger: Connection) -> None:
    add_edition(ledger, 2)
    change_subscriber(ledger, 2, categories='["Security"]')
    planned = [PlannedGroup(AudienceGroup("", None, 3), 2, LATER)]

    def freeze_once() -> int:
        return freeze_groups(ledger, SUBSCRIBERSHIP, planned, edition_id=2, now=NOW)

    assert (freeze_once(), freeze_once()) == (3, 3)
    query = select(deliveries).where(deliveries.c.edition_id == 2)
    rows = ledger.execute(query.order_by(deliveries.c.subscriber_id)).all()
    assert [row.subscriber_id for row in rows] == [1, 3, 4]
    assert {(row.variant_id, row.not_before, row.state) for row in rows} == {(2, LATER, "pending")}


# --- claim --------------------------------------------------------------------------------------


def test_a_claim_carries_what_a_message_needs(ledger: Connection) -> None:
    first = claim_due(ledger, 1, "w", now=NOW, most=1).deliveries[0]
    assert (first.edition_id, first.variant_id, first.attempts) == (1, 1, 0)
    assert first.not_before == NOW
    assert first.recipient.address == address(1)
    assert (first.recipient.public_id, first.recipient.joined_at) == ("public1", NOW)


def test_a_claim_names_no_day_of_joining_if_only_that_of_an_import_is_known(
    ledger: Connection,
) -> None:
    change_subscriber(ledger, 1, is_joined_known=False)
    first = claim_due(ledger, 1, "w", now=NOW, most=1).deliveries[0]
    assert first.recipient.joined_at is None


def test_subscribers_whose_choice_matches_no_category_are_counted(ledger: Connection) -> None:
    change_subscriber(ledger, 1, categories='["Sport"]')
    change_subscriber(ledger, 2, categories='["Economy", "Sport"]')
    change_subscriber(ledger, 3, categories='["Sport"]', state="left")
    assert count_without_category(ledger, "weekly", ("Economy",)) == 1
    assert count_without_category(ledger, "weekly", ("Economy", "Sport")) == 0


def test_claims_do_not_overlap(ledger: Connection) -> None:
    claims = [claim_due(ledger, 1, worker, now=NOW, most=3) for worker in ("a", "b", "c")]
    numbers = [[row.recipient.subscriber_id for row in claim.deliveries] for claim in claims]
    assert numbers == [[1, 2, 3], [4], []]
    assert claims[2].is_empty
    assert busy_workers(ledger) == {"a", "b"}


def test_an_address_is_read_at_the_claim_and_not_at_the_freeze(ledger: Connection) -> None:
    moved = update(people).where(people.c.id == 1).values(address="new@example.org")
    ledger.execute(moved)
    claim = claim_due(ledger, 1, "w", now=NOW, most=1)
    assert claim.deliveries[0].recipient.address == "new@example.org"


def test_a_claim_skips_subscribers_who_left(ledger: Connection) -> None:
    change_subscriber(ledger, 1, state="complained")
    suppress(ledger, 2)
    ledger.execute(people.delete().where(people.c.id == 3))
    claim = claim_due(ledger, 1, "w", now=NOW)
    assert ([row.recipient.subscriber_id for row in claim.deliveries], claim.skipped) == ([4], 3)
    found = ledger.execute(select(deliveries.c.reason).order_by(deliveries.c.id)).scalars().all()
    assert found == ["left", "suppressed", "left", ""]


@pytest.mark.parametrize("state", ["paused", "finished", "cancelled", "draft"])
def test_nothing_is_claimed_of_an_edition_that_is_not_being_sent(
    ledger: Connection, state: str
) -> None:
    ledger.execute(update(editions).values(state=state))
    assert claim_due(ledger, 1, "w", now=NOW).is_empty


def test_a_deferred_row_is_claimed_when_its_time_has_come(ledger: Connection) -> None:
    end(ledger, {1: DEFERRED, 2: SENT, 3: SENT, 4: SENT})
    assert next_due(ledger, 1, now=NOW) == LATER
    assert claim_due(ledger, 1, "w", now=NOW).is_empty
    again = claim_due(ledger, 1, "w", now=LATER)
    assert [(row.id, row.attempts) for row in again.deliveries] == [(1, 1)]
    assert next_due(ledger, 1, now=NOW) is None


def test_a_try_that_was_planned_before_the_clock_was_set_back_is_due(ledger: Connection) -> None:
    end(ledger, {1: DEFERRED, 2: SENT, 3: SENT, 4: SENT})
    before, wait = NOW - timedelta(hours=10), timedelta(minutes=70)
    assert next_due(ledger, 1, now=before, longest_wait=wait) == before
    claim = claim_due(ledger, 1, "w", now=before, longest_wait=wait)
    assert [row.id for row in claim.deliveries] == [1]
    new = {"state": "pending", "worker": "", "next_at": None, "not_before": LATER}
    ledger.execute(update(deliveries).values(new))
    assert next_due(ledger, 1, now=before, longest_wait=wait) == LATER  # its hour, not a retry


def test_rows_that_are_due_are_found_in_order_by_the_small_index(ledger: Connection) -> None:
    if ledger.dialect.name == "postgresql":  # its plan for four rows proves nothing
        index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'deliveries_open'"
        found = ledger.exec_driver_sql(index).scalar_one()
        assert found.endswith(
            "(edition_id, next_at, worker, not_before, id) WHERE (ended_at IS NULL)"
        )
        return
    asked = asked_of(
        ledger, lambda: (claim_due(ledger, 1, "w", now=NOW), next_due(ledger, 1, now=NOW))
    )
    plans = [
        [row[3] for row in ledger.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}")]
        for each in asked
        if "'pending'" in each
    ]
    found = "SEARCH deliveries USING INDEX deliveries_open (edition_id=? AND next_at=? AND worker=?"
    assert len(plans) == 2
    for plan in plans:
        assert any(step.startswith(found) for step in plan), plan
        assert not any("TEMP B-TREE" in step for step in plan), plan


def test_a_mark_changes_the_row_and_no_index_of_open_rows(ledger: Connection) -> None:
    if ledger.dialect.name == "postgresql":
        pytest.skip("PostgreSQL does not tell which indexes a statement changes")
    claim_due(ledger, 1, "w", now=NOW)
    (mark,) = asked_of(ledger, lambda: mark_all_handing(ledger, [1, 2], "w", now=NOW))
    steps = ledger.exec_driver_sql(f"EXPLAIN {mark}").all()
    query = "SELECT rootpage, name FROM sqlite_master WHERE rootpage > 0"
    names = {row[0]: row[1] for row in ledger.exec_driver_sql(query)}
    changed = {names[step[3]] for step in steps if step[1] == "OpenWrite"}
    assert "deliveries" in changed
    assert "deliveries_open" not in changed


def test_deferred_rows_are_claimed_in_the_order_of_their_next_try(ledger: Connection) -> None:
    end(ledger, dict.fromkeys((1, 2, 3, 4), DEFERRED))
    for row, minutes in ((1, 9), (2, 3), (3, 99), (4, 6)):
        next_at = NOW + timedelta(minutes=minutes)
        ledger.execute(update(deliveries).where(deliveries.c.id == row).values(next_at=next_at))
    assert next_due(ledger, 1, now=NOW) == NOW + timedelta(minutes=3)
    claim = claim_due(ledger, 1, "w", now=NOW + timedelta(minutes=10))
    assert [row.id for row in claim.deliveries] == [2, 4, 1]


def test_no_question_reads_all_deferred_rows(ledger: Connection) -> None:
    if ledger.dialect.name == "postgresql":  # its plan for four rows proves nothing
        index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'deliveries_deferred'"
        found = ledger.exec_driver_sql(index).scalar_one()
        assert "(edition_id, state, next_at, id) WHERE" in found
        return
    end(ledger, dict.fromkeys((1, 2, 3, 4), DEFERRED))

    def ask() -> None:
        claim_due(ledger, 1, "w", now=NOW - timedelta(hours=1), longest_wait=timedelta(hours=9))
        next_due(ledger, 1, now=NOW)
        next_turn(ledger, 1)
        count_now(ledger, 1)

    asked = asked_of(ledger, ask)
    plans = [
        [row[3] for row in ledger.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}")]
        for each in asked
        if "'deferred'" in each
    ]
    assert len(plans) == 5
    for plan in plans:
        index = " INDEX deliveries_deferred (edition_id=? AND state=?"
        (start,) = (place for place, step in enumerate(plan) if index in step)
        assert not any("TEMP B-TREE" in step for step in plan[start:]), plan
    assert "COVERING" in str(plans[-1])


# --- marks and outcomes -------------------------------------------------------------------------


def test_the_mark_reads_again_who_has_left(ledger: Connection) -> None:
    claim_due(ledger, 1, "w", now=NOW)
    change_subscriber(ledger, 1, state="left")
    suppress(ledger, 2)
    assert mark_handing(ledger, [1, 2, 3, 4], "w", now=NOW) == {3, 4}
    assert states(ledger) == ["skipped", "skipped", "handing", "handing"]
    found = ledger.execute(select(deliveries.c.reason).order_by(deliveries.c.id)).scalars().all()
    assert found[:2] == ["left", "suppressed"]


def test_a_row_of_another_worker_is_neither_marked_nor_ended(ledger: Connection) -> None:
    claim_due(ledger, 1, "w", now=NOW, most=2)
    mark_handing(ledger, [2], "w", now=NOW)
    assert mark_handing(ledger, [1], "other", now=NOW) == frozenset()
    record_outcomes(ledger, {1: FAILED, 2: SENT}, "other", now=NOW)
    take_marks_back(ledger, [2], "other")
    assert states(ledger) == ["claimed", "handing", "pending", "pending"]


def test_a_row_is_marked_once(ledger: Connection) -> None:
    claim_due(ledger, 1, "w", now=NOW, most=1)
    marks = [mark_handing(ledger, [1], "w", now=NOW) for _ in range(2)]
    assert marks == [{1}, frozenset()]


def test_an_outcome_keeps_the_answer_and_counts_the_try(ledger: Connection) -> None:
    end(ledger, {1: SENT, 2: DEFERRED})
    first, second = ledger.execute(select(deliveries).order_by(deliveries.c.id).limit(2)).all()
    assert (first.reply_code, first.reply_text, first.relay) == (250, "2.0.0 ok", "r:25")
    assert (first.attempts, first.ended_at, first.handing_at) == (1, NOW, NOW)
    assert (second.next_at, second.reason, second.ended_at) == (LATER, "transient", None)


def test_a_late_outcome_of_a_worker_taken_for_dead_still_counts(ledger: Connection) -> None:
    claim_due(ledger, 1, "w", now=NOW, most=2)
    mark_handing(ledger, [1], "w", now=NOW)
    assert release_workers(ledger, ["w"], now=NOW) == Released(pending=1, unknown=1)
    record_outcomes(ledger, {1: SENT, 2: FAILED}, "w", now=NOW)
    assert states(ledger) == ["sent", "failed", "pending", "pending"]


def test_an_ended_row_stays_ended(ledger: Connection) -> None:
    end(ledger, {1: SENT})
    record_outcomes(ledger, {1: FAILED}, "w", now=NOW)
    release_workers(ledger, ["w"], now=NOW)
    assert states(ledger)[0] == "sent"


# --- totals and closing ---------------------------------------------------------------------------


def test_an_edition_closes_when_every_row_has_ended(ledger: Connection) -> None:
    end(ledger, {1: SENT, 2: FAILED, 3: UNKNOWN})
    assert not closing.close_edition(ledger, 1, now=NOW)
    record_outcomes(ledger, {4: SENT}, "w", now=NOW)
    assert closing.close_edition(ledger, 1, now=LATER)
    assert closing.read_accounting(ledger, 1) == Accounting(frozen=4, sent=2, failed=1, unknown=1)
    closed = ledger.execute(select(editions)).one()
    assert (closed.state, closed.finished_at) == ("finished", LATER)


def test_a_missing_row_keeps_an_edition_open(ledger: Connection) -> None:
    end(ledger, dict.fromkeys((1, 2, 3, 4), SENT))
    ledger.execute(deliveries.delete().where(deliveries.c.id == 4))
    assert not closing.close_edition(ledger, 1, now=NOW)


def test_windows_move_for_reached_subscribers_and_never_back(ledger: Connection) -> None:
    change_subscriber(ledger, 4, seen_seq=CUT + 9)
    end(ledger, {1: SENT, 2: FAILED, 3: UNKNOWN, 4: SENT})
    assert seen(ledger) == [None, None, None, CUT + 9]
    closing.close_edition(ledger, 1, now=NOW)
    assert seen(ledger) == [CUT, None, CUT, CUT + 9]


def test_a_missing_edition_is_named(ledger: Connection) -> None:
    with pytest.raises(UsageError, match="edition 9: does not exist"):
        closing.read_accounting(ledger, 9)


# --- a newer edition ----------------------------------------------------------------------------


def add_newer(connection: Connection) -> None:
    """Freeze edition 2 for all subscribers."""
    add_edition(connection, 2, cut_seq=CUT + 20)
    freeze(connection, 2)


def test_a_newer_edition_ends_what_is_open_of_the_older_and_closes_it(ledger: Connection) -> None:
    claim_due(ledger, 1, "w", now=NOW, most=2)
    mark_handing(ledger, [1, 2], "w", now=NOW)
    record_outcomes(ledger, {1: SENT, 2: DEFERRED}, "w", now=NOW)
    claim_due(ledger, 1, "w", now=NOW, most=1)
    add_newer(ledger)
    assert closing.supersede_open(ledger, NEWSLETTER, 2, now=NOW) == 3
    assert states(ledger) == ["sent", "skipped", "skipped", "skipped"]
    assert seen(ledger) == [CUT, None, None, None]
    assert mark_handing(ledger, [3], "w", now=NOW) == frozenset()


def test_a_mail_in_hand_to_a_subscriber_delays_a_newer_edition(ledger: Connection) -> None:
    claim_due(ledger, 1, "w", now=NOW)
    mark_handing(ledger, [1], "w", now=NOW)
    add_newer(ledger)
    with pytest.raises(Refused, match="edition 1: its mail is being sent"):
        closing.supersede_open(ledger, NEWSLETTER, 2, now=NOW)


def test_of_several_editions_with_mail_in_hand_the_oldest_is_named(ledger: Connection) -> None:
    add_edition(ledger, 3)
    freeze(ledger, 3)
    for edition_id in (3, 1):
        (first, *_) = claim_due(ledger, edition_id, "w", now=NOW).deliveries
        mark_handing(ledger, [first.id], "w", now=NOW)
    add_newer(ledger)
    with pytest.raises(Refused, match="edition 1: its mail is being sent"):
        closing.supersede_open(ledger, NEWSLETTER, 2, now=NOW)


def test_a_subscriber_outside_the_newer_edition_keeps_the_older_mail(ledger: Connection) -> None:
    claim_due(ledger, 1, "w", now=NOW)
    mark_handing(ledger, [1], "w", now=NOW)
    change_subscriber(ledger, 1, cadence="monthly")
    add_edition(ledger, 2, cut_seq=CUT + 20)
    only_weekly = SUBSCRIBERSHIP._replace(others=("monthly",))
    planned = [PlannedGroup(AudienceGroup("", None, 3), 2, NOW)]
    freeze_groups(ledger, only_weekly, planned, edition_id=2, now=NOW)
    assert closing.supersede_open(ledger, NEWSLETTER, 2, now=NOW) == 3
    assert states(ledger) == ["handing", "skipped", "skipped", "skipped"]


def test_a_resent_mail_is_not_ended_by_a_newer_edition(ledger: Connection) -> None:
    """The subscriber's window has closed, so the newer edition does not cover it."""
    finish_with_two_in_doubt(ledger)
    unknown_deliveries.resend_unknown(ledger, 1, now=NOW)
    add_newer(ledger)
    assert closing.supersede_open(ledger, NEWSLETTER, 2, now=NOW) == 0
    assert states(ledger) == ["sent", "pending", "pending", "failed"]


def test_windows_of_reached_subscribers_move_before_the_edition_is_finished(
    ledger: Connection,
) -> None:
    end(ledger, {1: SENT, 2: UNKNOWN, 3: DEFERRED, 4: FAILED})
    closing.advance_windows(ledger, NEWSLETTER)
    assert seen(ledger) == [CUT, CUT, None, None]


def test_other_newsletters_and_the_edition_itself_are_left_alone(ledger: Connection) -> None:
    assert closing.supersede_open(ledger, "other", 2, now=NOW) == 0
    assert closing.supersede_open(ledger, NEWSLETTER, 1, now=NOW) == 0
    assert states(ledger) == ["pending"] * 4


# --- unknown ------------------------------------------------------------------------------------


def finish_with_two_in_doubt(connection: Connection) -> None:
    end(connection, {1: SENT, 2: UNKNOWN, 3: UNKNOWN, 4: FAILED})
    closing.close_edition(connection, 1, now=NOW)


def test_unknown_deliveries_are_listed_with_their_address(ledger: Connection) -> None:
    finish_with_two_in_doubt(ledger)
    ledger.execute(people.delete().where(people.c.id == 3))
    listed = [
        (row.subscriber_id, row.address, row.handing_at)
        for row in unknown_deliveries.list_unknown(ledger, 1)
    ]
    assert listed == [(2, address(2), NOW), (3, "", NOW)]


def test_resending_opens_only_the_unknown_rows_and_closes_again(ledger: Connection) -> None:
    finish_with_two_in_doubt(ledger)
    assert unknown_deliveries.resend_unknown(ledger, 1, now=NOW) == 2
    assert states(ledger) == ["sent", "pending", "pending", "failed"]
    end(ledger, {2: SENT, 3: SENT})
    assert closing.close_edition(ledger, 1, now=LATER)


def test_assuming_sent_needs_no_new_close(ledger: Connection) -> None:
    finish_with_two_in_doubt(ledger)
    assert unknown_deliveries.assume_sent(ledger, 1) == 2
    assert closing.read_accounting(ledger, 1).sent == 3
    assert ledger.execute(select(editions.c.state)).scalar() == "finished"


def test_settling_without_unknown_rows_changes_nothing(ledger: Connection) -> None:
    end(ledger, dict.fromkeys((1, 2, 3, 4), SENT))
    closing.close_edition(ledger, 1, now=NOW)
    assert (
        unknown_deliveries.resend_unknown(ledger, 1, now=NOW),
        unknown_deliveries.assume_sent(ledger, 1),
    ) == (0, 0)
    assert ledger.execute(select(editions.c.state)).scalar() == "finished"


def test_there_is_one_row_for_each_edition_and_subscriber(ledger: Connection) -> None:
    second = {"edition_id": 1, "subscriber_id": 1, "variant_id": 1, "not_before": NOW}
    with pytest.raises(Exception, match=r"(?i)unique"):
        ledger.execute(insert(deliveries), [second | {"state": "pending"}])

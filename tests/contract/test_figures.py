"""The counts of a send, which read no row that was sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from digest.models import DeliveryState, Outcome, Reply
from digest.newsroom.desk.recent import KEPT, RecentFigures
from digest.store import closing, figures, unknown_deliveries
from digest.store.attempts import record_outcomes
from digest.store.claims import claim_due
from digest.store.deliveries import Sent, mark_handing, record_sent
from digest.store.engine import Database
from digest.store.figures import add_sent, count_now, list_minutes, rate_of, read_figures
from digest.store.tables import editions
from digest.store.totals import count_editions
from tests.support.counting import counted_statements
from tests.support.ledger_rows import NOW, add_edition, add_subscribers, freeze

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(database: Database) -> Iterator[Connection]:
    """Return a connection to a ledger with edition 1 frozen for subscribers 1 to 8."""
    with database.write() as connection:
        add_subscribers(connection, 8)
        add_edition(connection)
        freeze(connection)
        yield connection


def send(connection: Connection, ids: list[int], worker: str = "w") -> None:
    rows = [Sent(each, 250, "ok", "one:25") for each in ids]
    count = record_sent(connection, rows, worker, now=NOW)
    add_sent(connection, worker, 1, count, now=NOW)


def begin(connection: Connection, most: int = 8) -> None:
    claim = claim_due(connection, 1, "w", now=NOW, most=most)
    mark_handing(connection, [row.id for row in claim.deliveries], "w", now=NOW)


def ended(state: DeliveryState, reason: str) -> Outcome:
    return Outcome(state=state, reply=Reply(code=550, text="no"), reason=reason, relay="one:25")


def test_the_counts_are_those_of_the_rows(ledger: Connection) -> None:
    begin(ledger, most=7)
    send(ledger, [1, 2])
    waits = Outcome(
        state=DeliveryState.DEFERRED,
        reply=None,
        reason="greylisted",
        next_at=NOW + MINUTE,
        relay="",
    )
    failed, unknown = DeliveryState.FAILED, DeliveryState.UNKNOWN
    found = {3: ended(failed, "refused"), 4: ended(failed, "refused"), 5: ended(unknown, "cut")}
    record_outcomes(ledger, {**found, 6: waits}, "w", now=NOW)
    counted = count_now(ledger, 1)
    assert counted.accounting == closing.read_accounting(ledger, 1)
    assert [(each.state, each.reason, each.count) for each in counted.reasons] == [
        (failed, "refused", 2),
        (unknown, "cut", 1),
    ]


def test_a_mail_that_was_marked_before_is_not_counted_again(ledger: Connection) -> None:
    begin(ledger)
    for _ in range(2):
        send(ledger, [1, 2, 3])
    assert count_now(ledger, 1).accounting.sent == 3


def test_figures_of_an_ended_edition_are_stored_and_change_with_its_unknown_mails(
    ledger: Connection,
) -> None:
    begin(ledger)
    send(ledger, [1, 2, 3, 4, 5])
    failed, unknown = DeliveryState.FAILED, DeliveryState.UNKNOWN
    found = {6: ended(failed, "refused"), 7: ended(unknown, "cut"), 8: ended(unknown, "cut")}
    record_outcomes(ledger, found, "w", now=NOW)
    assert read_figures(ledger, 1).counted_at is None
    assert closing.close_edition(ledger, 1, now=NOW)
    stored = read_figures(ledger, 1)
    assert (stored.counted_at, stored.accounting.unknown) == (NOW, 2)
    assert [(each.reason, each.count) for each in stored.reasons] == [("cut", 2), ("refused", 1)]

    unknown_deliveries.assume_sent(ledger, 1)
    closing.close_edition(ledger, 1, now=NOW)
    assert read_figures(ledger, 1).accounting == closing.read_accounting(ledger, 1)
    assert count_now(ledger, 1).accounting.sent == 7


def test_an_edition_that_was_opened_again_is_counted_as_it_is(ledger: Connection) -> None:
    begin(ledger)
    send(ledger, [1, 2, 3, 4, 5, 6, 7])
    record_outcomes(ledger, {8: ended(DeliveryState.UNKNOWN, "cut")}, "w", now=NOW)
    closing.close_edition(ledger, 1, now=NOW)
    unknown_deliveries.resend_unknown(ledger, 1, now=NOW)
    found = read_figures(ledger, 1)
    assert (found.counted_at, found.accounting.pending, found.accounting.unknown) == (None, 1, 0)


def test_many_failed_mails_are_counted_once_in_a_while_however_often_a_page_looks(
    ledger: Connection,
) -> None:
    begin(ledger)
    refused = ended(DeliveryState.FAILED, "refused")
    record_outcomes(ledger, {1: refused, 2: refused, 3: refused}, "w", now=NOW)
    recent, few = RecentFigures(many=3), RecentFigures(many=4)

    def look(figures: RecentFigures, after: timedelta = timedelta()) -> tuple[int, int, int]:
        with counted_statements() as statements:
            found = figures.read(ledger, 1, now=NOW + after).accounting
        counts = sum("reason" in each and "count(*)" in each for each in statements)
        return counts, found.failed, found.sent

    assert look(recent) == look(few) == (1, 3, 0)
    record_outcomes(ledger, {4: refused}, "w", now=NOW)
    send(ledger, [5])
    assert look(recent, KEPT / 2) == (0, 3, 1)
    assert look(few, KEPT / 2) == (1, 4, 1)
    assert look(recent, KEPT) == (1, 4, 1)
    assert look(recent, -KEPT)[0] == 1
    recent.forget(1)
    assert look(recent, KEPT)[0] == 1


def test_mails_of_two_processes_in_one_minute_are_added(ledger: Connection) -> None:
    for worker in ("a", "b", "a"):
        add_sent(ledger, worker, 1, 2, now=NOW + timedelta(seconds=20))
    add_sent(ledger, "a", 1, 5, now=NOW + MINUTE)
    figures.add_assumed(ledger, 1, 90, now=NOW)
    minutes = list_minutes(ledger, 1)
    assert [(each.minute, each.mails) for each in minutes] == [(NOW, 6), (NOW + MINUTE, 5)]
    assert list_minutes(ledger, 1, since=NOW + MINUTE) == minutes[1:]
    assert figures.first_sent_at(ledger, 1) == NOW


def test_the_rate_is_of_the_last_minutes_only() -> None:
    minutes = [figures.MinuteCount(minute=NOW + n * MINUTE, mails=600) for n in range(10)]
    assert rate_of(minutes, NOW + 10 * MINUTE, over=2 * MINUTE) == pytest.approx(10)
    assert rate_of(minutes, NOW + 60 * MINUTE, over=2 * MINUTE) == 0
    assert rate_of([], NOW, over=MINUTE) == 0


def test_editions_are_counted_in_the_order_of_their_newsletters(ledger: Connection) -> None:
    names = [*"hgfedcba", "weekly"]
    for number, name in enumerate(names[:-1], 2):
        add_edition(ledger, number)
        named = update(editions).where(editions.c.id == number)
        ledger.execute(named.values(newsletter=name))
    assert [newsletter for newsletter, _ in count_editions(ledger)] == sorted(names)

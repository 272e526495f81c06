"""Events for webhooks, stored with what happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from digest.models import EventKind, WebhookCall, WebhookRule
from digest.store import approvals, events
from digest.store.engine import Database
from digest.store.tables import webhook_calls
from subscribers.tables import people
from tests.support.ledger_rows import NOW, add_edition, add_subscribers, address, freeze

ALL = tuple(EventKind)
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def ledger(database: Database) -> Iterator[Connection]:
    """Return a connection to a ledger with edition 1 frozen for three subscribers."""
    with database.write() as connection:
        add_subscribers(connection, 3)
        add_edition(connection)
        freeze(connection)
        yield connection


def watch(connection: Connection, *rules: WebhookRule) -> None:
    events.save_rules(connection, rules, now=NOW)


def rule(key: str = "one", kinds: tuple[EventKind, ...] = ALL, *of: str) -> WebhookRule:
    return WebhookRule(key=key, wants=dict.fromkeys(kinds, of))


def claim(connection: Connection, key: str = "one", most: int = 10) -> tuple[WebhookCall, ...]:
    return events.claim_calls(connection, key, now=NOW, until=LATER, most=most)


def test_without_a_webhook_nothing_is_stored(ledger: Connection) -> None:
    approvals.pause(ledger, 1, "a look")
    assert ledger.execute(select(webhook_calls)).all() == []


def test_each_webhook_gets_the_events_it_wants(ledger: Connection) -> None:
    watch(
        ledger,
        rule("one"),
        rule("two", (EventKind.EDITION_SENT,)),
        rule("three", ALL, "monthly"),
        rule("four", ALL, "weekly", "monthly"),
    )
    approvals.pause(ledger, 1, "a look")
    assert not approvals.pause(ledger, 1, "again")
    found = ledger.execute(select(webhook_calls.c.webhook, webhook_calls.c.kind)).all()
    assert sorted(map(tuple, found)) == [("four", "edition.paused"), ("one", "edition.paused")]
    (call,) = claim(ledger)
    assert json.loads(call.data)["reason"] == "a look"
    assert (json.loads(call.data)["newsletter"], call.subscriber) == ("weekly", "")


def test_an_edition_that_ends_is_an_event_with_its_counts(ledger: Connection) -> None:
    watch(ledger, rule())
    approvals.cancel(ledger, 1, now=NOW)
    assert claim(ledger) == ()  # cancelled is not sent
    add_edition(ledger, 2)
    ledger.exec_driver_sql("UPDATE editions SET frozen_count = 0 WHERE id = 2")
    from digest.store.closing import close_edition

    assert close_edition(ledger, 2, now=NOW)
    (call,) = claim(ledger)
    assert (call.kind, json.loads(call.data)["sent"]) == (EventKind.EDITION_SENT, 0)


def test_the_address_is_read_at_the_call_and_goes_with_its_person(ledger: Connection) -> None:
    watch(ledger, rule())
    kind = EventKind.SUBSCRIBER_LEFT
    events.add_subscriber_event(ledger, kind, "weekly", (1, 2), how="page")
    stored = ledger.scalars(select(webhook_calls.c.data)).all()
    assert not any(address(1) in each for each in stored)
    ledger.execute(people.delete().where(people.c.id == 1))
    (call,) = claim(ledger)
    assert (call.subscriber, call.address, call.attempts) == ("public2", address(2), 1)


def test_a_claimed_call_is_not_claimed_again_before_its_time(ledger: Connection) -> None:
    watch(ledger, rule())
    events.add_subscriber_event(ledger, EventKind.SUBSCRIBER_LEFT, "weekly", (1, 2, 3))
    first = claim(ledger, most=2)
    assert [each.subscriber for each in first] == ["public1", "public2"]
    assert [each.subscriber for each in claim(ledger)] == ["public3"]
    events.end_call(ledger, first[0], now=NOW)
    events.retry_call(ledger, first[1], now=NOW, next_at=LATER, problem="HTTP 500")
    again = events.claim_calls(ledger, "one", now=LATER, until=LATER, most=9)
    assert [(each.public_id, each.attempts) for each in again[:1]] == [(first[1].public_id, 2)]
    health = events.read_health(ledger)["one"]
    assert (health.waiting, health.last_error, health.succeeded_at) == (2, "HTTP 500", NOW)


def test_a_webhook_that_is_removed_gets_nothing_any_more(ledger: Connection) -> None:
    watch(ledger, rule("one"), rule("two"))
    approvals.pause(ledger, 1, "a look")
    watch(ledger, rule("two"))
    assert (claim(ledger, "one"), len(claim(ledger, "two"))) == ((), 1)
    assert set(events.read_health(ledger)) == {"two"}
    assert events.forget_calls(ledger, before=LATER) == 1

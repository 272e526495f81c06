"""The days of a newsletter's list, and an edition's deliveries in pages, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, update

from digest.models import BounceOutcome, DeliveryState, StoredBounce
from digest.store import bounces, delivery_list
from digest.store.engine import Database
from digest.store.list_days import ListDay, count_days, last_day, list_days_of, save_days
from digest.store.tables import deliveries
from subscribers.tables import people, subscriptions
from tests.support.ledger_rows import NEWSLETTER, add_edition, add_subscribers, address, freeze

DAY = date(2026, 11, 20)
NIGHT = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
NEXT = NIGHT + timedelta(seconds=1)


@pytest.fixture
def ledger(database: Database) -> Iterator[Connection]:
    """Return a connection to a ledger with edition 1 frozen for subscribers 1 to 5."""
    with database.write() as connection:
        add_subscribers(connection, 5)
        add_edition(connection)
        freeze(connection)
        yield connection


def change(connection: Connection, person: int, **values: object) -> None:
    which = subscriptions.c.person_id == person
    connection.execute(update(subscriptions).where(which).values(**values))


def day(number: int, subscribers: int | None = None, **counts: int) -> ListDay:
    nothing = {"joined": 0, "left": 0, "complained": 0, "bounced": 0}
    when = DAY + timedelta(days=number)
    return ListDay(day=when, subscribers=subscribers, **(nothing | counts))


def test_each_day_has_what_happened_on_it(ledger: Connection) -> None:
    change(ledger, 1, joined_at=NIGHT)
    change(ledger, 2, joined_at=NEXT)
    change(ledger, 3, joined_at=NIGHT, is_joined_known=False)
    change(ledger, 4, state="left", left_at=NIGHT)
    change(ledger, 5, state="complained", left_at=NEXT)
    ledger.execute(update(people).where(people.c.id == 2).values(suppressed="bounced"))
    bounces.add_bounce(
        ledger,
        StoredBounce(
            person_id=2,
            edition_id=1,
            report="r",
            bounce_class="hard",
            is_scored=True,
            is_unconfirmed=False,
            outcome=BounceOutcome.SUPPRESSED,
            words="",
            at=NEXT,
        ),
    )
    days = (DAY, DAY + timedelta(days=1))
    counted = count_days(ledger, NEWSLETTER, days)
    assert counted == (day(0, joined=1, left=1), day(1, 2, joined=1, complained=1, bounced=1))
    save_days(ledger, NEWSLETTER, counted)
    save_days(ledger, NEWSLETTER, (day(0, joined=99),))
    assert list_days_of(ledger, NEWSLETTER, since=DAY) == counted
    assert list_days_of(ledger, "monthly", since=DAY) == ()
    assert last_day(ledger, NEWSLETTER) == days[1]


def test_the_bounces_of_several_editions_are_read_at_once(ledger: Connection) -> None:
    assert bounces.count_bounces_of(ledger, [1, 2]) == {}


# --- deliveries in pages --------------------------------------------------------------------------


def end(connection: Connection, ids: list[int], state: str, reason: str) -> None:
    values = {"state": state, "reason": reason, "ended_at": NIGHT}
    connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**values))


def test_bad_deliveries_come_in_pages_by_reason(ledger: Connection) -> None:
    end(ledger, [1, 2, 3], "failed", "refused")
    end(ledger, [4], "failed", "full")
    end(ledger, [5], "unknown", "cut")
    failed = DeliveryState.FAILED
    first = delivery_list.list_bad(ledger, 1, failed, reason="refused", most=2)
    assert [each.address for each in first] == [address(1), address(2)]
    rest = delivery_list.list_bad(ledger, 1, failed, reason="refused", after=first[-1].id)
    assert [each.address for each in rest] == [address(3)]
    assert len(delivery_list.list_bad(ledger, 1, failed)) == 4
    (unknown,) = delivery_list.list_bad(ledger, 1, DeliveryState.UNKNOWN)
    assert (unknown.reason, unknown.subject) == ("cut", "News")


def test_deferred_deliveries_are_listed(ledger: Connection) -> None:
    which = deliveries.c.id == 2
    values = {"state": "deferred", "next_at": NEXT, "reply_code": 450, "reply_text": "later"}
    ledger.execute(update(deliveries).where(which).values(**values))
    (mail,) = delivery_list.list_deferred(ledger, 1)
    assert (mail.address, mail.reply_code, mail.next_at) == (address(2), 450, NEXT)


def test_every_delivery_is_on_one_page_also_of_erased_persons(
    ledger: Connection,
) -> None:
    ledger.execute(update(deliveries).where(deliveries.c.id == 3).values(subscriber_id=-3))
    add_edition(ledger, 2)
    row = {"edition_id": 2, "subscriber_id": 1, "variant_id": 2, "not_before": NIGHT}
    ledger.execute(insert(deliveries), [row | {"state": "pending"}])
    found, after = list[str](), None
    for _ in range(3):
        page = delivery_list.read_page(ledger, 1, after=after, most=2)
        found += [each.address for each in page.deliveries]
        after = page.after
    assert after is None
    assert sorted(found) == ["", address(1), address(2), address(4), address(5)]

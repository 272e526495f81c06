"""What happened to an edition's mails, counted; and what `digest resolve` does to windows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from digest.models import DeliveryState, Outcome, Reply
from digest.newsroom.outcomes import read_relays, read_states
from digest.store import closing, unknown_deliveries
from digest.store.attempts import record_outcomes
from digest.store.claims import claim_due
from digest.store.deliveries import mark_handing
from digest.store.engine import Database
from digest.store.outcomes import busy_with, count_outcomes, count_replies
from digest.store.tables import editions
from subscribers.tables import subscriptions
from tests.support.ledger_rows import CUT, NOW, add_edition, add_subscribers, freeze

LATER = NOW + timedelta(minutes=5)


def sent(relay: str = "one:25") -> Outcome:
    return Outcome(state=DeliveryState.SENT, reply=Reply(code=250, text="ok"), relay=relay)


def refused(text: str, *, next_at: bool = False) -> Outcome:
    return Outcome(
        state=DeliveryState.DEFERRED if next_at else DeliveryState.FAILED,
        reply=Reply(code=450 if next_at else 550, text=text),
        reason="greylisted" if next_at else "refused",
        next_at=LATER if next_at else None,
        relay="two:25",
    )


UNKNOWN = Outcome(state=DeliveryState.UNKNOWN, reply=None, reason="content: cut", relay="one:25")


@pytest.fixture
def ledger(database: Database) -> Iterator[Connection]:
    """Return a connection to a ledger with edition 1 frozen for subscribers 1 to 8."""
    with database.write() as connection:
        add_subscribers(connection, 8)
        add_edition(connection)
        freeze(connection)
        yield connection


def end(connection: Connection, outcomes: dict[int, Outcome], edition_id: int = 1) -> None:
    claim = claim_due(connection, edition_id, "w", now=NOW)
    mark_handing(connection, [row.id for row in claim.deliveries], "w", now=NOW)
    record_outcomes(connection, outcomes, "w", now=NOW)


def windows(connection: Connection) -> list[int | None]:
    query = select(subscriptions.c.seen_seq).order_by(subscriptions.c.person_id)
    return list(connection.execute(query).scalars())


def test_states_have_their_reasons_words_and_next_try(ledger: Connection) -> None:
    end(
        ledger,
        {
            1: sent(),
            2: sent("two:25"),
            3: refused("4.2.0 greylisted, id A1B2C3D4E5", next_at=True),
            4: refused("4.2.0 greylisted, id F6A7B8C9D0", next_at=True),
            5: refused("4.2.0 busy", next_at=True),
            6: refused("5.1.1 user unknown"),
            7: UNKNOWN,
        },
    )
    counts = count_outcomes(ledger, 1)
    states = {each.state: each for each in read_states(ledger, 1, counts)}
    assert {name: each.count for name, each in states.items()} == {
        "sending": 1,
        "sent": 2,
        "deferred": 3,
        "failed": 1,
        "unknown": 1,
    }
    assert [(w.words, w.count) for w in states["deferred"].words] == [
        ("450 4.2.0 greylisted, id …", 2),
        ("450 4.2.0 busy", 1),
    ]
    assert (states["deferred"].next_at, states["failed"].next_at) == (LATER, None)
    (why,) = states["failed"].reasons
    assert (why.reason, why.count, "does not exist" in why.meaning) == ("refused", 1, True)
    assert states["unknown"].reasons[0].meaning == "content: cut"
    assert [(r.relay, r.sent, r.deferred, r.failed, r.unknown) for r in read_relays(counts)] == [
        ("one:25", 1, 0, 0, 1),
        ("two:25", 1, 3, 1, 0),
    ]


def test_only_the_most_frequent_replies_are_read(ledger: Connection) -> None:
    end(ledger, {n: refused("a" if n < 4 else f"b{n}") for n in range(1, 9)})
    first, second = count_replies(ledger, 1, DeliveryState.FAILED, most=2)
    assert (first.text, first.count, second.count) == ("a", 3, 1)


def test_mails_in_hand_are_counted_by_process(ledger: Connection) -> None:
    for worker, most in (("a", 5), ("b", 2)):
        claim_due(ledger, 1, worker, now=NOW, most=most)
    mark_handing(ledger, [1, 2], "a", now=NOW)
    record_outcomes(ledger, {1: sent()}, "a", now=NOW)
    found = busy_with(ledger, 1)
    assert [(w.name, w.claimed, w.handing, w.since) for w in found] == [
        ("a", 3, 1, NOW),
        ("b", 2, 0, NOW),
    ]


def test_a_mail_that_is_sent_again_and_fails_leaves_its_posts_for_the_next_edition(
    ledger: Connection,
) -> None:
    end(ledger, {1: UNKNOWN, 2: UNKNOWN} | {n: sent() for n in range(3, 9)})
    closing.close_edition(ledger, 1, now=NOW)
    assert windows(ledger) == [CUT] * 8
    assert unknown_deliveries.resend_unknown(ledger, 1, now=NOW) == 2
    end(ledger, {1: refused("5.1.1 user unknown"), 2: sent()})
    assert closing.close_edition(ledger, 1, now=NOW)
    assert windows(ledger) == [0, *[CUT] * 7]


def test_a_mail_sent_again_after_a_later_edition_never_brings_that_one_again(
    ledger: Connection,
) -> None:
    end(ledger, {1: UNKNOWN} | {n: sent() for n in range(2, 9)})
    closing.close_edition(ledger, 1, now=NOW)
    add_edition(ledger, 2, cut_seq=CUT + 9)
    later = editions.update().where(editions.c.id == 2)
    ledger.execute(later.values(frozen_at=LATER))
    freeze(ledger, 2)
    end(ledger, {n: sent() for n in range(9, 17)}, edition_id=2)
    closing.close_edition(ledger, 2, now=NOW)
    unknown_deliveries.resend_unknown(ledger, 1, now=NOW)
    end(ledger, {1: refused("5.1.1 user unknown")})
    assert closing.close_edition(ledger, 1, now=NOW)
    assert windows(ledger) == [CUT + 9] * 8

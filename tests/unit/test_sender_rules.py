from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from digest.errors import RelayRefusal, RelaySetupError
from digest.models import (
    ENDED,
    TRANSITIONS,
    Accounting,
    Delivery,
    DeliveryState,
    Recipient,
    Reply,
    may_follow,
)
from digest.sender.attempt import Attempt, Fate, Fault
from digest.sender.brakes import LAST_MAILS, MAX_BREAKS, MAX_BREAKS_OF_ROW, MAX_REFUSALS, Brakes
from digest.sender.queue import Queue
from digest.sender.settle import keep, settle
from tests.support.ledger_rows import build

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NO = Reply(code=550, text="5.7.1 no")


def delivery(number: int = 1, *, attempts: int = 0) -> Delivery:
    recipient = Recipient(
        subscriber_id=number, public_id="p", address="a@example.org", joined_at=NOW
    )
    return Delivery(
        id=number,
        edition_id=1,
        variant_id=1,
        recipient=recipient,
        not_before=NOW,
        attempts=attempts,
    )


def attempt(fate: Fate, reply: Reply | None = None, reason: str = "") -> Attempt:
    return Attempt(fate=fate, reply=reply, reason=reason, relay="relay:25")


# --- ledger -------------------------------------------------------------------------------------


def test_every_state_names_its_successors() -> None:
    assert set(TRANSITIONS) == set(DeliveryState)


def test_only_the_unknown_state_has_a_successor_after_its_end() -> None:
    last = {state for state, following in TRANSITIONS.items() if not following}
    assert last == ENDED - {DeliveryState.UNKNOWN}


def test_content_is_handed_over_only_by_its_claimer() -> None:
    before = [state for state in DeliveryState if may_follow(state, DeliveryState.HANDING)]
    assert before == [DeliveryState.CLAIMED]


@pytest.mark.parametrize(
    ("counts", "is_closed"),
    [
        ({"sent": 5}, True),
        ({"sent": 2, "failed": 1, "unknown": 1, "skipped": 1}, True),
        ({"sent": 4, "deferred": 1}, False),
        ({"sent": 4, "handing": 1}, False),
        ({"sent": 4}, False),
        ({"sent": 6}, False),
        ({"sent": 5, "pending": 1}, False),
    ],
)
def test_an_edition_is_closed_when_the_totals_match(
    counts: dict[str, int], is_closed: bool
) -> None:
    assert Accounting(frozen=5, **counts).is_closed is is_closed


def test_an_edition_without_subscribers_is_closed() -> None:
    assert Accounting(frozen=0).is_closed


# --- settle -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "state", "reason"),
    [
        (Fate.SENT, DeliveryState.SENT, ""),
        (Fate.REFUSED, DeliveryState.FAILED, "refused"),
        (Fate.FULL, DeliveryState.FAILED, "full"),
        (Fate.UNKNOWN, DeliveryState.UNKNOWN, "unknown"),
        (Fate.TRANSIENT, DeliveryState.DEFERRED, "transient"),
        (Fate.GREYLISTED, DeliveryState.DEFERRED, "greylisted"),
        (Fate.POLICY, DeliveryState.DEFERRED, "policy"),
        (Fate.RETURNED, DeliveryState.DEFERRED, "returned"),
    ],
)
def test_a_fate_becomes_a_state(fate: Fate, state: DeliveryState, reason: str) -> None:
    outcome = settle(attempt(fate, NO), delivery(), now=NOW, max_age=timedelta(hours=24))
    assert (outcome.state, outcome.reason, outcome.reply) == (state, reason, NO)
    assert outcome.relay == "relay:25"
    assert (outcome.next_at is not None) is (state is DeliveryState.DEFERRED)


def test_the_reason_of_an_attempt_wins_over_its_fate() -> None:
    tried = attempt(Fate.REFUSED, reason="needs SMTPUTF8")
    outcome = settle(tried, delivery(), now=NOW, max_age=timedelta(hours=24))
    assert outcome.reason == "needs SMTPUTF8"


def test_this_attempt_counts_for_the_wait() -> None:
    tried = attempt(Fate.TRANSIENT)
    outcome = settle(tried, delivery(attempts=2), now=NOW, max_age=timedelta(hours=24))
    assert outcome.next_at == NOW + timedelta(minutes=15)


def test_a_mail_too_old_to_retry_has_failed() -> None:
    outcome = settle(
        attempt(Fate.TRANSIENT, NO), delivery(attempts=5), now=NOW, max_age=timedelta(minutes=30)
    )
    assert (outcome.state, outcome.reason, outcome.next_at) == (
        DeliveryState.FAILED,
        "expired",
        None,
    )


def test_a_kept_refusal_is_deferred_like_any_other() -> None:
    outcome = keep(attempt(Fate.REFUSED, NO), delivery(), now=NOW, max_age=timedelta(hours=24))
    assert (outcome.state, outcome.reason) == (DeliveryState.DEFERRED, "kept")
    assert outcome.next_at == NOW + timedelta(minutes=1)


def test_a_row_that_was_opened_again_has_a_new_age() -> None:
    again = replace(delivery(attempts=1), reopened_at=NOW + timedelta(days=3))
    outcome = settle(
        attempt(Fate.TRANSIENT, NO),
        again,
        now=NOW + timedelta(days=3, hours=1),
        max_age=timedelta(hours=24),
    )
    assert outcome.state is DeliveryState.DEFERRED


# --- brakes -------------------------------------------------------------------------------------


def stops(
    brakes: Brakes, tries: list[tuple[Attempt, str]], *, is_one_domain: bool = False
) -> list[bool]:
    """Count attempts to recipients of these domains; return whether each stops the run."""
    found = []
    for tried, domain in tries:
        brakes.count(tried, domain)
        found.append(brakes.why_stop(tried, is_one_domain=is_one_domain) is not None)
    return found


def two_domains(tried: Attempt, count: int) -> list[tuple[Attempt, str]]:
    return [(tried, f"{number % 2}.example") for number in range(count)]


def test_a_relay_that_refuses_us_stops_the_run_at_once() -> None:
    brakes = Brakes()
    brakes.count(attempt(Fate.BLOCKED, NO), "a.example")
    stop = brakes.why_stop(attempt(Fate.BLOCKED, NO), is_one_domain=False)
    assert isinstance(stop, RelayRefusal)
    assert str(stop) == "relay relay:25: refuses us: 550 5.7.1 no"


def test_a_relay_that_wants_encryption_names_its_keys() -> None:
    reply = Reply(code=530, text="5.7.0 Must issue a STARTTLS command first")
    stop = Brakes().why_stop(attempt(Fate.BLOCKED, reply), is_one_domain=False)
    assert isinstance(stop, RelaySetupError)
    assert "wants encryption" in str(stop)
    assert str(stop).endswith("STARTTLS command first; check [[smtp]] port, security")


def test_a_relay_that_wants_a_login_is_a_fault_of_the_configuration() -> None:
    reply = Reply(code=530, text="5.7.0 log in first")
    stop = Brakes().why_stop(attempt(Fate.BLOCKED, reply), is_one_domain=False)
    assert isinstance(stop, RelaySetupError)
    assert str(stop).endswith("5.7.0 log in first; check [[smtp]] username, password")


@pytest.mark.parametrize(
    ("fate", "reply"),
    [
        (Fate.POLICY, NO),
        (Fate.REFUSED, NO),
        (Fate.FULL, NO),
        (Fate.TRANSIENT, Reply(code=452, text="4.3.1 no room")),
        (Fate.UNKNOWN, None),
    ],
)
def test_refusals_in_a_row_stop_the_run_whatever_their_codes(
    fate: Fate, reply: Reply | None
) -> None:
    found = stops(Brakes(), two_domains(attempt(fate, reply), MAX_REFUSALS))
    assert found == [False] * (MAX_REFUSALS - 1) + [True]


def test_an_accepted_mail_ends_a_row_of_refusals() -> None:
    row = two_domains(attempt(Fate.POLICY, NO), MAX_REFUSALS - 1)
    assert not any(stops(Brakes(), [*row, (attempt(Fate.SENT), "a.example"), *row]))


def test_refusals_of_one_domain_stop_the_run_only_if_the_list_has_no_other() -> None:
    row = [(attempt(Fate.POLICY, NO), "a.example")] * 100
    assert not any(stops(Brakes(), row))
    assert stops(Brakes(), row, is_one_domain=True).index(True) == MAX_REFUSALS - 1


@pytest.mark.parametrize(
    ("fate", "reply"),
    [
        (Fate.GREYLISTED, Reply(code=451, text="4.7.1 come back")),
        (Fate.TRANSIENT, Reply(code=450, text="4.7.28 too many")),
        (Fate.SKIPPED, None),
    ],
)
def test_greylisting_and_rate_limits_never_stop_the_run(fate: Fate, reply: Reply | None) -> None:
    assert not any(stops(Brakes(), two_domains(attempt(fate, reply), 100)))


def test_a_rate_limit_with_another_code_never_stops_the_run() -> None:
    throttled = attempt(Fate.TRANSIENT, Reply(code=454, text="Throttling failure"))
    assert not any(stops(Brakes(), two_domains(replace(throttled, fault=Fault.RATE), 100)))


def breaks(kinds: list[tuple[Attempt, str]], *, is_one_domain: bool = False) -> list[int]:
    """Return after how many attempts the run stops, for the first time."""
    found = stops(Brakes(), kinds, is_one_domain=is_one_domain)
    return [found.index(True) + 1] if True in found else []


SENT = attempt(Fate.SENT)


def by_fault(fault: Fault, fate: Fate = Fate.TRANSIENT) -> Attempt:
    return replace(attempt(fate, Reply(code=451, text="4.0.0 no")), fault=fault)


@pytest.mark.parametrize(
    "refusal",
    [by_fault(Fault.MESSAGE), by_fault(Fault.SENDER), by_fault(Fault.RELAY), attempt(Fate.POLICY)],
)
def test_more_than_a_fifth_of_the_last_fifty_refused_stops_the_run(refusal: Attempt) -> None:
    fifth = [
        (refusal if number % 5 == 0 else SENT, f"{number % 3}.example") for number in range(99)
    ]
    assert breaks(fifth) == []
    fourth = [
        (refusal if number % 4 == 0 else SENT, f"{number % 3}.example") for number in range(99)
    ]
    assert breaks(fourth) == [LAST_MAILS]


@pytest.mark.parametrize(
    "other",
    [
        by_fault(Fault.RATE),
        by_fault(Fault.RECIPIENT, Fate.REFUSED),
        by_fault(Fault.RECIPIENT, Fate.FULL),
        attempt(Fate.UNKNOWN),
        attempt(Fate.SKIPPED),
        attempt(Fate.RETURNED),
    ],
)
def test_other_failures_among_accepted_mails_never_stop_the_run(other: Attempt) -> None:
    half = [(other if number % 2 else SENT, f"{number % 3}.example") for number in range(200)]
    assert breaks(half) == []


def test_many_refusals_of_one_domain_stop_the_run_only_if_the_list_has_no_other() -> None:
    refusal = attempt(Fate.POLICY, NO)
    half = [(refusal if number % 2 else SENT, "a.example") for number in range(200)]
    assert breaks(half) == []
    assert breaks(half, is_one_domain=True) == [LAST_MAILS]


def test_the_domains_matter_only_near_a_stop() -> None:
    brakes = Brakes()
    for _ in range(LAST_MAILS - 1):
        brakes.count(attempt(Fate.POLICY, NO), "a.example")
        brakes.count(SENT, "a.example")
        if brakes.needs_domains:
            break
    assert brakes.refusals == 0
    assert brakes.needs_domains
    assert not Brakes().needs_domains


def test_connections_that_break_in_a_row_stop_the_run() -> None:
    brakes = Brakes()
    broken = attempt(Fate.RETURNED, reason="MAIL: cut")
    assert stops(brakes, two_domains(broken, MAX_BREAKS)) == [False] * (MAX_BREAKS - 1) + [True]
    assert str(brakes.why_stop(broken, is_one_domain=False)) == (
        "relay relay:25: every connection breaks (MAIL: cut)"
    )


def test_a_row_goes_again_until_it_broke_too_many_connections() -> None:
    brakes = Brakes()
    again = [brakes.may_go_again(attempt(Fate.RETURNED), 1) for _ in range(MAX_BREAKS_OF_ROW)]
    assert again == [True] * (MAX_BREAKS_OF_ROW - 1) + [False]
    assert brakes.may_go_again(attempt(Fate.RETURNED), 2)


@pytest.mark.parametrize("fate", [Fate.SENT, Fate.UNKNOWN, Fate.TRANSIENT, Fate.REFUSED])
def test_answered_and_unknown_mails_are_not_sent_again(fate: Fate) -> None:
    assert not Brakes().may_go_again(attempt(fate), 1)


# --- claims -------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_the_queue_claims_until_nothing_is_due_and_returned_mails_go_first() -> None:
    batches = [(delivery(1), delivery(2)), (delivery(3),), ()]

    async def claim() -> tuple[Delivery, ...]:
        return batches.pop(0)

    queue = Queue(claim, build, claim_early=claim_none)
    assert await queue.wait()
    first = queue.take()
    assert first is not None
    queue.put_back(first)
    assert await take_all(queue) == [1, 2, 3]
    assert queue.is_empty
    assert queue.take() is None


@pytest.mark.anyio
async def test_the_queue_claims_the_next_rows_while_others_are_left() -> None:
    batches: dict[str, list[tuple[Delivery, ...]]] = {
        "next": [(delivery(1),), (delivery(4),), ()],
        "early": [(delivery(2), delivery(3))],
    }
    asked: list[str] = []

    async def claim(way: str) -> tuple[Delivery, ...]:
        asked.append(way)
        return batches[way].pop(0) if batches[way] else ()

    queue = Queue(partial(claim, "next"), build, claim_early=partial(claim, "early"))
    assert await queue.wait()
    assert not queue.is_empty
    assert await take_all(queue) == [1, 2, 3, 4]
    # Nothing is due only if `claim` says so.
    assert asked == ["next", "early", "early", "next", "early", "next"]


@pytest.mark.anyio
async def test_rows_that_were_claimed_early_are_not_sent_after_a_drop() -> None:
    claimed = [(delivery(1),)]

    async def claim() -> tuple[Delivery, ...]:
        return claimed.pop() if claimed else ()

    async def claim_early() -> tuple[Delivery, ...]:
        await asyncio.sleep(0)
        return (delivery(2),)

    queue = Queue(claim, build, claim_early=claim_early)
    assert await queue.wait()
    queue.drop()
    assert queue.is_empty
    assert not await queue.wait()
    await queue.close()


async def take_all(queue: Queue) -> list[int]:
    taken = []
    while await queue.wait():
        job = queue.take()
        assert job is not None
        assert job.delivery is not None
        taken.append(job.delivery.id)
    await queue.close()
    return taken


async def claim_none() -> tuple[Delivery, ...]:
    return ()

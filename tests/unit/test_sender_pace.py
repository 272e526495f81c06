"""What stops, what pauses and what goes on, with a pretend relay in pretend time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import RelaySetupError
from digest.models import Reply
from digest.sender.attempt import Attempt, Fate, Fault
from digest.sender.domains import DomainLimits, Domains
from digest.sender.holds import HoldKind
from digest.sender.pace import Pace
from digest.sender.relay import Relay
from digest.sender.relays import Relays, RelayState
from tests.support.pretend_relay import ACCEPTED, TOO_FAST, Loop, RateLimit

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
RELAY = Relay(host="relay", port=25, connections=16)


def mixed(count: int, domains: int = 5) -> list[str]:
    return [f"{number % domains}.example" for number in range(count)]


def refused(fault: Fault, fate: Fate = Fate.POLICY, code: int = 554) -> Attempt:
    reply = Reply(code=code, text="5.7.1 no")
    return Attempt(fate=fate, reply=reply, relay="relay:25", fault=fault)


OURS = [refused(Fault.MESSAGE), refused(Fault.SENDER), refused(Fault.RELAY, Fate.TRANSIENT, 452)]


# --- speed --------------------------------------------------------------------------------------


def test_a_healthy_relay_gets_all_its_connections_within_two_hundred_mails() -> None:
    loop = Loop(mixed(1000), lambda _domain, _now_s: ACCEPTED).run()
    assert loop.sent == 1000
    assert loop.opened[0] == 2
    assert max(size for sent, size in loop.opened.items() if sent < 200) == 16


@pytest.mark.parametrize("domains", [1, 5, 100])
def test_a_server_that_allows_ten_mails_a_second_then_one_gets_them_all(domains: int) -> None:
    limit = RateLimit(lambda now_s: 10.0 if now_s < 60 else 1.0)
    loop = Loop(mixed(1500, domains), limit).run()
    assert (loop.sent, loop.stop) == (1500, None)
    rejected = loop.fates[Fate.TRANSIENT] / sum(loop.fates.values())
    assert rejected < 0.05
    assert loop.asked < 12 * 1500  # no busy loop
    assert loop.now_s < 3 * 1500


def test_the_relays_own_word_slows_the_relay_and_no_domain() -> None:
    limit = RateLimit(lambda _now_s: 5.0)
    loop = Loop(mixed(600), limit, is_of_relay=True).run()
    assert loop.sent == 600
    assert loop.fates[Fate.TRANSIENT] < 30
    kinds = {hold.kind for hold in loop.pace.holds(NOW, loop.now_s)}
    assert kinds <= {HoldKind.RELAY_SLOWED}


def test_a_slow_domain_does_not_slow_the_others() -> None:
    limit = RateLimit(lambda _now_s: 1.0, domain="0.example")
    loop = Loop(mixed(1000), limit).run(until_s=60)
    assert loop.tried["1.example"] == loop.tried["4.example"] == 200
    assert 20 <= loop.tried["0.example"] < 100
    (hold,) = loop.pace.holds(NOW, loop.now_s)
    assert (hold.kind, hold.until) == (HoldKind.DOMAIN_SLOWED, None)
    assert hold.reason.startswith("0.example: says that mails come too fast; it gets ")


def test_configured_rates_are_kept_and_nothing_is_refused() -> None:
    domains = Domains(DomainLimits(rates={"0.example": 2.0}, connections={"1.example": 1}))
    relay = Relay(host="relay", port=25, connections=16, rate=10.0)
    limit = RateLimit(lambda _now_s: 2.5, domain="0.example")
    loop = Loop(mixed(500), limit, relays=Relays((relay,), domains)).run()
    assert loop.fates == {Fate.SENT: 500}
    assert 49 <= loop.now_s <= 56


def test_greylisting_slows_and_pauses_nothing() -> None:
    grey = refused(Fault.RATE, Fate.GREYLISTED, 451)
    loop = Loop(mixed(1000), lambda _domain, _now_s: grey).run(until_s=30)
    assert loop.fates == {Fate.GREYLISTED: 1000}
    assert (loop.stop, loop.pace.holds(NOW, loop.now_s)) == (None, ())


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [*OURS, refused(Fault.RECIPIENT, Fate.REFUSED, 550)])
def test_a_refusal_of_all_stops_the_run_after_twenty(refusal: Attempt) -> None:
    loop = Loop(mixed(1000), lambda _domain, _now_s: refusal).run()
    assert loop.stop is not None
    assert sum(loop.tried.values()) <= 20 + 16
    assert loop.put_off == 0


@pytest.mark.parametrize("refusal", OURS)
def test_a_refusal_of_half_of_the_mails_to_all_domains_stops_the_run(refusal: Attempt) -> None:
    turn = iter(range(10_000))
    loop = Loop(
        mixed(1000, 50), lambda _domain, _now_s: refusal if next(turn) % 2 else ACCEPTED
    ).run()
    assert loop.stop is not None
    assert sum(loop.tried.values()) <= 50 + 16


def test_bad_addresses_among_good_ones_stop_nothing() -> None:
    refusal = refused(Fault.RECIPIENT, Fate.REFUSED, 550)
    turn = iter(range(10_000))
    loop = Loop(mixed(1000), lambda _domain, _now_s: refusal if next(turn) % 2 else ACCEPTED).run()
    assert (loop.stop, loop.fates) == (None, {Fate.SENT: 500, Fate.REFUSED: 500})
    assert loop.pace.holds(NOW, loop.now_s) == ()


@pytest.mark.parametrize("refusal", OURS)
def test_what_one_domain_refuses_pauses_only_that_domain(refusal: Attempt) -> None:
    def answer(domain: str, _now_s: float) -> Attempt:
        return refusal if domain == "0.example" else ACCEPTED

    loop = Loop(mixed(1000), answer).run(until_s=50)
    assert loop.stop is None
    assert loop.sent == 800
    assert 3 <= loop.tried["0.example"] <= 3 + 16
    assert loop.put_off + loop.tried["0.example"] >= 200
    (hold,) = loop.pace.holds(NOW, loop.now_s)
    assert hold.kind is HoldKind.DOMAIN_PAUSED
    assert hold.reason.startswith("0.example: refuses these mails: ")
    assert hold.until is not None
    assert NOW < hold.until <= NOW + timedelta(minutes=1)


def test_a_paused_domain_is_tested_with_one_mail_at_a_time_and_pauses_grow() -> None:
    times: list[float] = []

    def answer(domain: str, now_s: float) -> Attempt:
        if domain != "0.example":
            return ACCEPTED
        times.append(now_s)
        return refused(Fault.SENDER) if now_s < 3000 else ACCEPTED

    loop = Loop(mixed(1000), answer).run()
    assert (loop.sent, loop.stop) == (1000, None)
    tests = [at_s for at_s in times if 50 < at_s < 3000]
    assert [round(at_s / 60) for at_s in tests] == [1, 6, 21]
    assert loop.pace.holds(NOW, loop.now_s) == ()


def test_a_refused_login_stops_the_run_and_the_relay_is_not_used_again() -> None:
    refusal = refused(Fault.RELAY, Fate.BLOCKED, 530)
    loop = Loop(mixed(100), lambda _domain, _now_s: refusal, is_of_relay=True).run()
    assert isinstance(loop.stop, RelaySetupError)
    with pytest.raises(RelaySetupError):
        loop.pace.relays.pick(1e9)


# --- the facade ---------------------------------------------------------------------------------


def begin(relay: Relay = RELAY, domains: Domains | None = None) -> tuple[Pace, RelayState]:
    relays = Relays((relay,), domains)
    state = relays.pick(0.0)
    assert isinstance(state, RelayState)
    relays.worked(state)
    return Pace(relays, edition_id=1), state


def test_one_connection_tries_a_relay_and_two_begin() -> None:
    relays = Relays((RELAY,))
    pace = Pace(relays, edition_id=1)
    assert pace.connections(0.0) == 1
    state = relays.pick(0.0)
    assert isinstance(state, RelayState)
    relays.worked(state)
    assert pace.connections(0.0) == 2


def test_runs_at_the_same_time_share_the_connections() -> None:
    pace, state = begin()
    for number in range(100):
        pace.admit(state, "a.example", number)
        pace.done(state, ACCEPTED, "a.example", number)
    assert pace.connections(100.0) == 16
    other = Pace(pace.relays, edition_id=2)
    assert (pace.connections(100.0), other.connections(100.0)) == (8, 8)
    other.close()
    assert pace.connections(100.0) == 16


def test_a_daily_limit_lets_go_what_was_reserved() -> None:
    pace, state = begin(Relay(host="relay", port=25, daily_limit=1000))
    assert pace.admit(state, "a.example", 0.0) > 0
    assert not pace.may_wait(state, 0.0)
    state.allowance = 2
    assert [pace.admit(state, "a.example", 0.0) > 0 for _ in range(3)] == [False, False, True]
    pace.done(state, refused(Fault.RECIPIENT, Fate.REFUSED), "a.example", 0.0)
    pace.dropped(state, "a.example")
    assert state.allowance == 2


@pytest.mark.parametrize("fate", [Fate.SENT, Fate.UNKNOWN])
def test_mails_that_may_have_left_count_for_the_day(fate: Fate) -> None:
    pace, state = begin(Relay(host="relay", port=25, daily_limit=1000))
    state.allowance = 1
    pace.admit(state, "a.example", 0.0)
    pace.done(state, Attempt(fate=fate), "a.example", 0.0)
    assert state.allowance == 0


def test_too_fast_from_two_domains_slows_the_relay() -> None:
    pace, state = begin()
    for second, domain in enumerate(("a.example", "a.example", "b.example")):
        pace.admit(state, domain, float(second))
        pace.done(state, TOO_FAST, domain, float(second))
        assert state.throttle.is_slowed is (domain == "b.example")
    kinds = [hold.kind for hold in pace.holds(NOW, 3.0)]
    assert kinds == [HoldKind.RELAY_SLOWED, HoldKind.DOMAIN_SLOWED, HoldKind.DOMAIN_SLOWED]


def test_a_mail_whose_connection_was_lost_before_it_takes_no_turn() -> None:
    pace, state = begin(Relay(host="relay", port=25, rate=1))
    while not pace.admit(state, "a.example", 0.0):
        pace.done(state, ACCEPTED, "a.example", 0.0)
    pace.dropped(state, "a.example")
    assert pace.admit(state, "a.example", 0.0) == 0


def test_the_next_relay_is_used_after_a_stop_if_there_is_one() -> None:
    reason = RelaySetupError("relay relay:25: no")
    pace, state = begin()
    assert not pace.fall_back(state, reason, 0.0)
    other = Relay(host="other", port=25)
    pace = Pace(Relays((RELAY, other)), edition_id=1)
    assert pace.fall_back(pace.relays.current(0.0), reason, 0.0)
    assert pace.relays.current(0.0).relay == other


def test_a_session_that_breaks_without_a_word_keeps_the_connections() -> None:
    pace, state = begin()
    pace.admit(state, "a.example", 0.0)
    pace.done(state, ACCEPTED, "a.example", 0.0)
    before = state.window.size(1.0)
    pace.done(state, Attempt(fate=Fate.RETURNED, relay="relay:25"), "a.example", 1.0)
    assert state.window.size(1.0) == before


def test_a_421_before_rcpt_halves_the_connections() -> None:
    pace, state = begin()
    for number in range(100):
        pace.admit(state, "a.example", number)
        pace.done(state, ACCEPTED, "a.example", number)
    closing = Attempt(
        fate=Fate.RETURNED, reply=Reply(code=421, text="busy"), relay="relay:25", is_of_relay=True
    )
    for _ in range(4):  # of several connections at once
        pace.done(state, closing, "a.example", 100.0)
    assert pace.connections(100.0) == 8


def test_a_mail_costs_little_when_nothing_is_limited() -> None:
    pace, state = begin()
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for number in range(2000):
            pace.admit(state, "a.example", number)
            pace.done(state, ACCEPTED, "a.example", number)
        best = min(best, (time.perf_counter() - start) / 2000)
    # Guards against a scan or a leak, not against a slow machine: it takes about 2 µs.
    assert best < 50e-6

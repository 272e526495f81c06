"""The limits of speed, connections and domains, each alone, in pretend time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sender.domains import DomainLimits, Domains
from digest.sender.lanes import Lanes
from digest.sender.pauses import MAX_STRIKES, Pauses
from digest.sender.throttle import Throttle
from digest.sender.window import Window

# --- throttle -----------------------------------------------------------------------------------


def send(throttle: Throttle, seconds: float) -> list[float]:
    """Return when mails go if there is always one."""
    now_s, times = 0.0, []
    while now_s < seconds:
        if wait_s := throttle.wait_s(now_s):
            now_s += wait_s
        else:
            throttle.take(now_s)
            times.append(now_s)
    return times


@given(st.floats(0.1, 40))
def test_no_second_has_many_more_mails_than_the_rate(rate: float) -> None:
    times = send(Throttle(rate), 5)
    for start in times:
        assert sum(start <= at < start + 1 for at in times) <= rate * 1.1 + 1.01
    assert len(times) >= rate * 4.9 - 1


def test_idle_time_is_not_saved_up() -> None:
    throttle = Throttle(10)
    throttle.take(0.0)
    taken = 0
    while not throttle.wait_s(1000.0):
        throttle.take(1000.0)
        taken += 1
    assert taken == 2


def test_a_mail_that_did_not_go_is_given_back() -> None:
    throttle = Throttle(1.0)
    for _ in range(3):
        throttle.take(0.0)
    before_s = throttle.wait_s(0.0)
    throttle.give_back()
    assert throttle.wait_s(0.0) == before_s - 1
    unlimited = Throttle()
    unlimited.take(0.0)
    unlimited.give_back()
    assert unlimited.wait_s(0.0) == 0


def test_the_same_configured_rate_changes_nothing_and_a_lower_one_is_kept() -> None:
    throttle = Throttle(10.0)
    throttle.limit_to(10.0)
    assert throttle.rate == 10
    throttle.limit_to(4.0)
    assert throttle.rate == 4


def test_no_rate_is_no_limit() -> None:
    throttle = Throttle()
    for _ in range(1000):
        throttle.take(0.0)
    assert throttle.wait_s(0.0) == 0


def test_too_fast_halves_the_rate_once_for_a_burst_and_waits() -> None:
    throttle = Throttle(100)
    throttle.take(0.0)
    for _ in range(16):
        throttle.refused(0.0)
    assert throttle.rate == 50
    assert throttle.wait_s(0.0) == pytest.approx(1.0)


def test_the_pauses_grow_while_nothing_is_accepted_and_the_rate_stays() -> None:
    throttle, now_s, waits = Throttle(100), 0.0, []
    for _ in range(9):
        throttle.take(now_s)
        throttle.refused(now_s)
        waits.append(round(throttle.wait_s(now_s)))
        now_s += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert throttle.rate == 50
    throttle.accepted(now_s)
    throttle.take(now_s)
    throttle.refused(now_s)
    assert throttle.wait_s(now_s) == pytest.approx(1.0)
    assert throttle.rate < 26


def test_accepted_mails_bring_the_configured_rate_back() -> None:
    throttle = Throttle(100)
    throttle.refused(0.0)
    for second in range(300):
        assert throttle.is_slowed is (throttle.rate < 100)
        throttle.accepted(float(second))
    assert (throttle.rate, throttle.is_slowed) == (100, False)


def test_without_a_configured_rate_the_limit_is_forgotten_in_the_end() -> None:
    throttle = Throttle()
    for number in range(40):
        throttle.accepted(number / 20)
    throttle.refused(2.0)
    assert throttle.rate == pytest.approx(10, rel=0.1)
    for second in range(1000):
        throttle.accepted(float(second))
    assert (throttle.rate, throttle.is_slowed) == (0, False)


# --- connections --------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "mails"), [(1, 0), (2, 0), (16, 56), (64, 248)])
def test_connections_grow_with_accepted_mails(most: int, mails: int) -> None:
    window = Window(most)
    assert window.size(0.0) == min(2, most)
    for _ in range(mails):
        window.accepted()
    assert window.size(0.0) == most


def test_connections_are_halved_once_for_those_that_close_together_and_grow_slowly() -> None:
    window = Window(16)
    for _ in range(56):
        window.accepted()
    for _ in range(16):
        window.cut(100.0)
    assert window.size(100.0) == 8
    window.cut(106.0)
    assert window.size(106.0) == 4
    for _ in range(16 * 4):
        window.accepted()
    assert window.size(106.0) == 5
    for second in range(10):
        window.cut(200.0 + 10 * second)
    assert window.size(300.0) == 1


def test_a_refused_number_of_connections_is_tried_again_after_ten_minutes() -> None:
    window = Window(16)
    for _ in range(56):
        window.accepted()
    window.refused(10, 0.0)
    for _ in range(10_000):
        window.accepted()
    assert window.size(599.0) == 10
    assert window.size(600.0) == 10
    for _ in range(160):
        window.accepted()
    assert window.size(600.0) == 11


# --- domains ------------------------------------------------------------------------------------


def test_a_domain_gets_its_mails_at_the_same_time_at_most() -> None:
    domains = Domains(DomainLimits(connections={"a.example": 2}))
    for _ in range(2):
        assert domains.wait_s("a.example", 0.0) == 0
        domains.take("a.example", 0.0)
    assert domains.wait_s("a.example", 0.0) > 0
    assert domains.wait_s("b.example", 0.0) == 0
    domains.end("a.example")
    assert domains.wait_s("a.example", 0.0) == 0


def test_mails_that_go_back_to_the_ledger_get_a_turn_each() -> None:
    domains = Domains(DomainLimits(rates={"a.example": 2}))
    turns = [domains.book_s("a.example", 30.0, 0.0) for _ in range(3)]
    assert turns == [30.5, 31.0, 31.5]


def test_a_domain_that_got_fast_again_is_forgotten() -> None:
    domains = Domains()
    domains.slow_down("a.example", 0.0, rate=10.0)
    assert list(domains.slowed()) == [("a.example", 5.0)]
    for second in range(1000):
        domains.accepted("a.example", float(second))
    assert (list(domains.slowed()), domains.rate("a.example")) == ([], 0)


def test_a_mail_that_did_not_go_leaves_its_turn_to_another() -> None:
    domains = Domains(DomainLimits(rates={"a.example": 1}))
    for domain in ("a.example", "b.example"):
        domains.take(domain, 0.0)
        domains.take(domain, 0.0)
    before_s = domains.wait_s("a.example", 0.0)
    domains.dropped("a.example")
    domains.dropped("b.example")
    assert domains.wait_s("a.example", 0.0) < before_s
    assert domains.wait_s("b.example", 0.0) == 0


def test_lanes_give_the_domains_their_turns() -> None:
    lanes: Lanes[int] = Lanes()
    for number in range(6):
        lanes.add("a" if number < 4 else "b", number)
    assert lanes.take(lambda _domain: 7.0) == (None, 7.0)
    taken = [lanes.take(lambda _domain: 0.0)[0] for _ in range(4)]
    assert taken == [0, 4, 1, 5]
    assert lanes.take(lambda domain: 3.0 if domain == "a" else 0.0) == (None, 3.0)
    assert (len(lanes), lanes.waiting("a"), lanes.waiting("b")) == (2, 2, 0)
    assert lanes.drop("a") == (2, 3)
    assert lanes.take(lambda _domain: 0.0) == (None, float("inf"))


def test_all_lanes_can_be_emptied() -> None:
    lanes: Lanes[int] = Lanes()
    lanes.add("a", 1)
    lanes.add("b", 2)
    assert (lanes.drop_all(), len(lanes)) == ((1, 2), 0)


# --- pauses -------------------------------------------------------------------------------------


def refuse(pauses: Pauses, count: int, *, now_s: float = 0.0) -> None:
    for _ in range(count):
        pauses.refused("a.example", "554 no", now_s)


def test_a_domain_is_paused_soon_only_if_another_accepts() -> None:
    pauses = Pauses()
    refuse(pauses, 19)
    assert pauses.left_s("a.example", 0.0) == 0
    refuse(pauses, 1)
    assert pauses.left_s("a.example", 0.0) == 60
    pauses = Pauses()
    refuse(pauses, MAX_STRIKES - 1)
    pauses.accepted("b.example")
    assert pauses.left_s("a.example", 0.0) == 0
    refuse(pauses, 1)
    assert pauses.left_s("a.example", 0.0) == 60


def test_paused_domains_are_listed_until_their_pause_is_over() -> None:
    pauses = Pauses()
    refuse(pauses, 20)
    assert list(pauses.paused(1.0)) == [("a.example", "554 no", 59.0)]
    assert list(pauses.paused(61.0)) == []


def test_an_accepted_mail_ends_the_count_of_refusals() -> None:
    pauses = Pauses()
    for _ in range(50):
        refuse(pauses, MAX_STRIKES - 1)
        pauses.accepted("b.example")
        pauses.accepted("a.example")
    assert pauses.left_s("a.example", 0.0) == 0


def test_pauses_grow_and_refusals_during_a_pause_do_not_count() -> None:
    pauses, now_s, found = Pauses(), 0.0, []
    refuse(pauses, 20)
    for _ in range(5):
        found.append(pauses.left_s("a.example", now_s))
        refuse(pauses, 20, now_s=now_s)
        now_s += found[-1]
        pauses.take("a.example")
        assert pauses.wait_s("a.example", now_s) > 0  # one mail at a time
        refuse(pauses, 1, now_s=now_s)
        pauses.end("a.example")
    assert found == [60, 300, 900, 3600, 3600]

"""The parts of all runs add up to each limit."""

from __future__ import annotations

import pytest

from digest.sender.domains import DomainLimits, Domains
from digest.sender.relay import Relay
from digest.sender.relays import Relays
from digest.sender.share import Share, share_of
from digest.sender.throttle import Throttle

RUNS = ("a", "b", "c", "d")


def test_a_run_alone_has_every_limit_whole() -> None:
    share = share_of({"a"}, set())
    assert (share.is_all, share.part, share.of(7)) == (True, 1.0, 7)


@pytest.mark.parametrize("number", range(9))
def test_the_connections_of_all_runs_add_up(number: int) -> None:
    assert sum(share_of({name}, RUNS).of(number) for name in RUNS) == number


def test_the_rates_of_all_processes_add_up_whatever_their_number_of_runs() -> None:
    shares = [share_of(own, RUNS) for own in ({"a"}, {"b", "c"}, {"d"})]
    assert sum(share.part for share in shares) == 1


def test_a_relay_gets_its_part_and_the_whole_again() -> None:
    relays = Relays((Relay(host="mx", port=25, rate=90),), Domains(DomainLimits(rates={"d": 9})))
    relays.share(Share((0,), 3))
    assert (relays.states[0].throttle.rate, relays.domains.rate("d")) == (30, 3)
    relays.share(Share())
    assert (relays.states[0].throttle.rate, relays.domains.rate("d")) == (90, 9)


def test_a_rate_that_a_server_cut_stays_cut() -> None:
    throttle = Throttle(100)
    throttle.take(0.0)
    throttle.refused(0.0)
    throttle.limit_to(80)
    assert throttle.rate == 50
    throttle.limit_to(20)
    assert throttle.rate == 20


def test_a_domain_of_which_a_process_has_no_connection_waits() -> None:
    domains = Domains(DomainLimits(connections={"d": 1}))
    domains.share(share_of({"b"}, RUNS))
    assert domains.wait_s("d", 0.0) > 0
    domains.share(share_of({"b"}, {"b"}))
    assert domains.wait_s("d", 0.0) == 0

"""Which relay is used now, and what one process remembers of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import RelayError, RelaySetupError
from digest.sender.domains import DomainLimits, Domains
from digest.sender.holds import HoldKind
from digest.sender.relay import Relay
from digest.sender.relays import Relays, RelayState, Wait

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
ONE = Relay(host="one", port=25, connections=16)
TWO = Relay(host="two", port=25, connections=3)


def picked(relays: Relays, now_s: float) -> str:
    """Return the relay for a new connection, or `wait`."""
    state = relays.pick(now_s)
    return "wait" if isinstance(state, Wait) else state.relay.host


def state_of(relays: Relays, now_s: float) -> RelayState:
    state = relays.pick(now_s)
    assert isinstance(state, RelayState)
    return state


def fail(relays: Relays, now_s: float, *, is_final: bool = False) -> None:
    state = state_of(relays, now_s)
    relays.failed(state, f"relay {state.relay.name}: down", now_s, is_final=is_final)


def test_one_connection_tries_a_relay_before_the_others_use_it() -> None:
    relays = Relays((ONE,))
    state = state_of(relays, 0.0)
    assert picked(relays, 0.0) == "wait"
    relays.worked(state)
    assert [picked(relays, 0.0) for _ in range(3)] == ["one"] * 3


def test_a_connection_that_never_tells_does_not_hold_the_others_for_ever() -> None:
    relays = Relays((ONE,))
    state_of(relays, 0.0)
    assert picked(relays, ONE.timeouts.connect_s - 1) == "wait"
    assert picked(relays, ONE.timeouts.connect_s) == "one"


def test_a_relay_that_is_down_waits_longer_each_time() -> None:
    relays = Relays((ONE,))
    now_s, waits = 0.0, []
    for _ in range(8):
        fail(relays, now_s)
        wait = relays.pick(now_s)
        assert isinstance(wait, Wait)
        assert wait.reason == "relay one:25: down"
        waits.append(wait.until_s - now_s)
        now_s = wait.until_s
    assert [round(wait, 1) for wait in waits] == [0.2, 1, 5, 30, 60, 300, 900, 900]


def test_an_accepted_mail_ends_the_growth_of_the_waits() -> None:
    relays = Relays((ONE,))
    fail(relays, 0.0)
    fail(relays, 1.0)
    fail(relays, 2.0)
    state = state_of(relays, 7.0)
    relays.worked(state)
    relays.accepted(state)
    relays.failed(state, "relay one:25: down", 8.0, is_final=False)
    assert picked(relays, 8.1) == "wait"
    assert picked(relays, 8.2) == "one"


def test_the_next_relay_serves_until_the_first_works_again() -> None:
    relays = Relays((ONE, TWO))
    fail(relays, 0.0)
    two = state_of(relays, 0.0)
    assert two.relay is TWO
    relays.worked(two)
    assert relays.current(0.1) is two
    assert two.window.most == 3
    # One connection tries the first again; the others stay with the second.
    one = state_of(relays, 1.0)
    assert one.relay is ONE
    assert [picked(relays, 1.0) for _ in range(2)] == ["two", "two"]
    assert relays.current(1.0) is two
    relays.worked(one)
    assert picked(relays, 1.1) == "one"
    assert relays.current(1.1) is one


def test_sessions_that_break_in_a_row_lead_to_the_next_relay() -> None:
    relays = Relays((ONE, TWO))
    state = state_of(relays, 0.0)
    relays.worked(state)
    for _ in range(4):
        relays.broke(state, "relay one:25: cut", 0.0)
    assert picked(relays, 0.0) == "one"
    relays.broke(state, "relay one:25: cut", 0.0)
    assert picked(relays, 0.0) == "two"
    alone = Relays((ONE,))
    state = state_of(alone, 0.0)
    alone.worked(state)
    for _ in range(50):
        alone.broke(state, "relay one:25: cut", 0.0)
    assert picked(alone, 0.0) == "one"


def test_a_refused_password_is_not_tried_again() -> None:
    relays = Relays((ONE,))
    fail(relays, 0.0, is_final=True)
    with pytest.raises(RelaySetupError, match=r"relay one:25: down"):
        relays.pick(1e9)
    assert isinstance(relays.error(), RelaySetupError)
    (hold,) = relays.holds(NOW, 0.0)
    assert (hold.kind, hold.until) == (HoldKind.RELAY_REFUSES, None)
    assert "[[smtp]]" in hold.release


def test_a_wrong_password_and_a_relay_that_is_down_are_tried_later() -> None:
    relays = Relays((ONE, TWO))
    fail(relays, 0.0, is_final=True)
    fail(relays, 0.0)
    wait = relays.pick(0.0)
    assert wait == Wait(until_s=0.2, reason="relay one:25: down; relay two:25: down")
    assert type(relays.error()) is RelayError
    assert picked(relays, 1.0) == "two"


def test_a_changed_configuration_is_tried_at_once_and_an_unchanged_one_remembers() -> None:
    old = Relays((ONE, TWO))
    fail(old, 0.0, is_final=True)
    fail(old, 0.0)
    same = Relays((replace(ONE), replace(TWO)))
    same.take_over(old)
    assert picked(same, 0.1) == "wait"
    changed = Relays((replace(ONE, password="other"), TWO))
    changed.take_over(old)
    assert picked(changed, 0.1) == "one"


def test_the_speed_of_domains_is_kept_if_its_configuration_is() -> None:
    old = Relays((ONE,), Domains(DomainLimits(rates={"a.example": 5})))
    old.domains.slow_down("b.example", 0.0, rate=10.0)
    same = Relays((ONE,), Domains(DomainLimits(rates={"a.example": 5})))
    same.take_over(old)
    assert [domain for domain, _ in same.domains.slowed()] == ["b.example"]
    changed = Relays((ONE,), Domains(DomainLimits(rates={"a.example": 6})))
    changed.take_over(old)
    assert changed.domains.rate("a.example") == 6


def test_the_next_relay_serves_when_the_days_limit_is_reached() -> None:
    limited = replace(ONE, daily_limit=500, username="me")
    relays = Relays((limited, TWO))
    state = state_of(relays, 0.0)
    relays.worked(state)
    assert (state.allowance, state.account) == (0, "me@one:25")
    relays.spent(state, 3600.0, 0.0)
    assert picked(relays, 0.0) == "two"
    (hold,) = relays.holds(NOW, 0.0)
    assert hold.kind is HoldKind.DAILY_LIMIT
    assert hold.reason == "relay one:25: the daily limit of 500 mails is reached"
    assert hold.until == NOW + timedelta(hours=1)
    # Another process may have given back what it had reserved.
    assert (picked(relays, 599.0), picked(relays, 600.0)) == ("two", "one")


def test_a_relay_that_takes_no_more_connections_is_not_down() -> None:
    relays = Relays((ONE,))
    state = state_of(relays, 0.0)
    relays.worked(state)
    for _ in range(100):
        state.window.accepted()
    assert state.window.size(0.0) == 16
    state.opened = 5
    relays.failed(state, "relay one:25: 421 too many", 0.0, is_final=False)
    assert picked(relays, 0.0) == "one"
    assert state.window.size(0.0) == 5
    assert list(relays.holds(NOW, 0.0)) == []

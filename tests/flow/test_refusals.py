"""What a relay refuses is not counted against the subscribers, and nothing counts as delivered."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from digest.errors import RelayRefusal
from digest.models import DeliveryState
from digest.sender.relay import Relay, Timeouts
from digest.sender.request import RunReport, SendRequest
from digest.sender.run import run_edition
from digest.store.engine import Database
from digest.store.tables import deliveries
from subscribers.tables import people
from tests.support.ledger_rows import NOW, NewLedger, address, build, fixed_clock, reasons, states
from tests.support.mailers import over
from tests.support.smtp_sink import Action, Key, ScriptedSink, say

pytestmark = pytest.mark.anyio

PENDING, SENT, DEFERRED, FAILED, UNKNOWN = (
    DeliveryState.PENDING,
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
)
NOBODY = say("550 5.1.1 no such user")
QUOTA = say("550 5.4.5 Daily user sending limit exceeded")


def ledger_of(new_ledger: NewLedger, count: int, *domains: str) -> Database:
    """Return a ledger whose subscribers have these domains in turn."""
    database = new_ledger(count)
    with database.write() as connection:
        for number in range(1, count + 1):
            domain = domains[number % len(domains)]
            connection.execute(
                update(people)
                .where(people.c.id == number)
                .values(address=f"user{number}@{domain}", address_key=f"user{number}@{domain}")
            )
    return database


async def send(
    database: Database, sink: ScriptedSink, *, connections: int = 1, now: timedelta = timedelta()
) -> RunReport:
    quick = Timeouts(connect_s=5, command_s=2, data_s=2, content_s=2)
    relay = Relay(host="127.0.0.1", port=sink.port, security="none", timeouts=quick)
    request = SendRequest(
        edition_id=1,
        build=build,
        **over(relay, connections=connections),
    )
    return await run_edition(database, request, clock=fixed_clock(NOW + now))


def counts(database: Database) -> Counter[DeliveryState]:
    return Counter(states(database).values())


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("RCPT", "550 5.4.5 Daily user sending limit exceeded"),
        ("DATA", "550 5.4.5 Daily user sending limit exceeded"),
        ("dot", "550 5.4.5 Daily user sending limit exceeded"),
        ("RCPT", "552 Message would take you over your relay quota of 500 Current quota used: 487"),
        ("RCPT", "550 relay not permitted"),
        ("dot", "554 5.6.0 message malformed"),
        ("RCPT", "554 blocked"),
        ("dot", "554 blocked"),
        ("dot", "552 5.3.4 message too big"),
        ("RCPT", "552 5.3.4 message too big"),
        ("RCPT", "550 5.7.1 relaying denied"),
        ("RCPT", "554 Transaction failed"),
    ],
)
async def test_a_refusal_of_us_puts_the_rest_off(
    step: str, answer: str, new_ledger: NewLedger
) -> None:
    database = ledger_of(new_ledger, 10, "a.example", "b.example")
    async with ScriptedSink(script={("*", step): (say(answer),)}, kind_for=4) as sink:
        report = await send(database, sink)
    assert counts(database) == {SENT: 4, DEFERRED: 6}
    assert (report.sent, report.deferred, report.failed) == (4, 6, 0)
    assert answer.split()[-1] in str(report.trouble)


@pytest.mark.parametrize("answer", [QUOTA, NOBODY, say("554 no"), say("452 4.3.1 no room")])
async def test_twenty_refusals_in_a_row_over_two_domains_stop_the_run(
    answer: bytes, new_ledger: NewLedger
) -> None:
    database = ledger_of(new_ledger, 60, "a.example", "b.example")
    async with ScriptedSink(script={("*", "RCPT"): (answer,)}) as sink:
        with pytest.raises(RelayRefusal, match="20 mails in a row were not accepted"):
            await send(database, sink)
    assert counts(database) == {DEFERRED: 20, PENDING: 40}


async def test_after_accepted_mails_a_stop_is_in_the_report(new_ledger: NewLedger) -> None:
    database = ledger_of(new_ledger, 60, "a.example", "b.example")
    async with ScriptedSink(script={("*", "RCPT"): (NOBODY,)}, kind_for=5) as sink:
        report = await send(database, sink)
    assert isinstance(report.trouble, RelayRefusal)
    assert (report.was_stopped, report.was_stopped_by_hand) == (True, False)
    found = counts(database)
    assert (found[SENT], found[FAILED]) == (5, 0)
    assert found[DEFERRED] == 20


async def test_a_relay_that_closes_before_each_answer_stops_the_run(new_ledger: NewLedger) -> None:
    database = ledger_of(new_ledger, 60, "a.example", "b.example")
    async with ScriptedSink(script={("*", "dot"): ("close",)}) as sink:
        with pytest.raises(RelayRefusal, match="not accepted"):
            await send(database, sink)
    assert counts(database) == {UNKNOWN: 20, PENDING: 40}
    assert max(sink.accepted.values()) == 1


async def test_one_domain_among_several_never_stops_the_run(new_ledger: NewLedger) -> None:
    database = ledger_of(new_ledger, 60, *["a.example"] * 59, "b.example")
    script = {(f"user{number}@a.example", "RCPT"): (QUOTA,) for number in range(1, 61)}
    async with ScriptedSink(script=script) as sink:
        report = await send(database, sink)
    assert (report.sent, report.was_stopped) == (1, False)
    assert counts(database) == {SENT: 1, DEFERRED: 59}


async def test_a_list_of_one_domain_is_stopped_too(new_ledger: NewLedger) -> None:
    database = ledger_of(new_ledger, 60, "a.example")
    async with ScriptedSink(script={("*", "RCPT"): (QUOTA,)}) as sink:
        with pytest.raises(RelayRefusal):
            await send(database, sink)
    assert counts(database) == {DEFERRED: 20, PENDING: 40}


def nobody(*numbers: int) -> dict[Key, tuple[Action, ...]]:
    return {(address(number), "RCPT"): (NOBODY,) for number in numbers}


@pytest.mark.parametrize(
    ("bad", "failed", "kept"),
    [
        # An accepted mail after them: they are what their codes say.
        ((2, 3, 5), (2, 3, 5), ()),
        (tuple(range(2, 20)), tuple(range(2, 20)), ()),
        # The last row alone is no streak; two of the list's only domain are.
        ((30,), (30,), ()),
        ((29, 30), (), (29, 30)),
        # Nothing was accepted before the twentieth.
        (tuple(range(1, 20)), tuple(range(1, 20)), ()),
    ],
)
async def test_a_recipients_refusal_counts_once_another_mail_is_accepted(
    bad: tuple[int, ...], failed: tuple[int, ...], kept: tuple[int, ...], new_ledger: NewLedger
) -> None:
    database = new_ledger(30)
    async with ScriptedSink(script=nobody(*bad)) as sink:
        report = await send(database, sink)
    found = states(database)
    assert [number for number, state in found.items() if state is FAILED] == list(failed)
    assert [number for number, state in found.items() if state is DEFERRED] == list(kept)
    assert {reasons(database)[number] for number in kept} <= {"kept"}
    assert {reasons(database)[number] for number in failed} <= {"refused"}
    assert (report.failed, report.deferred) == (len(failed), len(kept))


async def test_with_nothing_accepted_a_recipients_refusal_is_kept(new_ledger: NewLedger) -> None:
    database = new_ledger(3)
    async with ScriptedSink(script=nobody(1, 2, 3)) as sink:
        report = await send(database, sink)
    assert counts(database) == {DEFERRED: 3}
    assert "550 5.1.1 no such user" in str(report.trouble)
    async with ScriptedSink(script=nobody(1, 2)) as sink:
        await send(database, sink, now=timedelta(minutes=2))
    assert counts(database) == {FAILED: 2, SENT: 1}


async def test_rows_never_tried_go_before_rows_tried_already(new_ledger: NewLedger) -> None:
    database = ledger_of(new_ledger, 50, "a.example", "b.example")
    async with ScriptedSink(script={("*", "RCPT"): (QUOTA,)}) as sink:
        with pytest.raises(RelayRefusal):
            await send(database, sink)
        with pytest.raises(RelayRefusal):
            await send(database, sink, now=timedelta(minutes=5))
    with database.read() as connection:
        tried = connection.execute(select(deliveries.c.attempts).order_by(deliveries.c.id))
        assert list(tried.scalars()) == [1] * 40 + [0] * 10
    async with ScriptedSink() as sink:
        report = await send(database, sink, now=timedelta(minutes=10))
    assert report.sent == 50
    first = [line for line in sink.commands if line.startswith("RCPT")][:10]
    assert [line.partition("<user")[2].partition("@")[0] for line in first] == [
        str(number) for number in range(41, 51)
    ]


async def test_a_tried_row_that_is_released_stays_behind_the_untried(new_ledger: NewLedger) -> None:
    database = ledger_of(new_ledger, 30, "a.example", "b.example")
    grey = {("*", "RCPT"): (say("450 4.7.1 greylisted, come back"),)}
    async with ScriptedSink(script=grey) as sink:
        await send(database, sink)
    async with ScriptedSink(script={("*", "MAIL"): (say("550 5.7.1 no"),)}) as sink:
        with pytest.raises(RelayRefusal):
            await send(database, sink, now=timedelta(minutes=5))
    assert counts(database) == {DEFERRED: 30}


async def test_greylisting_of_everything_stops_nothing(new_ledger: NewLedger) -> None:
    database = ledger_of(new_ledger, 50, "a.example", "b.example")
    grey = {("*", "RCPT"): (say("450 4.7.1 greylisted, come back"),)}
    async with ScriptedSink(script=grey) as sink:
        report = await send(database, sink)
    assert (report.deferred, report.trouble) == (50, None)


async def test_two_connections_keep_the_truth_while_some_are_refused(new_ledger: NewLedger) -> None:
    database = new_ledger(200)
    bad = tuple(range(3, 190, 7))
    async with ScriptedSink(script=nobody(*bad)) as sink:
        report = await send(database, sink, connections=4)
    assert (report.failed, report.sent) == (len(bad), 200 - len(bad))
    assert {n for n, state in states(database).items() if state is FAILED} == set(bad)

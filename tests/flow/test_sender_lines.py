"""The connections of a run: how many there are, what they wait for, and what each may lose."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from digest.errors import RelayError, StoreError
from digest.models import Delivery, DeliveryState, Message
from digest.sender.domains import DomainLimits, Domains
from digest.sender.relay import Relay
from digest.sender.relays import Relays
from digest.sender.request import RunReport, SendRequest
from digest.sender.run import run_edition
from digest.sender.smtp.mailer import SmtpMailer
from digest.store.engine import Database
from digest.store.relayed import mails_of_day
from digest.store.tables import deliveries
from subscribers.tables import people
from tests.support.ledger_rows import NOW, address, build, fixed_clock, open_ledger, reasons, states
from tests.support.mailers import Way, over
from tests.support.smtp_sink import Action, Key, ScriptedSink, say

pytestmark = pytest.mark.anyio

SENT = DeliveryState.SENT
PIPELINING = ("PIPELINING",)


def relay_of(sink: ScriptedSink) -> Relay:
    return Relay(host="127.0.0.1", port=sink.port, security="none", connections=8)


async def run(database: Database, way: Way, stop: asyncio.Event | None = None) -> RunReport:
    # With an event of its own: several runs may share this process, and its signals.
    request, stop = SendRequest(edition_id=1, build=build, **way), stop or asyncio.Event()
    async with asyncio.timeout(60):
        return await run_edition(database, request, clock=fixed_clock(), stop=stop)


# --- fewer connections --------------------------------------------------------------------------


async def run_and_cut(
    database: Database, sink: ScriptedSink, connections: int, *, mails: int
) -> list[int]:
    """Halve the connections in mid-run; return how many were open at each look until all is sent.

    Args:
        database: the ledger.
        sink: the server.
        connections: the number of connections before.
        mails: the number of all mails.
    """
    way = over(replace(relay_of(sink), connections=connections))
    relay = way["relays"].states[0]
    sending = asyncio.create_task(run(database, way))
    while sink.accepted.total() < 40:  # noqa: ASYNC110 - the server's state changes without an event
        await asyncio.sleep(0.005)
    relay.window.cut(time.monotonic())
    opened = []
    while sink.accepted.total() < mails and not sending.done():
        opened.append(relay.opened)
        await asyncio.sleep(0.005)
    await sending
    return opened


async def test_connections_that_close_slowly_do_not_take_the_others_with_them(
    tmp_path: Path,
) -> None:
    database = open_ledger(tmp_path / "digest.db", 120)
    script = {("*", "QUIT"): (0.5, b"221 bye\r\n"), ("*", "dot"): (0.01, b"250 ok\r\n")}
    async with ScriptedSink(script=script, extensions=PIPELINING) as sink:
        await run_and_cut(database, sink, connections=8, mails=120)
    assert set(states(database).values()) == {SENT}


async def test_a_single_connection_too_many_ends(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 80)
    script = {("*", "dot"): (0.01, b"250 ok\r\n")}
    async with ScriptedSink(script=script, extensions=PIPELINING) as sink:
        opened = await run_and_cut(database, sink, connections=2, mails=80)
    assert min(opened) == 1
    assert set(states(database).values()) == {SENT}


# --- two runs over the same relays --------------------------------------------------------------


async def run_two(folder: Path, sink: ScriptedSink) -> list[RunReport | BaseException]:
    """Send two editions at the same time, as `digest run` does for two newsletters."""
    relays = Relays((relay_of(sink),))
    way = Way(relays=relays, open_mailer=lambda: SmtpMailer(relays, patience_s=0.3))
    databases = [open_ledger(folder / name, 20) for name in ("one.db", "two.db")]
    sending = (run(database, way) for database in databases)
    return await asyncio.gather(*sending, return_exceptions=True)


async def test_a_run_waits_while_another_one_opens_the_first_connection(tmp_path: Path) -> None:
    async with ScriptedSink(script={("*", "greeting"): (1.0, b"220 sink\r\n")}) as sink:
        ends = await run_two(tmp_path, sink)
    assert [end.sent for end in ends if isinstance(end, RunReport)] == [20, 20]


async def test_a_run_that_gets_no_connection_beside_another_one_says_why(tmp_path: Path) -> None:
    script = {("*", "dot"): (0.05, b"250 ok\r\n")}
    async with ScriptedSink(script=script, most_connections=1) as sink:
        ends = await run_two(tmp_path, sink)
    (error,) = (end for end in ends if isinstance(end, RelayError))
    assert "421 4.7.0 too many connections" in str(error)


# --- the last words of a server -----------------------------------------------------------------


@pytest.mark.parametrize("extensions", [PIPELINING, ()])
async def test_what_a_server_says_before_it_closes_the_connection_counts(
    tmp_path: Path, extensions: tuple[str, ...]
) -> None:
    database = open_ledger(tmp_path / "digest.db", 3)
    script: dict[Key, tuple[Action, ...]] = {
        ("*", "MAIL"): (b"554 5.7.1 we do not know you\r\n", "close")
    }
    async with ScriptedSink(script=script, extensions=extensions) as sink:
        with pytest.raises(RelayError, match=r"refuses us: 554 5\.7\.1 we do not know you"):
            await run(database, over(relay_of(sink)))
    assert sink.connections == 1


async def test_a_mailbox_that_is_gone_is_gone_also_if_the_server_closes_then(
    tmp_path: Path,
) -> None:
    database = open_ledger(tmp_path / "digest.db", 3)
    script: dict[Key, tuple[Action, ...]] = {
        (address(2), "RCPT"): (b"550 5.1.1 no such user\r\n", "close")
    }
    async with ScriptedSink(script=script, extensions=PIPELINING) as sink:
        await run(database, over(relay_of(sink)))
    assert states(database) == {1: SENT, 2: DeliveryState.FAILED, 3: SENT}


async def test_the_ledger_keeps_no_address_that_a_server_repeats(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 2)
    move_to(database, "Mixed.Example", 1)
    said = b"450 4.7.1 <USER1@mixed.example>: try later, user1@mixed.example\r\n"
    script = {("user1@Mixed.Example", "RCPT"): (said,)}
    async with ScriptedSink(script=script, extensions=PIPELINING) as sink:
        await run(database, over(relay_of(sink)))
    with database.read() as connection:
        query = select(deliveries.c.reply_text).where(deliveries.c.subscriber_id == 1)
        reply = connection.scalar(query)
    assert reply == "4.7.1 <the recipient>: try later, the recipient"


async def test_a_relay_that_takes_no_mail_of_this_size_pauses_no_domain(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 30)
    async with ScriptedSink(extensions=(*PIPELINING, "SIZE 10")) as sink:
        report = await run(database, over(relay_of(sink)))
    assert (report.deferred, report.holds) == (30, ())
    assert str(report.trouble) == (
        f"relay 127.0.0.1:{sink.port}: the mail is larger than the relay's limit of 10 bytes"
    )
    assert set(reasons(database).values()) == {
        "the mail is larger than the relay's limit of 10 bytes"
    }


# --- limits -------------------------------------------------------------------------------------


def move_to(database: Database, domain: str, first: int) -> None:
    """Give the subscribers from `first` on addresses of another domain."""
    with database.write() as connection:
        for number in range(first, len(states(database)) + 1):
            moved = f"user{number}@{domain}"
            names = {"address": moved, "address_key": moved}
            connection.execute(update(people).where(people.c.id == number).values(names))


async def test_a_run_does_not_wait_for_a_domain_that_is_paused_while_mails_wait_for_it(
    tmp_path: Path,
) -> None:
    database = open_ledger(tmp_path / "digest.db", 30)
    move_to(database, "slow.example", 21)
    script: dict[Key, tuple[Action, ...]] = {
        (f"user{number}@slow.example", "RCPT"): (b"554 5.7.1 policy\r\n",)
        for number in range(21, 31)
    }
    async with ScriptedSink(script=script, extensions=PIPELINING) as sink:
        relays = Relays((relay_of(sink),), Domains(DomainLimits(rates={"slow.example": 10.0})))
        way = Way(relays=relays, open_mailer=lambda: SmtpMailer(relays))
        report = await run(database, way)
    assert (report.sent, report.deferred) == (20, 3)  # the others were not tried
    assert report.seconds < 30  # less than the pause
    assert Counter(reasons(database).values()) == {"": 20, "policy": 3, "domain": 7}


async def test_a_run_goes_on_until_the_mails_of_a_slow_domain_have_gone(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 260)
    async with ScriptedSink(extensions=PIPELINING) as sink:
        limits = DomainLimits(rates={"example.org": 100.0})
        relays = Relays((relay_of(sink),), Domains(limits))
        request = SendRequest(
            edition_id=1,
            build=build,
            relays=relays,
            open_mailer=lambda: SmtpMailer(relays),
        )
        started = time.monotonic()
        async with asyncio.timeout(60):
            report = await run_edition(
                database,
                request,
                clock=lambda: NOW + timedelta(seconds=time.monotonic() - started),
                stop=asyncio.Event(),
            )
    assert (report.sent, report.deferred, report.next_at) == (260, 0, None)
    assert report.seconds > 2  # the rate was kept


class _Impatient(ScriptedSink):
    """Closes connections that are silent for a moment."""

    silence_s = 0.15

    def _accept(self, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super()._accept(subscriber, writer)
        asyncio.get_running_loop().call_later(self.silence_s, writer.close)


async def test_a_slow_rate_over_a_server_that_closes_silent_connections(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 4)
    async with _Impatient(extensions=PIPELINING) as sink:
        report = await run(database, over(replace(relay_of(sink), rate=3.0)))
    assert report.sent == 4
    assert sink.connections < 10


# --- after a run whose ledger failed ------------------------------------------------------------


async def test_a_ledger_that_fails_leaves_nothing_behind_for_the_next_run_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_ledger(tmp_path / "digest.db", 9)

    def fail(_connection: object, ends: object, *_args: object, **_kwargs: object) -> None:
        if ends:
            raise StoreError("the disk is full")

    async with ScriptedSink(extensions=PIPELINING) as sink:
        relay = replace(relay_of(sink), daily_limit=100)
        relays = Relays((relay,), Domains(DomainLimits(connections={"example.org": 1})))
        way = Way(relays=relays, open_mailer=lambda: SmtpMailer(relays))
        with monkeypatch.context() as patched:
            patched.setattr("digest.store.deliveries.record_sent", fail)
            patched.setattr("digest.sender.claims.release_workers", fail)
            with pytest.raises(StoreError, match="the disk is full"):
                await run(database, way)
        assert relays.runs == 0
        report = await run(database, way)
    # The one in doubt is not sent again.
    assert (report.sent, report.released.unknown) == (8, 1)
    with database.read() as connection:
        # The one that could not be marked may count too.
        assert mails_of_day(connection, relays.states[0].account, now=NOW) <= 10


# --- a stop by hand -----------------------------------------------------------------------------


async def test_a_connection_that_was_refused_before_a_stop_is_no_trouble(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 200)
    script = {("*", "dot"): (0.02, b"250 ok\r\n")}
    stop = asyncio.Event()
    async with ScriptedSink(script=script, extensions=PIPELINING, most_connections=2) as sink:
        sending = asyncio.create_task(run(database, over(relay_of(sink)), stop))
        while sink.connections < 3 or sink.accepted.total() < 30:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        stop.set()
        report = await sending
    assert (report.was_stopped, report.trouble) == (True, None)


# --- faults of ours -----------------------------------------------------------------------------


async def test_an_error_in_one_mail_lets_the_others_in_hand_end(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 200)

    def build_or_fail(delivery: Delivery) -> Message:
        if delivery.recipient.subscriber_id == 130:
            raise KeyError("places")
        return build(delivery)

    script = {("*", "dot"): (0.05, b"250 ok\r\n")}
    async with ScriptedSink(script=script, extensions=PIPELINING) as sink:
        way = over(relay_of(sink))
        request = SendRequest(edition_id=1, build=build_or_fail, **way)
        with pytest.raises(KeyError, match="places"):
            await run_edition(database, request, clock=fixed_clock(), stop=asyncio.Event())
    counts = Counter(states(database).values())
    assert counts == {SENT: sink.accepted.total(), DeliveryState.PENDING: 200 - counts[SENT]}


# --- a domain that refuses for days -------------------------------------------------------------


async def test_mails_of_a_domain_that_refuses_for_days_expire(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 80)
    move_to(database, "strict.example", 21)
    refused = {
        (f"user{number}@strict.example", "RCPT"): (say("554 5.7.1 policy"),)
        for number in range(21, 81)
    }
    async with ScriptedSink(script=refused, extensions=PIPELINING) as sink:
        for hour in range(28):
            request = SendRequest(edition_id=1, build=build, **over(relay_of(sink)))
            clock = fixed_clock(NOW + timedelta(hours=1.2 * hour))
            with suppress(RelayError):
                await run_edition(database, request, clock=clock, stop=asyncio.Event())
    found = states(database)
    assert Counter(found.values()) == {DeliveryState.SENT: 20, DeliveryState.FAILED: 60}


# --- a relay that refuses commands behind content -----------------------------------------------


@pytest.mark.parametrize(
    "refusal", ["503 Bad sequence of commands", "554 5.5.0 not synchronized", "500 what?"]
)
async def test_a_relay_that_refuses_commands_behind_content_gets_each_envelope_apart(
    tmp_path: Path, refusal: str
) -> None:
    database = open_ledger(tmp_path / "digest.db", 30)
    async with ScriptedSink(extensions=PIPELINING, refuses_chains=refusal) as sink:
        way = over(relay_of(sink))
        report = await run(database, way)
    assert (report.sent, report.trouble) == (30, None)
    assert sink.accepted == {address(number): 1 for number in range(1, 31)}
    assert not way["relays"].states[0].takes_chains


# --- a relay that ends sessions -----------------------------------------------------------------


@pytest.mark.parametrize("extensions", [PIPELINING, ()], ids=["pipelined", "step by step"])
@pytest.mark.parametrize(
    ("step", "no_more"),
    [
        ("MAIL", "421 4.7.0 too many mails in one connection"),
        ("MAIL", "452 4.5.3 Too many recipients: Too many messages sent"),
        ("MAIL", "450 not now"),
        ("MAIL", "554 5.7.0 no more messages in this session"),
        ("RCPT", "450 Too many recipient attempts"),
        ("RCPT", "552 5.5.3 too many recipients"),
    ],
    ids=["closed", "full", "no reason", "for good", "one recipient too many", "as in RFC 821"],
)
async def test_a_relay_that_ends_sessions_after_some_mails_is_not_taken_for_one_that_is_hurried(
    tmp_path: Path, extensions: tuple[str, ...], step: str, no_more: str
) -> None:
    database = open_ledger(tmp_path / "digest.db", 200)
    async with ScriptedSink(
        extensions=extensions, most_mails=5, no_more=say(no_more), no_more_at=step
    ) as sink:
        way = over(relay_of(sink))
        report = await run(database, way)
    (state,) = way["relays"].states
    assert (report.sent, report.deferred) == (200, 0)
    assert sink.connections >= 40
    assert not state.throttle.is_slowed
    assert state.window.size(time.monotonic()) == state.relay.connections


async def test_later_for_one_mailbox_does_not_slow_down_its_domain(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 100)
    busy = {
        (address(number), "RCPT"): (say("450 4.2.1 mailbox unavailable"),)
        for number in range(10, 100, 10)
    }
    async with ScriptedSink(script=busy, extensions=PIPELINING) as sink:
        way = over(relay_of(sink))
        report = await run(database, way)
    assert (report.sent, report.deferred) == (91, 9)
    assert list(way["relays"].domains.slowed()) == []

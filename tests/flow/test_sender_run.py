from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from digest.errors import RelayError, StoreError
from digest.models import Delivery, DeliveryState, Message, Progress, Released
from digest.sender.outbox import Outbox
from digest.sender.relay import Relay, Timeouts
from digest.sender.relays import RelayState
from digest.sender.request import RunReport, SendRequest
from digest.sender.run import run_edition
from digest.sender.work import Job, Mailer, Work
from digest.store import approvals
from digest.store.claims import claim_due
from digest.store.closing import close_edition, read_accounting
from digest.store.deliveries import mark_handing
from digest.store.engine import BUSY_TIMEOUT_S, Database
from digest.store.workers import known_workers
from subscribers.tables import people, subscriptions
from tests.support.databases import as_text
from tests.support.ledger_rows import (
    NOW,
    NewLedger,
    address,
    build,
    fixed_clock,
    open_ledger,
    reasons,
    states,
)
from tests.support.mailers import over
from tests.support.smtp_sink import Action, Key, ScriptedSink, say

pytestmark = pytest.mark.anyio

NO_SUCH = (say("550 5.1.1 no such user"),)
PENDING, SENT, DEFERRED, UNKNOWN, SKIPPED = (
    DeliveryState.PENDING,
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.UNKNOWN,
    DeliveryState.SKIPPED,
)


def plan_to(*ports: int, connections: int = 2, batch: int = 500) -> SendRequest:
    relays = tuple(
        Relay(host="127.0.0.1", port=port, security="none", timeouts=Timeouts(connect_s=5))
        for port in ports
    )
    return SendRequest(
        edition_id=1,
        build=build,
        batch=batch,
        **over(*relays, connections=connections),
    )


async def send(database: Database, request: SendRequest) -> RunReport:
    return await run_edition(database, request, clock=fixed_clock())


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not is_so():  # noqa: ASYNC110 - the server's state changes without an event
            await asyncio.sleep(0.01)


async def free_port() -> int:
    async with ScriptedSink() as gone:
        return gone.port


# --- normal sends -------------------------------------------------------------------------------


async def test_every_subscriber_is_sent_one_mail_and_the_edition_can_be_closed(
    new_ledger: NewLedger,
) -> None:
    database = new_ledger(300)
    async with ScriptedSink() as sink:
        report = await send(database, plan_to(sink.port, batch=50))
    assert (report.sent, report.next_at, report.was_stopped) == (300, None, False)
    assert sink.accepted == {address(number): 1 for number in range(1, 301)}
    with database.write() as connection:
        assert read_accounting(connection, 1).is_closed
        assert close_edition(connection, 1, now=NOW)


async def test_content_arrives_as_it_was_built(new_ledger: NewLedger) -> None:
    database = new_ledger(1)
    async with ScriptedSink() as sink:
        await send(database, plan_to(sink.port))
    assert sink.contents[0].endswith(b"\r\n\r\nNews.\r\n.dotted\r\n")


async def test_a_connection_is_closed_after_100_messages(new_ledger: NewLedger) -> None:
    database = new_ledger(250)
    async with ScriptedSink() as sink:
        await send(database, plan_to(sink.port, connections=1))
    assert sink.connections == 3
    assert sink.commands.count("QUIT") == 3


async def test_a_second_run_sends_nothing_more(new_ledger: NewLedger) -> None:
    database = new_ledger(5)
    async with ScriptedSink() as sink:
        await send(database, plan_to(sink.port))
        report = await send(database, plan_to(sink.port))
    assert (report.sent, sink.connections) == (0, 2)


async def test_two_runs_at_once_share_the_work(new_ledger: NewLedger, tmp_path: Path) -> None:
    database = new_ledger(200)
    async with ScriptedSink() as sink:
        with closing(opened_again(database)) as other:
            reports = await asyncio.gather(
                send(database, plan_to(sink.port, batch=10)),
                send(other, plan_to(sink.port, batch=10)),
            )
    assert sum(report.sent for report in reports) == 200
    assert set(sink.accepted.values()) == {1}
    with database.read() as connection:
        assert known_workers(connection) == frozenset()
    assert not lock_files(tmp_path)


def lock_files(folder: Path) -> list[Path]:
    """Return the locks of workers; on a server they are no files."""
    return list(folder.glob("digest.db.workers/*"))


def opened_again(database: Database, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Database:
    """Return what another process opens."""
    return Database(as_text(database.url), busy_timeout_s=busy_timeout_s)


async def test_progress_names_every_end(new_ledger: NewLedger) -> None:
    database = new_ledger(3)
    progress = Progress(edition_id=1, total=3)
    refusal = {(address(2), "RCPT"): (say("550 5.1.1 no"),)}
    async with ScriptedSink(script=refusal) as sink:
        request = plan_to(sink.port, connections=1)
        await run_edition(database, request, clock=fixed_clock(), progress=progress)
    assert (progress.sent, progress.failed, progress.done) == (2, 1, 3)


# --- later --------------------------------------------------------------------------------------


async def test_a_deferred_mail_goes_when_its_time_has_come(new_ledger: NewLedger) -> None:
    database = new_ledger(2)
    later = {(address(2), "RCPT"): (say("451 4.3.0 later"),)}
    async with ScriptedSink(script=later, once=frozenset(later)) as sink:
        first = await send(database, plan_to(sink.port))
        too_soon = await send(database, plan_to(sink.port))
        clock = fixed_clock(NOW + timedelta(minutes=1))
        second = await run_edition(database, plan_to(sink.port), clock=clock)
    assert first.next_at == NOW + timedelta(minutes=1)
    assert (first.deferred, too_soon.sent, second.sent) == (1, 0, 1)


async def test_a_mail_that_is_refused_for_a_day_has_expired(new_ledger: NewLedger) -> None:
    database = new_ledger(1)
    async with ScriptedSink(script={("*", "RCPT"): (say("451 4.3.0 later"),)}) as sink:
        # Not before the sixth attempt: a clock that was set forward makes every mail old.
        reports = [
            await run_edition(
                database, plan_to(sink.port), clock=fixed_clock(NOW + timedelta(hours=24 + hours))
            )
            for hours in range(0, 12, 2)
        ]
    assert [report.failed for report in reports] == [0, 0, 0, 0, 0, 1]
    assert reasons(database) == {1: "expired"}


async def test_a_row_that_is_not_due_stays(new_ledger: NewLedger) -> None:
    database = new_ledger(1)
    async with ScriptedSink() as sink:
        clock = fixed_clock(NOW - timedelta(seconds=1))
        report = await run_edition(database, plan_to(sink.port), clock=clock)
    assert (report.sent, report.next_at, sink.connections) == (0, NOW, 0)


# --- who has left -------------------------------------------------------------------------------


async def test_subscribers_who_left_or_are_suppressed_before_the_claim_get_nothing(
    new_ledger: NewLedger,
) -> None:
    database = new_ledger(3)
    with database.write() as connection:
        connection.execute(update(subscriptions).where(LEAVER).values(state="left"))
        connection.execute(update(people).where(people.c.id == 3).values(suppressed="manual"))
    async with ScriptedSink() as sink:
        report = await send(database, plan_to(sink.port))
    assert (report.sent, report.skipped) == (1, 2)
    assert reasons(database) == {1: "", 2: "left", 3: "suppressed"}
    assert set(sink.accepted) == {address(1)}


LEAVER = subscriptions.c.person_id == 2


async def test_a_subscriber_who_leaves_between_claim_and_content_gets_nothing(
    new_ledger: NewLedger,
) -> None:
    database = new_ledger(3)

    def build_while_subscriber_leaves(delivery: Delivery) -> Message:
        if delivery.recipient.subscriber_id == 2:
            with database.write() as connection:
                connection.execute(update(subscriptions).where(LEAVER).values(state="left"))
        return build(delivery)

    async with ScriptedSink() as sink:
        relay = Relay(host="127.0.0.1", port=sink.port, security="none")
        request = SendRequest(
            edition_id=1,
            build=build_while_subscriber_leaves,
            **over(relay, connections=1),
        )
        report = await send(database, request)
    assert states(database) == {1: SENT, 2: SKIPPED, 3: SENT}
    assert (report.skipped, sink.connections) == (1, 1)
    assert sink.commands.count("DATA") == 2


# --- paused or cancelled during a run -----------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "left"),
    [
        (lambda connection: approvals.pause(connection, 1, "by hand"), PENDING),
        (lambda connection: approvals.cancel(connection, 1, now=NOW), SKIPPED),
    ],
    ids=["pause", "cancel"],
)
async def test_a_running_send_stops_within_its_batch(
    new_ledger: NewLedger, step: Callable[[Connection], object], left: DeliveryState
) -> None:
    database = new_ledger(50)

    def at_the_third(job: Job) -> None:
        if job.message.recipient == address(3):
            with database.write() as connection:
                step(connection)

    async with ScriptedSink() as sink:
        plan = plan_to(sink.port, connections=1)
        request = replace(plan, open_mailer=lambda: Tapped(plan.open_mailer(), at_the_third))
        report = await send(database, request)
    assert states(database) == {1: SENT, 2: SENT} | dict.fromkeys(range(3, 51), left)
    assert (report.sent, report.skipped, sink.commands.count("DATA")) == (2, 0, 2)
    assert sum(command.startswith("RCPT") for command in sink.commands) == 3


async def test_refusals_that_come_after_the_guard_paused_are_in_the_ledger_as_counted(
    new_ledger: NewLedger,
) -> None:
    database = new_ledger(50)

    def pause() -> None:
        with database.write() as connection:
            approvals.pause(connection, 1, "a bad import")

    gone = {(address(number), "RCPT"): NO_SUCH for number in range(2, 51, 2)}
    async with ScriptedSink(script=gone) as sink:
        report = await send(database, replace(plan_to(sink.port), guard=pause))
    counted = {SENT: report.sent, DEFERRED: report.deferred, DeliveryState.FAILED: report.failed}
    assert report.failed >= 10
    found = Counter(states(database).values())
    assert found == Counter(counted) + Counter({PENDING: 50 - sum(counted.values())})


class Tapped:
    """A mailer that calls a function with each mail before it is handed over."""

    def __init__(self, mailer: Mailer, tap: Callable[[Job], None]) -> None:
        self._mailer, self._tap = mailer, tap

    async def close(self) -> None:
        await self._mailer.close()

    async def send(self, work: Work) -> None:
        take = work.take

        def take_tapped(relay: RelayState | None = None) -> Job | None:
            if job := take(relay):
                self._tap(job)
            return job

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(work, "take", take_tapped)
            await self._mailer.send(work)


# --- relays that fail -----------------------------------------------------------------------------


async def test_no_relay_leaves_every_row_pending(new_ledger: NewLedger) -> None:
    database = new_ledger(3)
    port = await free_port()
    with pytest.raises(RelayError, match=f"relay 127.0.0.1:{port}: "):
        await send(database, plan_to(port))
    assert set(states(database).values()) == {PENDING}


async def test_the_next_relay_is_used_if_the_first_fails(new_ledger: NewLedger) -> None:
    database = new_ledger(3)
    async with ScriptedSink() as sink:
        report = await send(database, plan_to(await free_port(), sink.port))
    assert report.sent == 3


async def test_a_relay_with_room_for_one_connection_still_gets_everything(
    new_ledger: NewLedger,
) -> None:
    database = new_ledger(30)
    async with ScriptedSink(most_connections=1) as sink:
        report = await send(database, plan_to(sink.port, connections=3))
    assert report.sent == 30


async def test_connections_too_many_that_close_slowly_do_not_end_the_others(
    new_ledger: NewLedger,
) -> None:
    database = new_ledger(200)
    # The relay closes one of eight connections, so it gets four from then on.
    fewer = (address(60), "RCPT")
    script: dict[Key, tuple[Action, ...]] = {
        fewer: (say("421 4.3.2 bye"), "close"),
        ("*", "QUIT"): (0.3, say("221 bye")),
    }
    async with ScriptedSink(script=script, once=frozenset({fewer})) as sink:
        report = await send(database, plan_to(sink.port, connections=8))
    assert (report.sent, report.was_stopped) == (200, False)


async def test_a_relay_that_refuses_our_sender_stops_the_run(new_ledger: NewLedger) -> None:
    database = new_ledger(20)
    script = {("*", "MAIL"): (say("550 5.7.1 not from here"),)}
    async with ScriptedSink(script=script) as sink:
        with pytest.raises(RelayError, match=r"refuses us: 550 5\.7\.1 not from here"):
            await send(database, plan_to(sink.port))
    assert set(states(database).values()) == {PENDING}


async def test_a_relay_that_breaks_every_connection_stops_the_run(new_ledger: NewLedger) -> None:
    database = new_ledger(50)
    async with ScriptedSink(script={("*", "MAIL"): ("close",)}) as sink:
        with pytest.raises(RelayError, match="every connection breaks"):
            await send(database, plan_to(sink.port))
        assert sink.connections < 15
    assert list(states(database).values()).count(PENDING) > 45


async def test_a_relay_that_stops_a_run_does_not_stop_its_caller(new_ledger: NewLedger) -> None:
    database = new_ledger(50)
    stop = asyncio.Event()
    async with ScriptedSink(script={("*", "dot"): (say("554 5.6.0 rejected"),)}) as sink:
        request = plan_to(sink.port)
        with pytest.raises(RelayError, match="the run was stopped"):
            await run_edition(database, request, clock=fixed_clock(), stop=stop)
    assert PENDING in states(database).values()
    assert not stop.is_set()


# --- stops and crashes --------------------------------------------------------------------------


async def test_sigterm_finishes_mails_in_hand_and_releases_the_rest(new_ledger: NewLedger) -> None:
    database = new_ledger(100)
    slow = {("*", "dot"): (0.05, say("250 ok"))}
    async with ScriptedSink(script=slow) as sink:
        run = asyncio.create_task(send(database, plan_to(sink.port)))
        await until(lambda: len(sink.contents) >= 4)
        os.kill(os.getpid(), signal.SIGTERM)
        report = await run
    assert report.was_stopped_by_hand
    assert report.sent == len(sink.contents)
    assert list(states(database).values()).count(SENT) == report.sent < 100
    assert set(states(database).values()) == {SENT, PENDING}


async def test_a_mail_without_an_answer_in_the_grace_period_is_unknown(
    new_ledger: NewLedger,
) -> None:
    database = new_ledger(10)
    stop = asyncio.Event()
    async with ScriptedSink(script={(address(2), "dot"): (20.0,)}) as sink:
        request = replace(plan_to(sink.port, connections=1), grace_s=0.1)
        run = asyncio.create_task(run_edition(database, request, clock=fixed_clock(), stop=stop))
        await until(lambda: sink.accepted[address(2)] == 1)
        stop.set()
        report = await run
    assert (report.sent, report.unknown, report.was_stopped) == (1, 1, True)
    assert states(database) == {1: SENT, 2: UNKNOWN} | dict.fromkeys(range(3, 11), PENDING)


async def test_rows_of_a_dead_worker_are_released_at_once(new_ledger: NewLedger) -> None:
    database = new_ledger(6)
    with database.write() as connection:
        claim = claim_due(connection, 1, "dead", now=NOW, most=4)
        mark_handing(connection, [claim.deliveries[0].id], "dead", now=NOW)
    async with ScriptedSink() as sink:
        report = await send(database, plan_to(sink.port))
    assert report.released == Released(pending=3, unknown=1)
    assert states(database) == {1: UNKNOWN} | dict.fromkeys(range(2, 7), SENT)
    assert sink.accepted[address(1)] == 0


async def test_a_mark_that_cannot_be_committed_sends_nothing(new_ledger: NewLedger) -> None:
    database = new_ledger(3)
    async with ScriptedSink() as sink:
        with (
            closing(opened_again(database, busy_timeout_s=0.05)) as impatient,
            database.write(),
            pytest.raises(StoreError, match="locked by another process"),
        ):
            await send(impatient, plan_to(sink.port))
    assert (sink.connections, set(states(database).values())) == (0, {PENDING})


async def test_a_disk_that_fills_up_during_a_run_loses_and_doubles_nothing(tmp_path: Path) -> None:
    database = open_ledger(tmp_path / "digest.db", 400)
    with database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    # A limit on the file's pages is SQLite's way to simulate a full disk; a server has none.
    limit_pages(database, pages + 1)
    async with ScriptedSink(script={("*", "dot"): (say("250 " + "x" * 480),)}) as sink:
        with pytest.raises(StoreError, match="the disk is full"):
            await send(database, plan_to(sink.port))
        limit_pages(database, 1_000_000)
        await send(opened_again(database), plan_to(sink.port))
    assert max(sink.accepted.values()) == 1
    found = states(opened_again(database))
    lost = [n for n, state in found.items() if state is SENT and not sink.accepted[address(n)]]
    assert (lost, set(found.values()) <= {SENT, UNKNOWN}) == ([], True)
    assert list(found.values()).count(UNKNOWN) <= 2


def limit_pages(database: Database, pages: int) -> None:
    with database.read() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


# --- a folder -----------------------------------------------------------------------------------


async def test_an_outbox_takes_an_edition_as_files(new_ledger: NewLedger, tmp_path: Path) -> None:
    database = new_ledger(3)
    request = SendRequest(edition_id=1, build=build, open_mailer=lambda: Outbox(tmp_path / "out"))
    report = await send(database, request)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert report.sent == 3
    assert names == [f"e1.{number}@example.org.eml" for number in (1, 2, 3)]

"""Sends an edition over a faulty server, and compares what is stored with what the server holds."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update

from digest.errors import RelayError
from digest.models import Delivery, DeliveryState, Message
from digest.sender.relay import Pipeline, Relay, Timeouts
from digest.sender.request import RunReport, SendRequest
from digest.sender.run import run_edition
from digest.store.engine import Database
from digest.store.tables import deliveries
from subscribers.tables import people
from tests.support.databases import new_database
from tests.support.fault_cases import EXTENSIONS, FaultCase
from tests.support.figures import IS_PROOF
from tests.support.ledger_rows import (
    NOW,
    address,
    build,
    fill_ledger,
    fixed_clock,
    open_ledger,
)
from tests.support.mailers import over
from tests.support.smtp_sink import ScriptedSink

#: In memory where there is such a folder: a thousand small databases are synced to the disk.
_MEMORY = Path("/dev/shm")  # noqa: S108
#: For cases in which a limit must be reached; short, and long enough for a machine that is busy.
_QUICK = Timeouts(connect_s=1, command_s=1, data_s=1, content_s=1)
#: For all others: a run that waits for such a limit waits for a reply that it should not expect.
_PATIENT = Timeouts(connect_s=30, command_s=30, data_s=30, content_s=30)
#: How long a run may take: at most two connections reach a limit, and 2 seconds more. A machine
#: that is busy with other tests needs longer.
_QUICK_LIMIT_S = 2 * _QUICK.content_s + (2 if IS_PROOF else 8)
_PATIENT_LIMIT_S = _PATIENT.content_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the client and the server work together."""

    name: str
    #: Whether the server offers it.
    is_pipelining: bool = False
    #: What the client makes of that.
    pipeline: Pipeline = "auto"
    connections: int = 1


PLAIN = Way(name="step by step")
CHAIN = Way(name="pipelined", is_pipelining=True)
TOGETHER = Way(name="one mail together", is_pipelining=True, pipeline="message")
OFF = Way(name="pipelining is off", is_pipelining=True, pipeline="off")
SEVERAL = Way(name="several connections", is_pipelining=True, connections=3)


@contextmanager
def small_folder() -> Iterator[Path]:
    """Return a folder for databases that is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)


class Ledgers:
    """New ledgers with one frozen edition; on PostgreSQL one after another, in one database."""

    def __init__(self, folder: Path, engine: str = "sqlite") -> None:
        self._folder = folder
        self._engine = engine
        self._count = 0

    @contextmanager
    def ledger(self, addresses: Mapping[int, str]) -> Iterator[Database]:
        """Open a ledger of subscribers with these addresses."""
        self._count += 1
        folder = self._folder / str(self._count)
        database = self._filled(folder, len(addresses))
        try:
            with database.write() as connection:
                for number in addresses:
                    if (wanted := addresses[number]) != address(number):
                        names = {"address": wanted, "address_key": wanted}
                        row = people.c.id == number
                        connection.execute(update(people).where(row).values(names))
            yield database
        finally:
            database.close()
            shutil.rmtree(folder)

    def _filled(self, folder: Path, rows: int) -> Database:
        if self._engine != "sqlite":
            folder.mkdir()
            database = new_database(self._engine, folder)
            fill_ledger(database, rows)
            return database
        # A copy of a file that was filled once.
        filled = self._folder / f"filled-{rows}"
        if not filled.exists():
            filled.mkdir()
            open_ledger(filled / "digest.db", rows).close()
        shutil.copytree(filled, folder)
        return Database(f"sqlite:///{folder / 'digest.db'}", state=folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a run left behind."""

    states: dict[int, str]
    reasons: dict[int, str]
    #: How many subscribers are suppressed.
    suppressed: int
    #: The message of each recipient, as it was built.
    built: dict[str, bytes]
    report: RunReport | None
    error: str


def patient_relay(port: int) -> Relay:
    """Return a relay whose time limits no server of these tests reaches."""
    return Relay(host="127.0.0.1", port=port, security="none", timeouts=_PATIENT)


async def send(
    database: Database,
    relay: Relay,
    *,
    connections: int = 1,
    patience_s: float = 0.5,
    now: datetime = NOW,
) -> Ended:
    """Send the edition of a ledger once; `patience_s` is for a relay that cannot be reached."""
    built: dict[str, bytes] = {}

    def build_and_note(delivery: Delivery) -> Message:
        message = build(delivery)
        built[message.recipient] = message.content
        return message

    request = SendRequest(
        edition_id=1,
        build=build_and_note,
        **over(relay, connections=connections, patience_s=patience_s),
    )
    report, error = None, ""
    try:
        # With an event of its own: many runs share this process, and its signals.
        stop = asyncio.Event()
        report = await run_edition(database, request, clock=fixed_clock(now), stop=stop)
    except RelayError as fault:
        error = str(fault)
    return _read(database, built, report, error)


def _read(
    database: Database, built: dict[str, bytes], report: RunReport | None, error: str
) -> Ended:
    with database.read() as connection:
        columns = (deliveries.c.subscriber_id, deliveries.c.state, deliveries.c.reason)
        rows = connection.execute(select(*columns)).all()
        marked = connection.execute(select(people.c.id).where(people.c.suppressed != "")).all()
    return Ended(
        states={row.subscriber_id: row.state for row in rows},
        reasons={row.subscriber_id: row.reason for row in rows},
        suppressed=len(marked),
        built=built,
        report=report,
        error=error,
    )


# --- what the ledger and the server must agree on -----------------------------------------------

_ACCEPTED = {DeliveryState.SENT: {1}, DeliveryState.UNKNOWN: {0, 1}}


def disagreements(ended: Ended, sink: ScriptedSink, addresses: Mapping[int, str]) -> list[str]:
    """Return where the ledger does not say what the server holds."""
    wrong = []
    for number, state in ended.states.items():
        accepted = sink.accepted[addresses[number]]
        if accepted not in _ACCEPTED.get(DeliveryState(state), {0}):
            wrong.append(f"row {number} is {state} and was accepted {accepted} times")
        if state == DeliveryState.UNKNOWN and not sink.begun[addresses[number]]:
            wrong.append(f"row {number} is unknown and its content was never asked for")
        if state in (DeliveryState.CLAIMED, DeliveryState.HANDING):
            wrong.append(f"row {number} was left {state}")
    for recipient, content in zip(sink.recipients, sink.contents, strict=True):
        if ended.built.get(recipient) != content:
            wrong.append(f"{recipient} got {content[:200]!r}")
    return wrong


# --- one case -----------------------------------------------------------------------------------


async def run_case(case: FaultCase, way: Way, ledgers: Ledgers) -> list[str]:
    """Run a case one way; return what is wrong, nothing if all is as expected."""
    server = dict(case.server)
    offered = (*server.pop("extensions", EXTENSIONS), *server.pop("offers", ()))
    server["extensions"] = (*offered, *(["PIPELINING"] if way.is_pipelining else []))
    addresses = case.recipients
    limits = _QUICK if case.is_silent else _PATIENT
    with ledgers.ledger(addresses) as database:
        async with ScriptedSink(**server) as sink:
            relay = replace(patient_relay(sink.port), timeouts=limits, pipeline=way.pipeline)
            relay = replace(relay, **case.relay)
            limit_s = _QUICK_LIMIT_S if case.is_silent else _PATIENT_LIMIT_S
            sending = send(database, relay, connections=way.connections)
            try:
                ended = await asyncio.wait_for(sending, limit_s)
            except TimeoutError:
                return ["it hangs"]
    return [
        *_unexpected(case, way, ended),
        *disagreements(ended, sink, addresses),
        *_indiscretions(relay, sink),
    ]


#: What a client may not say before the encryption that is asked for.
_SECRETS = {"AUTH", "MAIL", "RCPT", "DATA"}


def _indiscretions(relay: Relay, sink: ScriptedSink) -> list[str]:
    """Return what the client said in clear, and a password that it tried again."""
    wrong = []
    if relay.security != "none" and (said := sink.in_clear & _SECRETS):
        wrong.append(f"said in clear: {said}")
    logins = sum(command.startswith("AUTH") for command in sink.commands)
    if logins > min(sink.connections, 3):
        wrong.append(f"{logins} logins over {sink.connections} connections")
    return wrong


def _unexpected(case: FaultCase, way: Way, ended: Ended) -> list[str]:
    expected = case.chained if way.is_pipelining and case.chained else case.states
    wrong = [
        f"row {number} is {ended.states[number]} ({ended.reasons[number]}), expected {right}"
        for number, right in enumerate(expected, start=1)
        if ended.states[number] not in right.split("|")
    ]
    if case.reason not in ended.reasons[2]:
        wrong.append(f"the reason is {ended.reasons[2]!r}, expected {case.reason!r}")
    if case.error not in ended.error or bool(case.error) is not bool(ended.error):
        wrong.append(f"the error is {ended.error!r}, expected {case.error!r}")
    failed = sum(state == DeliveryState.FAILED for state in ended.states.values())
    if ended.suppressed > failed:
        wrong.append(f"{ended.suppressed} suppressed")
    return wrong


async def run_cases(cases: Iterable[FaultCase], way: Way, *, engine: str = "sqlite") -> list[str]:
    """Run cases, on SQLite many at once; return a line for each thing that is wrong."""
    wrong: list[str] = []
    before = asyncio.all_tasks(), _threads(), _sockets()
    # Those that wait for a time limit cost nothing meanwhile.
    many = {False: asyncio.Semaphore(8), True: asyncio.Semaphore(16)}
    slots = many if engine == "sqlite" else dict.fromkeys(many, asyncio.Semaphore(1))
    with small_folder() as folder:
        ledgers = Ledgers(folder, engine)

        async def run(case: FaultCase) -> None:
            async with slots[case.is_silent]:
                found = await run_case(case, way, ledgers)
            wrong.extend(f"{case.name}: {line}" for line in found)

        await asyncio.gather(*map(run, cases))
    await asyncio.sleep(0.05)  # the ends of transports are calls of the event loop
    tasks, threads, sockets = before
    wrong += [f"a task is left: {task}" for task in asyncio.all_tasks() - tasks]
    wrong += [f"a thread is left: {name}" for name in _threads() - threads]
    if (now := _sockets()) > sockets:
        wrong.append(f"{now - sockets} sockets are left open")
    return wrong


def _threads() -> set[str]:
    """Return the names of threads, without those that the event loop keeps."""
    names = {thread.name for thread in threading.enumerate()}
    return {name for name in names if not name.startswith(("asyncio_", "uvloop_"))}


def _sockets() -> int:
    """Return how many sockets this process has open; 0 where the system does not say."""
    names = Path("/proc/self/fd")
    found = (
        [str(name.readlink()) for name in names.iterdir() if name.is_symlink()]
        if names.exists()
        else []
    )
    return sum(name.startswith("socket:") for name in found)

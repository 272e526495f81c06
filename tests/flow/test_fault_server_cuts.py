"""Connections cut after any byte, and faults mixed at random: the ledger stays true."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from digest.models import DeliveryState
from tests.support.cut_proxy import CutProxy
from tests.support.databases import database_url
from tests.support.fault_cases import EXTENSIONS, FaultCase, moved, single_faults
from tests.support.fault_runs import (
    CHAIN,
    PLAIN,
    Ledgers,
    Way,
    disagreements,
    patient_relay,
    run_cases,
    send,
    small_folder,
)
from tests.support.figures import IS_PROOF, sample
from tests.support.ledger_rows import address
from tests.support.smtp_sink import ScriptedSink

pytestmark = [pytest.mark.anyio, pytest.mark.proof]

_ROWS = {number: address(number) for number in (1, 2, 3)}
#: No byte of a run has a higher number.
_END = 10_000
#: A guard against hanging, in seconds. A run waits as long for its relay: where the cut ends the
#: login, a busy machine may learn of it late, and the run must still connect again.
_LIMIT_S = 20


async def cut_after(
    ledgers: Ledgers, way: Way, after: int, *, is_to_server: bool, is_reset: bool = False
) -> tuple[CutProxy, list[str]]:
    """Send three mails through a connection that is cut once; return what is wrong."""
    offered = (*EXTENSIONS, *(["PIPELINING"] if way.is_pipelining else []))
    with ledgers.ledger(_ROWS) as database:
        async with (
            ScriptedSink(extensions=offered) as sink,
            CutProxy(
                server=sink.port, after=after, is_to_server=is_to_server, is_reset=is_reset
            ) as proxy,
        ):
            sending = send(database, patient_relay(proxy.port), patience_s=_LIMIT_S)
            ended = await asyncio.wait_for(sending, _LIMIT_S)
    wrong = disagreements(ended, sink, _ROWS)
    states = list(ended.states.values())
    unknown = states.count(DeliveryState.UNKNOWN)
    answered = proxy.said.count(b"queued\r\n")
    asked = proxy.said.count(b"354 go on\r\n")
    begun = proxy.heard.count(b"From: news@")
    # Unknown where content passed without an answer, and only where it was asked for.
    if not begun - answered <= unknown <= asked - answered or unknown > 1:
        wrong.append(f"{unknown} unknown, {begun} begun, {asked} asked for, {answered} answered")
    if states.count(DeliveryState.SENT) + unknown != len(_ROWS):
        wrong.append(f"the states are {states}")
    return proxy, [f"cut after {after}, to server {is_to_server}: {line}" for line in wrong]


@pytest.mark.parametrize("way", [PLAIN, CHAIN], ids=lambda way: way.name)
async def test_a_connection_cut_after_any_byte_loses_nothing(way: Way) -> None:
    with small_folder() as folder:
        ledgers = Ledgers(folder)
        whole, wrong = await cut_after(ledgers, way, _END, is_to_server=True)
        slots = asyncio.Semaphore(8)

        async def run(after: int, is_to_server: bool) -> None:
            async with slots:
                _, found = await cut_after(
                    ledgers, way, after, is_to_server=is_to_server, is_reset=after % 3 == 0
                )
            wrong.extend(found)

        points = [(after, True) for after in range(len(whole.heard))]
        points += [(after, False) for after in range(len(whole.said))]
        await asyncio.gather(*(run(*point) for point in sample(points, of=29)))
    assert len(points) >= 500
    assert not wrong, "\n".join(wrong)


def mixed_faults(seed: int, rows: int) -> FaultCase:
    """Return faults under one mail in six, each of them known to end in one state."""
    random = Random(seed)
    faults = single_faults()
    # The last ones are accepted, so that a refusal before them counts.
    bad = {
        number: random.choice(faults) for number in range(2, rows - 16) if random.random() < 1 / 6
    }
    return moved(bad, rows, name=f"seed {seed}")


@pytest.mark.parametrize("is_pipelining", [False, True], ids=["step by step", "pipelined"])
async def test_faults_mixed_at_random_end_each_in_its_own_state(
    is_pipelining: bool, engine: str, tmp_path: Path
) -> None:
    way = Way(name="mixed", is_pipelining=is_pipelining, connections=8)
    rows, seeds = (200, 150) if IS_PROOF else (60, 3)
    if engine == "postgresql":  # one after another
        seeds = min(seeds, 30)
    database_url(engine, tmp_path)  # opens the tests' own connection, which stays open
    cases = [mixed_faults(seed, rows) for seed in range(seeds)]
    wrong = await run_cases(cases, way, engine=engine)
    assert not wrong, "\n".join(wrong)

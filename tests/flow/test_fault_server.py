"""A mail server that does everything wrong: each delivery ends in the state that is true."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.databases import database_url
from tests.support.fault_cases import FaultCase, single_faults
from tests.support.fault_runs import (
    CHAIN,
    OFF,
    PLAIN,
    SEVERAL,
    TOGETHER,
    Ledgers,
    Way,
    disagreements,
    patient_relay,
    run_cases,
    send,
)
from tests.support.figures import IS_PROOF, sample
from tests.support.ledger_rows import NOW, address
from tests.support.server_faults import all_cases, one_of_each_end
from tests.support.smtp_sink import Action, ScriptedSink, say

pytestmark = [pytest.mark.anyio, pytest.mark.proof]


def _cases_of(way: Way) -> list[FaultCase]:
    """Return each case in one of the two ways, or in both if they differ, or under `make proof`."""
    turn = int(way is CHAIN)
    return [
        case
        for number, case in enumerate(all_cases())
        if IS_PROOF or number % 2 == turn or case.chained not in ((), case.states)
    ]


@pytest.mark.parametrize("way", [PLAIN, CHAIN], ids=lambda way: way.name)
async def test_a_fault_of_the_server_is_judged_by_its_step(way: Way) -> None:
    wrong = await run_cases(_cases_of(way), way)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("way", [PLAIN, CHAIN] if IS_PROOF else [CHAIN], ids=lambda way: way.name)
async def test_a_fault_of_the_server_is_judged_the_same_on_postgresql(
    way: Way, tmp_path: Path
) -> None:
    database_url("postgresql", tmp_path)  # opens the tests' own connection, which stays open
    cases = all_cases() if IS_PROOF else one_of_each_end()
    wrong = await run_cases(cases, way, engine="postgresql")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": True})], ids=["uvloop"])
@pytest.mark.parametrize("way", [SEVERAL, TOGETHER, OFF], ids=lambda way: way.name)
async def test_a_fault_of_one_mail_is_judged_the_same_in_other_ways(way: Way) -> None:
    wrong = await run_cases(sample(single_faults(), of=10), way)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "too_fast",
    [(say("450 4.7.1 too fast"),), (say("421 4.7.28 too fast"), "close")],
    ids=["450", "421"],
)
async def test_mails_over_a_limit_of_the_server_are_sent_later(
    too_fast: tuple[Action, ...], engine: str, tmp_path: Path
) -> None:
    rows = {number: address(number) for number in range(1, 14)}
    offers = ("8BITMIME", "PIPELINING")
    with Ledgers(tmp_path, engine).ledger(rows) as database:
        limited = ScriptedSink(extensions=offers, per_second=(10, 1), too_fast=too_fast)
        async with limited:
            first = await send(database, patient_relay(limited.port), connections=2)
        later = NOW + timedelta(minutes=10)
        async with ScriptedSink(extensions=offers) as free:
            second = await send(database, patient_relay(free.port), now=later)
    assert not disagreements(first, limited, rows)
    assert limited.accepted.total() >= 10
    assert set(first.states.values()) <= {"sent", "deferred", "pending"}
    assert set(second.states.values()) == {"sent"}
    assert set((limited.accepted + free.accepted).values()) == {1}

"""A mail server that does everything wrong: each delivery ends in the state that is true."""

from __future__ import annotations

import pytest

from tests.support.fault_cases import all_cases, single_faults
from tests.support.fault_runs import CHAIN, PLAIN, SEVERAL, Way, run_cases
from tests.support.figures import sample

pytestmark = [pytest.mark.anyio, pytest.mark.proof]


@pytest.mark.parametrize("way", [PLAIN, CHAIN], ids=lambda way: way.name)
async def test_a_fault_of_the_server_is_judged_by_its_step(way: Way) -> None:
    wrong = await run_cases(all_cases(), way)
    assert not wrong, "\n".join(wrong)


async def test_a_fault_under_one_of_several_connections_is_judged_the_same() -> None:
    wrong = await run_cases(sample(single_faults()), SEVERAL)
    assert not wrong, "\n".join(wrong)

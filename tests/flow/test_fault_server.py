"""A mail server that does everything wrong: each delivery ends in the state that is true."""

from __future__ import annotations

import pytest

from tests.support.fault_cases import FaultCase, all_cases
from tests.support.fault_runs import CHAIN, PLAIN, SEVERAL, Way, run_cases

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("way", [PLAIN, CHAIN, SEVERAL], ids=lambda way: way.name)
async def test_a_fault_of_the_server_is_judged_by_its_step(way: Way) -> None:
    wrong = await run_cases(all_cases(), way)
    assert not wrong, "\n".join(wrong)

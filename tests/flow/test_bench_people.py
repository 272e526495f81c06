"""The benchmark of imports, on a small sample; the whole is for the proof."""

from __future__ import annotations

import shutil

import pytest

from bench import people
from tests.support.figures import IS_PROOF, record

pytestmark = [
    pytest.mark.proof,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs the command sqlite3"),
]


def test_an_import_needs_a_quarter_of_the_time_of_single_rows_and_flat_memory() -> None:
    sizes = (people.ROWS, people.FEWER, people.SINGLE) if IS_PROOF else (6_000, 2_000, 4_000)
    copied, memory, single = people.measure(*sizes)
    assert memory.ratio <= people.MEMORY_TARGET
    # A few thousand rows on a busy machine are no measure.
    assert single.ratio <= (people.SINGLE_TARGET if IS_PROOF else 0.5)
    record(
        "import",
        rows=sizes[0],
        times_sqlite_import=round(copied.ratio, 1),
        memory_ratio=round(memory.ratio, 2),
        part_of_single_rows=round(single.ratio, 3),
        details=f"{copied.detail}; {memory.detail}; {single.detail}",
    )

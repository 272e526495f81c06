"""Hostile lists of subscribers: refused with one line or survived, in flat memory."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from subscribers.csvfile import MAX_BYTES
from tests.support.figures import IS_PROOF

ROOT = Path(__file__).parents[2]
MB = 1 << 20
#: The size of a list without rows, and that of one with rows; the gigabyte is for the proof.
SIZE, ROWS_SIZE = (MAX_BYTES, 64 * MB) if IS_PROOF else (8 * MB, MB // 4)
#: An import of five rows takes about 50 MB, most of it for the libraries.
PEAK_MB = 120

pytestmark = [pytest.mark.proof, pytest.mark.timeout(7200 if IS_PROOF else 900)]


def import_of(path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.import_cost", str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


Writer = Callable[[Path], None]


def filled(start: bytes, block: bytes, *, size: int = SIZE, end: bytes = b"") -> Writer:
    """Return a function that writes a block again and again until the file has its size."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(start)
            for _ in range((size - len(start) - len(end)) // len(block)):
                file.write(block)
            file.write(end)

    return write


def rows(block: bytes, start: bytes = b"email,name\n") -> Writer:
    return filled(start, block, size=ROWS_SIZE, end=LAST)


HEAD, LAST = b"email,name\n", b"\nzoe@heritage.org,Zoe\n"
NOISE = random.Random(1).randbytes(MB // 8).replace(b"\n", b"")

#: The lists whose last row is imported.
SURVIVED = {
    "endless line": filled(HEAD, b"a" * MB, end=LAST),
    "endless quote": filled(HEAD + b'"', b"a" * MB, end=LAST),
    "zeros": filled(HEAD, bytes(MB), end=LAST),
    "long lines in quotes": filled(
        HEAD, b'a@b.org,"' + (b"x" * 60_000 + b"\n") * 40 + b'"\n', end=LAST
    ),
    "cells without end": rows(b"," * 60_000 + b"\n"),
    "quotes over lines": rows(b'a@b.org,"' + b"x\n" * 48 + b'"\n'),
    "open quotes": rows(b'"a@b.org,x\n' + b"b@c.org,y\n" * 60),
    "quotes only": rows(b'"' * 60_001 + b"\n"),
    "formulas": rows(b'a@b.org,"=HYPERLINK(""https://x.org"")"\n'),
    # Large enough to show that a batch of refused rows does not keep their cells.
    "remarks without end": filled(
        b"email,status\nzoe@heritage.org,active\n",
        b"b@c.org," + b"x " * 30_000 + b"\n",
        size=64 * MB,
        end=LAST,
    ),
}
#: The lists that are refused as a whole.
REFUSED = {
    "endless header": filled(b"email,", b"a" * MB),
    "only zeros": filled(b"", bytes(MB)),
    "columns without end": rows(b"a@b.org\n", b"email," * 2000 + b"\n"),
    "a workbook": rows(NOISE, b"PK\x03\x04"),
    "noise": rows(NOISE, b""),
    "noise below a header": rows(NOISE),
}


@pytest.mark.parametrize("name", [*SURVIVED, *REFUSED])
def test_a_hostile_list_is_refused_or_survived_in_flat_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "people.csv"
    (SURVIVED | REFUSED)[name](path)
    told = import_of(path)
    path.unlink()
    assert told["peak_mb"] < PEAK_MB
    if name in REFUSED:
        assert "\n" not in told["error"]
        assert len(told["error"]) < 1500
    else:
        assert told["counts"]["added"] >= 1


def test_a_list_above_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert import_of(path)["error"] == "larger than 1024 MB; split the file"

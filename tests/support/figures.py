"""What `make proof` does more, and the figures of its long runs, stored for the README."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings

#: `PROOF=1` asks for the long runs: more kills, more rounds, more examples.
IS_PROOF = bool(os.environ.get("PROOF"))

_Case = TypeVar("_Case")
_RESULTS = Path(__file__).parents[2] / "bench" / "results"


def sample(cases: Iterable[_Case], *, of: int = 3) -> list[_Case]:
    """Return one of this number of cases, or each under `make proof`; for tests marked `proof`."""
    return list(cases)[:: 1 if IS_PROOF else of]


def combined(*columns: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return all combinations of these values under `make proof`; else so few that each occurs."""
    if IS_PROOF:
        return list(product(*columns))
    longest = max(map(len, columns))
    return [tuple(column[n % len(column)] for column in columns) for n in range(longest)]


def examples(count: int) -> settings:
    """Return the settings that run this number of examples, or a quarter outside the proof."""
    return settings(max_examples=count if IS_PROOF else -(-count // 4))


def record(name: str, **figures: int | float | str) -> None:
    """Write the figures of a long run under `bench/results/`; a short run writes nothing."""
    if not IS_PROOF:
        return
    told = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "python": platform.python_version(), **figures}
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / f"{name}.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")

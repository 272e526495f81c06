"""What `make proof` does more, and the figures of its long runs, stored for the README."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings

from bench.circumstances import circumstances

#: `PROOF=1` asks for the long runs: more kills, more rounds, more examples.
IS_PROOF = bool(os.environ.get("PROOF"))
#: The share of a long loop that this run does, such as `1/4`; see `bench.proof`.
_SHARE = os.environ.get("PROOF_SHARE", "1/1") if IS_PROOF else "1/1"

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


def share(rounds: range) -> range:
    """Return the rounds of this run: all, or each fourth where the proof has four shares."""
    number, of = _SHARE.split("/")
    return rounds[int(number) - 1 :: int(of)]


def record(name: str, **figures: int | float | str) -> None:
    """Write the figures of a long run under `bench/results/`; a short run writes nothing.

    A share of a run has a file of its own, `NAME-1-of-4.json`; it replaces that of a whole run.
    """
    if not IS_PROOF:
        return
    _RESULTS.mkdir(exist_ok=True)
    number, of = _SHARE.split("/")
    if of != "1":
        (_RESULTS / f"{name}.json").unlink(missing_ok=True)
        name = f"{name}-{number}-of-{of}"
    text = json.dumps({**circumstances(), **figures}, indent=2)
    (_RESULTS / f"{name}.json").write_text(f"{text}\n", "utf-8")

"""The figures of benchmarks, and the file with their results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.circumstances import circumstances

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured ratio to a peer in the same run."""

    name: str
    peer: str
    #: The median of the rounds' ratios, or the ratio of the best values.
    ratio: float
    unit: str
    #: The absolute values; they depend on the machine and its load.
    detail: str


def median_ratio(rounds: Sequence[tuple[float, float]]) -> float:
    """Return the median of the first value divided by the second, such as peer / ours."""
    return median(peer / ours for peer, ours in rounds)


def write_results(name: str, figures: Sequence[Figure]) -> None:
    """Put the figures of one benchmark into `bench/results/bench.json`, in place of its last ones.

    Both sides ran in turn in the same rounds. A ratio is the median of the rounds, or that of the
    best values; absolute values depend on the machine and its load.
    """
    path = RESULTS / "bench.json"
    path.parent.mkdir(exist_ok=True)
    stored: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    rows = [{**asdict(each), "ratio": float(f"{each.ratio:.3g}")} for each in figures]
    stored[name] = {**circumstances(), "figures": rows}
    path.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", "utf-8")

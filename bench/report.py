"""The figures of benchmarks, and the file with their results."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

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


def write_results(figures: Sequence[Figure]) -> Path:
    """Write the figures as a table to `bench/results/bench.md`; return the path."""
    lines = [
        "# Measured by `make bench`",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()},"
        f" {platform.system()} {platform.machine()}. Both sides ran in turn in the same rounds."
        " A ratio is the median of the rounds, or that of the best values; absolute values depend"
        " on the machine and its load.",
        "",
        "| task | peer | ratio | details |",
        "|---|---|---|---|",
        *(f"| {f.name} | {f.peer} | {f.ratio:.3g} {f.unit} | {f.detail} |" for f in figures),
        "",
    ]
    path = RESULTS / "bench.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), "utf-8")
    return path

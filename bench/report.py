"""What a measurement gives, and how it is written down."""

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
    """One measured ratio to a peer of the same run."""

    name: str
    peer: str
    #: Median over the rounds, or least against least.
    ratio: float
    unit: str
    #: The absolute values behind it; of this machine and hour.
    detail: str


def median_ratio(rounds: Sequence[tuple[float, float]]) -> float:
    """Give the median of peer / ours."""
    return median(peer / ours for peer, ours in rounds)


def write_results(figures: Sequence[Figure]) -> Path:
    """Write a table under `bench/results/`."""
    lines = [
        "# Measured by `make bench`",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()},"
        f" {platform.system()} {platform.machine()}. Ratios are of rounds in which both ran in"
        " turn: medians, or the least of each; the values behind them are of one machine and hour.",
        "",
        "| what | against | ratio | |",
        "|---|---|---|---|",
        *(f"| {f.name} | {f.peer} | {f.ratio:.3g} {f.unit} | {f.detail} |" for f in figures),
        "",
    ]
    path = RESULTS / "bench.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), "utf-8")
    return path

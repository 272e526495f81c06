"""Figures with their limits, as a table and as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One figure against its limit."""

    name: str
    value: float
    limit: float
    is_at_most: bool
    #: The absolute values behind it.
    detail: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the figure is within its limit."""
        return self.value <= self.limit if self.is_at_most else self.value >= self.limit


def at_least(limit: float, name: str, value: float, detail: str = "") -> Check:
    """Return a figure that must not be below a limit."""
    return Check(name=name, value=value, limit=limit, is_at_most=False, detail=detail)


def at_most(limit: float, name: str, value: float, detail: str = "") -> Check:
    """Return a figure that must not be above a limit."""
    return Check(name=name, value=value, limit=limit, is_at_most=True, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one part of the comparison found."""

    checks: tuple[Check, ...]
    #: For the plots: by sender, then by measure. A median of the rounds.
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    #: What could not be measured, with the reason.
    missing: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return what is stored of it."""
        return {
            "figures": {
                each.name: {
                    "value": _rounded(each.value),
                    "at_most" if each.is_at_most else "at_least": each.limit,
                    "is_met": each.is_met,
                    "detail": each.detail,
                }
                for each in self.checks
            },
            "values": {
                name: {measure: _rounded(value) for measure, value in values.items()}
                for name, values in self.values.items()
            },
            "missing": list(self.missing),
        }


def table_of(checks: Iterable[Check]) -> str:
    """Return a table with a line for each figure."""
    rows = [("", "figure", "value", "limit", "details")]
    for each in checks:
        sign = "≤" if each.is_at_most else "≥"
        passed = "pass" if each.is_met else "MISS"
        rows.append(
            (passed, each.name, f"{each.value:.3g}", f"{sign} {each.limit:.3g}", each.detail)
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def median_ratio(ours: Sequence[float], peers: Sequence[float]) -> float:
    """Return the median of our value divided by the peer's of the same round."""
    return median(our / peer for our, peer in zip(ours, peers, strict=True))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")

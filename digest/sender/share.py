"""Shares the configured limits among all runs that send at the same time, on any machine.

Each run learns which runs there are, once a second, and takes its part. A new run first waits
until the others have learned of it, so that together they never exceed a limit for long.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

#: Seconds between two looks at the runs.
LOOK_S = 1.0
#: How long a new run waits before its first mail, if there are others, in seconds.
JOIN_S = 2.5


@dataclass(frozen=True, slots=True)
class Share:
    """The part of this process: its runs among all runs."""

    #: The places of its runs in the sorted list of all runs.
    places: tuple[int, ...] = (0,)
    #: The number of all runs.
    runs: int = 1

    @property
    def is_all(self) -> bool:
        """Whether no other process sends."""
        return len(self.places) >= self.runs

    @property
    def part(self) -> float:
        """The part of a rate, from 0 to 1."""
        return len(self.places) / self.runs

    def of(self, number: int) -> int:
        """Return the part of a number of connections; the parts of all processes add up to it."""
        whole, rest = divmod(number, self.runs)
        return sum(whole + (place < rest) for place in self.places)


def share_of(own: Collection[str], others: Collection[str]) -> Share:
    """Return the share of a process.

    Args:
        own: the names of its runs.
        others: the names of all runs; its own may be missing.
    """
    every = sorted({*own, *others})
    return Share(tuple(place for place, name in enumerate(every) if name in own), len(every))

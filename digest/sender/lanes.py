"""Rows that wait for the limit of their domain while rows of other domains go."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

_Row = TypeVar("_Row")


class Lanes(Generic[_Row]):
    """A short queue for each domain that must wait."""

    def __init__(self) -> None:
        """Start empty."""
        self._lanes: dict[str, deque[_Row]] = {}

    def __bool__(self) -> bool:
        """Return whether any row waits."""
        return bool(self._lanes)

    def __len__(self) -> int:
        """Return the number of rows that wait."""
        return sum(map(len, self._lanes.values()))

    def add(self, domain: str, row: _Row) -> None:
        """Add a row; `Pace.put_off_s` says when too many wait for its domain already."""
        self._lanes.setdefault(domain, deque()).append(row)

    def waiting(self, domain: str) -> int:
        """Return the number of rows that wait for a domain."""
        return len(self._lanes.get(domain, ()))

    def take(self, admit: Callable[[str], float]) -> tuple[_Row | None, float]:
        """Return a row that may go, and 0; else None and the seconds until one may go.

        Args:
            admit: returns 0 and takes what the mail needs, or the seconds to wait.
        """
        shortest = float("inf")
        for domain, lane in self._lanes.items():
            wait_s = admit(domain)
            if not wait_s:
                row = lane.popleft()
                del self._lanes[domain]
                if lane:  # behind the other domains, which have their turn first
                    self._lanes[domain] = lane
                return row, 0.0
            shortest = min(shortest, wait_s)
        return None, shortest

    def domains(self) -> tuple[str, ...]:
        """Return the domains that rows wait for."""
        return tuple(self._lanes)

    def drop(self, domain: str) -> tuple[_Row, ...]:
        """Remove and return the rows of a domain."""
        return tuple(self._lanes.pop(domain, ()))

    def drop_all(self) -> tuple[_Row, ...]:
        """Remove and return all rows."""
        return tuple(row for domain in tuple(self._lanes) for row in self.drop(domain))

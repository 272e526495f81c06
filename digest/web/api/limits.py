"""Limits how often one client may ask, within this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

#: More clients than this are forgotten and begin anew.
_MOST_CLIENTS = 10_000


class Rates:
    """Limits the requests of each client in a minute; unused turns are not saved beyond that."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Set up the limit.

        Args:
            per_minute: the most requests of one client in a minute, which may come at once.
            clock: returns seconds.
        """
        self._most = float(per_minute)
        self._clock = clock
        self._left: dict[Hashable, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, client: Hashable) -> float:
        """Take a turn; return 0, or the seconds to wait if there is none left."""
        now = self._clock()
        with self._lock:
            left = self._turns(client, now)
            if left < 1:
                return (1 - left) * 60 / self._most
            if len(self._left) >= _MOST_CLIENTS:
                self._left.clear()
            self._left[client] = (left - 1, now)
        return 0.0

    def _turns(self, client: Hashable, now: float) -> float:
        left, at = self._left.get(client, (self._most, now))
        return min(left + (now - at) * self._most / 60, self._most)

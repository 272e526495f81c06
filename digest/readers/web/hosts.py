"""Limits the load on each server: few simultaneous requests, and none during a requested wait."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta

from digest.errors import HeldError
from digest.readers.web.origin import server_of


class Hosts:
    """Request limits and requested waits of all servers during one collection."""

    def __init__(self, at_once: int) -> None:
        """Keep the maximum of simultaneous requests to one server."""
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(at_once)
        )
        self._held_until: dict[str, float] = {}

    def slot(self, url: str) -> asyncio.Semaphore:
        """Return the semaphore to hold during a request to the server of `url`."""
        return self._slots[server_of(url)]

    def hold(self, url: str, wait: timedelta) -> None:
        """Make `check` refuse requests to the server of `url` until `wait` is over."""
        self._held_until[server_of(url)] = _clock() + wait.total_seconds()

    def check(self, url: str) -> None:
        """Check that a request to `url` is allowed now.

        Raises:
            HeldError: its server asked us to wait.
        """
        left_s = self._held_until.get(server_of(url), 0) - _clock()
        if left_s > 0:
            raise HeldError(url, timedelta(seconds=left_s))


def _clock() -> float:
    return asyncio.get_running_loop().time()

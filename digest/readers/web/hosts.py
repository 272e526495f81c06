"""Manners towards each server: few requests at once, and none where it asked to be left alone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta

from digest.errors import HeldError
from digest.readers.web.origin import server_of


class Hosts:
    """What the servers of one collection are spared."""

    def __init__(self, at_once: int) -> None:
        """Keep how many requests a server gets at once."""
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(at_once)
        )
        self._held_until: dict[str, float] = {}

    def slot(self, url: str) -> asyncio.Semaphore:
        """Give what is held while its server works for us."""
        return self._slots[server_of(url)]

    def hold(self, url: str, wait: timedelta) -> None:
        """Leave its server alone for so long."""
        self._held_until[server_of(url)] = _clock() + wait.total_seconds()

    def check(self, url: str) -> None:
        """Let pass what may be asked.

        Raises:
            HeldError: its server wants to be left alone.
        """
        left_s = self._held_until.get(server_of(url), 0) - _clock()
        if left_s > 0:
            raise HeldError(url, timedelta(seconds=left_s))


def _clock() -> float:
    return asyncio.get_running_loop().time()

"""Writes that may wait, stored together: one transaction and one commit for many of them.

For what is said of an answer that brought nothing. A crash loses the last of these, and then a
feed is asked once more than it had to be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import Connection

from digest.store.engine import Database

#: Writes that wait at most.
MOST = 200


class Later:
    """Small writes of several feeds' turns, in the order in which they came."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Callable[[Connection], None]] = []

    async def add(self, write: Callable[[Connection], None]) -> None:
        """Take one; where `MOST` wait they are stored.

        Raises:
            StoreError: the database cannot serve.
        """
        self._waiting.append(write)
        if len(self._waiting) >= MOST:
            await self.store()

    async def store(self) -> None:
        """Store what waits.

        Raises:
            StoreError: the database cannot serve.
        """
        writes, self._waiting = self._waiting, []
        if writes:
            await asyncio.to_thread(self._store, writes)

    def _store(self, writes: list[Callable[[Connection], None]]) -> None:
        with self._database.write() as connection:
            for write in writes:
                write(connection)

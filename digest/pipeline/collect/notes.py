"""Small writes about feeds that brought nothing new: they are deferred and stored together.

Many of them share one transaction. A crash loses the last of them; then a feed is fetched once more
than necessary.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from digest.models import Validators
from digest.store import feeds
from digest.store.engine import Connection, Database
from digest.store.feeds import FeedState, Moves

#: The number of waiting writes at which they are stored.
MOST = 200


class Later:
    """Waiting small writes of several feeds' turns, in the order in which they were added."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Callable[[Connection], None]] = []

    async def add(self, write: Callable[[Connection], None]) -> None:
        """Add a write; if `MOST` are waiting, store them all.

        Raises:
            StoreError: the database cannot be used.
        """
        self._waiting.append(write)
        if len(self._waiting) >= MOST:
            await self.store()

    async def store(self) -> None:
        """Store all waiting writes.

        Raises:
            StoreError: the database cannot be used.
        """
        writes, self._waiting = self._waiting, []
        if writes:
            await asyncio.to_thread(self._store, writes)

    def _store(self, writes: list[Callable[[Connection], None]]) -> None:
        with self._database.write() as connection:
            for write in writes:
                write(connection)


# --- the writes ---------------------------------------------------------------------------------


def note_unchanged(
    connection: Connection,
    state: FeedState,
    validators: Validators,
    moves: Moves,
    *,
    now: datetime,
    is_whole: bool,
) -> None:
    """Store that a feed is unchanged; `is_whole` if it sent its whole document all the same."""
    feeds.save_unchanged(connection, state.id, validators=validators, now=now, is_whole=is_whole)
    note_moves(connection, state, moves)


def note_moves(connection: Connection, state: FeedState, moves: Moves) -> None:
    """Store the moves of a feed if they changed."""
    if moves != state.moves:
        feeds.save_moves(connection, state.id, moves)


def note_failure(
    connection: Connection,
    state: FeedState,
    reason: str,
    *,
    now: datetime,
    is_gone: bool,
    is_transient: bool,
    not_before: datetime | None,
    refused_hash: str,
) -> None:
    """Count a failure of a feed, or store that it is gone.

    If a feed that moved fails for good at its new address, its configured address is fetched again
    next time.
    """
    if is_gone:
        feeds.save_gone(connection, state.id, reason, now=now)
    else:
        feeds.save_failure(
            connection,
            state.id,
            reason,
            now=now,
            not_before=not_before,
            refused_hash=refused_hash,
        )
    if state.moves.settled and not is_transient:
        feeds.save_moves(connection, state.id, Moves())

"""Writes about answers that brought nothing: they may wait, and are stored together.

One transaction and one commit for many of them. A crash loses the last of these, and then a feed is
asked once more than it had to be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from digest.models import Validators
from digest.store import feeds
from digest.store.engine import Connection, Database
from digest.store.feeds import FeedState, Moves

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


# --- what is noted ------------------------------------------------------------------------------


def note_unchanged(
    connection: Connection,
    state: FeedState,
    validators: Validators,
    moves: Moves,
    *,
    now: datetime,
    is_whole: bool,
) -> None:
    """Remember that a feed answered; `is_whole`: with the same document again."""
    feeds.save_unchanged(connection, state.id, validators=validators, now=now, is_whole=is_whole)
    note_moves(connection, state, moves)


def note_moves(connection: Connection, state: FeedState, moves: Moves) -> None:
    """Remember where a feed has gone, where that is news."""
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
    """Count a failure, or remember that a feed is gone.

    Where one that moved is not at its new place, its own address is asked again next time.
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

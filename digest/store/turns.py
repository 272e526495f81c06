"""Turns, worker locks and signs of life for asynchronous code; a thread does what may block."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from functools import partial
from typing import TypeVar

from digest.errors import StoreError
from digest.store.engine import Database
from digest.store.workers import BEAT_S, LEASE_S, beat, forget_workers

#: Seconds between two looks whether the worker's lock is still held.
_LOOK_S = 1.0

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


@asynccontextmanager
async def take_turn(database: Database, name: str) -> AsyncIterator[bool]:
    """Take the turn for the block; yield False if another process has it.

    Raises:
        StoreError: the turn's lock cannot be opened.
    """
    async with _in_thread(database.take_turn(name)) as is_ours:
        yield is_ours


@asynccontextmanager
async def as_worker(database: Database) -> AsyncIterator[str]:
    """Make this process a worker for the block; yield the worker's random name.

    A lock that a restart of the database's server released is taken again within a second.

    Raises:
        StoreError: the worker's lock cannot be taken.
    """
    async with _in_thread(database.worker()) as name:
        keeper = asyncio.create_task(_repeat(partial(database.hold_worker, name), _LOOK_S))
        try:
            yield name
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper


@asynccontextmanager
async def kept_alive(
    database: Database,
    worker: str,
    edition_id: int,
    *,
    lease_s: int = LEASE_S,
    every_s: float = BEAT_S,
) -> AsyncIterator[None]:
    """Store signs of life of a worker while the block sends; see `digest.store.workers`.

    The event loop asks for each sign, so that a loop that hangs gives none. Enter it before the
    first claim, and leave it after the last release.

    Raises:
        StoreError: the first sign could not be stored.
    """

    def sign() -> None:
        with database.write_marks() as connection:
            beat(connection, worker, edition_id, lease_s=lease_s)

    def forget() -> None:
        with database.write_marks() as connection:
            forget_workers(connection, (worker,))

    await asyncio.to_thread(sign)
    keeper = asyncio.create_task(_repeat(sign, every_s))
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        # Not needed: the next send forgets a worker whose lock is free.
        with suppress(StoreError):
            await asyncio.shield(asyncio.to_thread(forget))


async def _repeat(sign: Callable[[], None], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(sign)
        except StoreError as error:
            # The lease is much longer than the time between two signs.
            _log.warning("a sign of life could not be given and is tried again: %s", error)


@asynccontextmanager
async def _in_thread(context: AbstractContextManager[_T]) -> AsyncIterator[_T]:
    held = await asyncio.to_thread(context.__enter__)
    try:
        yield held
    finally:
        # Shielded so that the lock is released even if the block was cancelled.
        await asyncio.shield(asyncio.to_thread(context.__exit__, None, None, None))

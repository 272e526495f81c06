"""Turns and worker locks for asynchronous code, in a thread because they may block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TypeVar

from digest.store.engine import Database

_T = TypeVar("_T")


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

    Raises:
        StoreError: the worker's lock cannot be taken.
    """
    async with _in_thread(database.worker()) as name:
        yield name


@asynccontextmanager
async def _in_thread(context: AbstractContextManager[_T]) -> AsyncIterator[_T]:
    held = await asyncio.to_thread(context.__enter__)
    try:
        yield held
    finally:
        # Shielded so that the lock is released even if the block was cancelled.
        await asyncio.shield(asyncio.to_thread(context.__exit__, None, None, None))

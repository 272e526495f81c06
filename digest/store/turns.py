"""Locks of processes for asynchronous code: taken and freed in a thread, for they may wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TypeVar

from digest.store.engine import Database

_T = TypeVar("_T")


@asynccontextmanager
async def take_turn(database: Database, name: str) -> AsyncIterator[bool]:
    """Take the turn of that name for the block; gives false if another process has it.

    Raises:
        StoreError: the turn's lock cannot be tried.
    """
    async with _in_thread(database.take_turn(name)) as is_ours:
        yield is_ours


@asynccontextmanager
async def as_worker(database: Database) -> AsyncIterator[str]:
    """Be a worker for the block; gives the worker's random name.

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
        # Also where the block was cancelled: the lock is freed before that goes on.
        await asyncio.shield(asyncio.to_thread(context.__exit__, None, None, None))

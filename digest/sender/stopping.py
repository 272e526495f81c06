"""Stops one run: at a signal, or with its caller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from digest.signals import stop_signals


@asynccontextmanager
async def stopping(stop: asyncio.Event | None) -> AsyncIterator[asyncio.Event]:
    """Yield a stop event of this run, which follows the caller's, or else the stop signals.

    It is never the caller's own: a run that its relay ends must not end the caller's other work.
    """
    own = asyncio.Event()
    if stop is not None:
        following = asyncio.create_task(_follow(stop, own))
        try:
            yield own
        finally:
            following.cancel()
        return
    loop = asyncio.get_running_loop()
    numbers = stop_signals()
    for number in numbers:
        loop.add_signal_handler(number, own.set)
    try:
        yield own
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def _follow(stop: asyncio.Event, own: asyncio.Event) -> None:
    await stop.wait()
    own.set()


@asynccontextmanager
async def at_stop(stop: asyncio.Event, call: Callable[[], object]) -> AsyncIterator[None]:
    """Call a function as soon as the event is set, if that is during the block."""

    async def wait() -> None:
        await stop.wait()
        call()

    waiting = asyncio.create_task(wait())
    try:
        yield
    finally:
        waiting.cancel()

"""Keeps a run to its share of the relays' limits while it sends; see `digest.sender.share`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from digest.errors import StoreError
from digest.sender.relays import Relays
from digest.sender.share import JOIN_S, LOOK_S, Share, share_of
from digest.store.engine import Database
from digest.store.workers import living_workers

_log = logging.getLogger(__name__)


@asynccontextmanager
async def shared_limits(
    database: Database, relays: Relays | None, worker: str, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Share the limits with all other runs during the block; enter it after the sign of life.

    Raises:
        StoreError: the other runs cannot be read.
    """
    if relays is None or not relays.has_limits:
        yield
        return
    relays.workers.add(worker)
    try:
        if not (await _look(database, relays)).is_all:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), JOIN_S)
        keeper = asyncio.create_task(_keep(database, relays))
        try:
            yield
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
    finally:
        relays.workers.discard(worker)


async def _keep(database: Database, relays: Relays) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            await _look(database, relays)
        except StoreError as error:
            # Without the database no run gets a mark, so none sends faster meanwhile.
            _log.warning("the limits are shared as before: %s", error)


async def _look(database: Database, relays: Relays) -> Share:
    found = share_of(relays.workers, await asyncio.to_thread(living_workers, database))
    relays.share(found)
    return found

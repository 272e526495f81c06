"""Applies the journal of leavings soon after the database can be written again."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from digest.newsroom.context import RunContext
from digest.newsroom.self_service.leaving import Leavings

#: Seconds between two looks at the journal, which cost next to nothing while it is empty.
EVERY_S = 3.0

_log = logging.getLogger(__name__)


async def replay_leavings(
    context: RunContext, stop: asyncio.Event, *, every_s: float = EVERY_S
) -> None:
    """Apply the unsubscribes that this machine has kept, again and again, until `stop` is set.

    Only this machine can: its journal is a file in its own `[state] folder`.
    """
    leavings, journal = Leavings.of(context), context.journal
    while not stop.is_set():
        if not journal.is_empty:
            try:
                await asyncio.to_thread(leavings.take)
            except Exception as error:  # whatever it is, it is tried again
                _log.error("unsubscribe requests stay in the journal: %s", error, exc_info=error)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_s)

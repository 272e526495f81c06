"""Opens the door of the queue, which needs the extra `postgres`."""

from __future__ import annotations

import asyncio
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from digest.errors import ConfigError

if TYPE_CHECKING:
    from digest.app import App
    from digest.newsroom.run import Wake


def waker_of(app: App) -> Wake | None:
    """Return what wakes the workers of other machines; None if there can be none."""
    address = app.server_address
    if not address or find_spec("procrastinate") is None:
        return None
    from digest.jobs.waking import wake_workers

    return partial(wake_workers, address)


async def run_worker(
    app: App, address: str, stop: asyncio.Event, *, every_s: float, trusts_clock: bool
) -> None:
    """Run a worker until `stop` is set."""
    from digest.jobs.worker import run_worker as run

    await run(app, address, stop, every_s=every_s, trusts_clock=trusts_clock)


def require_queue() -> None:
    """Check that the queue's library is installed.

    Raises:
        ConfigError: it is not.
    """
    if find_spec("procrastinate") is None:
        raise ConfigError(
            ("digest worker: needs procrastinate: pip install inbox-digest[postgres]",)
        )

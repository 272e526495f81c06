"""The rows that a run has claimed, shared by its connections."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from digest.models import Delivery


class Claims:
    """A short queue of claimed rows that claims more until nothing is due."""

    def __init__(self, claim: Callable[[], Awaitable[tuple[Delivery, ...]]]) -> None:
        """Start empty; `claim` returns the next batch, empty if nothing is due now."""
        self._claim = claim
        self._rows: deque[Delivery] = deque()
        self._filling = asyncio.Lock()

    @property
    def is_empty(self) -> bool:
        """Whether the queue is empty; more rows may be due."""
        return not self._rows

    async def fill(self) -> bool:
        """Claim a batch if the queue is empty; return whether there is any row to send."""
        async with self._filling:
            if not self._rows:
                self._rows.extend(await self._claim())
        return bool(self._rows)

    def take(self) -> Delivery | None:
        """Return the next row; None if another connection took the last one."""
        return self._rows.popleft() if self._rows else None

    def drop(self) -> None:
        """Remove all rows; the ledger has taken them back."""
        self._rows.clear()

    def put_back(self, delivery: Delivery) -> None:
        """Put a row whose message was not sent back at the front."""
        self._rows.appendleft(delivery)

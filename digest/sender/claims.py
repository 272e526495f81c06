"""The rows a run holds, shared by its connections."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from digest.models import Delivery


class Claims:
    """A short queue of claimed rows that fills itself up until nothing is due."""

    def __init__(self, claim: Callable[[], Awaitable[tuple[Delivery, ...]]]) -> None:
        """Start empty; `claim` gives the next batch, empty when nothing is due now."""
        self._claim = claim
        self._rows: deque[Delivery] = deque()
        self._filling = asyncio.Lock()

    @property
    def is_empty(self) -> bool:
        """Whether no row is held; more may be due."""
        return not self._rows

    async def fill(self) -> bool:
        """Claim a batch where none is held; gives whether there is any row to send."""
        async with self._filling:
            if not self._rows:
                self._rows.extend(await self._claim())
        return bool(self._rows)

    def take(self) -> Delivery | None:
        """Give the next row that is held; None where another connection was quicker."""
        return self._rows.popleft() if self._rows else None

    def drop(self) -> None:
        """Forget the rows that are held; the ledger has taken them back."""
        self._rows.clear()

    def put_back(self, delivery: Delivery) -> None:
        """Return a row whose message did not go; it is the next."""
        self._rows.appendleft(delivery)

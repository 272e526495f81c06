"""The rows of a run as finished mails, a little ahead of its connections.

Rows are claimed in batches, and their mails are built in a thread, so that neither the database
nor a signature keeps the connections waiting. Only a few mails are held at a time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from digest.models import Delivery, Message
from digest.sender.work import Job
from digest.threads import CallThread

#: Mails built at a time, and the number below which more are built.
_CHUNK = 64
#: Rows that are not built yet, below which more are claimed while these are built.
_FEW = 2 * _CHUNK

#: Claims the next rows; empty if nothing is due now.
Claim = Callable[[], Awaitable[Sequence[Delivery]]]


class Queue:
    """A short queue of mails that claims and builds more until nothing is due."""

    def __init__(
        self, claim: Claim, build: Callable[[Delivery], Message], *, claim_early: Claim
    ) -> None:
        """Start empty.

        Args:
            claim: claims the next rows.
            build: builds the mail of a row, in a thread of its own.
            claim_early: claims the next rows while others are left; empty if there may be none.
        """
        self._claim = claim
        self._claim_early = claim_early
        self._build = build
        self._builder = CallThread("builder")
        #: The claimed rows that are not built yet.
        self._rows: Sequence[Delivery] = ()
        #: Claims the rows after those.
        self._early: asyncio.Task[Sequence[Delivery]] | None = None
        self._jobs: deque[Job] = deque()
        self._feeding: asyncio.Task[None] | None = None
        self._is_dry = False

    @property
    def is_empty(self) -> bool:
        """Whether no claimed row waits; more may be due."""
        return not self._jobs and not self._has_rows

    @property
    def _has_rows(self) -> bool:
        return bool(self._rows) or (self._early is not None and not self._is_dry)

    async def wait(self) -> bool:
        """Return True as soon as a mail is ready; False if nothing is due.

        Raises:
            DigestError: rows cannot be claimed, or a mail cannot be built.
        """
        while not self._jobs:
            if self._is_dry and not self._has_rows:
                return False
            await asyncio.shield(self._feed())
        return True

    def take(self) -> Job | None:
        """Return the next mail; None if none is ready."""
        if len(self._jobs) < _CHUNK and (self._has_rows or not self._is_dry):
            self._feed()
        return self._jobs.popleft() if self._jobs else None

    def put_back(self, job: Job) -> None:
        """Put a mail back at the front."""
        self._jobs.appendleft(job)

    def drop(self) -> None:
        """Remove all rows; the ledger has taken them back."""
        self._is_dry = True
        self._rows = ()
        self._jobs.clear()

    async def close(self) -> None:
        """Wait for the work in progress, and end the thread."""
        for task in (self._feeding, self._early):
            if task is not None:
                await asyncio.wait([task])
                task.exception()  # a connection has raised it; unread, it would be logged
        self._builder.close()

    def _feed(self) -> asyncio.Task[None]:
        """Return the task that fills the queue; one that failed keeps failing."""
        if self._feeding is None or (self._feeding.done() and not self._feeding.exception()):
            self._feeding = asyncio.create_task(self._fill())
        return self._feeding

    async def _fill(self) -> None:
        if not self._rows and not self._is_dry:
            self._rows = await self._next_rows()
            self._is_dry = self._is_dry or not self._rows
        chunk, self._rows = self._rows[:_CHUNK], self._rows[_CHUNK:]
        if chunk and len(self._rows) < _FEW and self._early is None and not self._is_dry:
            self._early = asyncio.ensure_future(self._claim_early())
        self._jobs.extend(await self._builder.result(partial(self._build_all, chunk)))

    async def _next_rows(self) -> Sequence[Delivery]:
        """Return the rows that were claimed early; claim some if there are none."""
        if self._early is not None:
            rows = await self._early
            self._early = None
            if rows:
                return rows
        return await self._claim()

    def _build_all(self, rows: Sequence[Delivery]) -> list[Job]:
        return [Job(message=self._build(row), delivery=row) for row in rows]

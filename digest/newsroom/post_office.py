"""Mails the notes to subscribers soon after they are stored, because people wait for them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial

from digest.errors import DigestError
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.kinds import KINDS
from digest.newsroom.self_service.notes import write_note
from digest.newsroom.self_service.sign_ups import settle
from digest.newsroom.service.channels import to_subscribers
from digest.newsroom.service.notices import deliver_notices
from digest.newsroom.state import check_state
from digest.store.notices import has_due_notices

#: Seconds between two looks at the database.
EVERY_S = 2.0

_log = logging.getLogger(__name__)


class PostOffice:
    """Sends notes until it is stopped; several processes may run one on one database."""

    def __init__(
        self, context: RunContext, stop: asyncio.Event, *, every_s: float = EVERY_S
    ) -> None:
        """Prepare to send.

        Args:
            context: the installation's context.
            stop: ends the work after the mail in hand.
            every_s: seconds between two looks at the database.
        """
        self._context = context
        self._stop = stop
        self._every_s = every_s

    def use(self, context: RunContext) -> None:
        """Use another context from now on."""
        self._context = context

    async def run(self) -> None:
        """Settle sign-ups and send what is due, again and again; failures are tried again."""
        while not self._stop.is_set():
            try:
                await asyncio.to_thread(settle, self._context)
                await self.send_due()
            except Exception as error:  # whatever it is, the next notes are to go
                detail = None if isinstance(error, DigestError) else error
                _log.error(
                    "notes to subscribers could not be sent and are tried again: %s",
                    error,
                    exc_info=detail,
                )
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), self._every_s)

    async def send_due(self) -> int:
        """Send the notes that are due now; return their number.

        Raises:
            Refused: the database was put back or copied.
            StoreError: the database cannot be used.
        """
        context, sent = self._context, 0
        channel = to_subscribers(partial(write_note, context, KINDS), context.open_mailer)
        while await asyncio.to_thread(self._has_due) and not self._stop.is_set():
            # A database that was put back would mail again what was mailed since the copy.
            await asyncio.to_thread(check_state, context)
            sent += await deliver_notices(
                context.database, channel, now=context.clock(), to_people=True
            )
        return sent

    def _has_due(self) -> bool:
        with self._context.database.read() as connection:
            return has_due_notices(connection, now=self._context.clock(), to_people=True)

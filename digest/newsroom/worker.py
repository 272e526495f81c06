"""Sends beside the other processes of the installation: the work of `digest worker`.

It only sends. Collecting, composing, freezing, notes and alerts are the work of `digest run`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from digest.errors import CorruptStoreError, NothingToDo, StoreError
from digest.models import SENDER, EditionState
from digest.newsroom import hold
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.self_service.leaving import Leavings
from digest.newsroom.service.clock import ClockCheck
from digest.newsroom.service.dispatch import find_all_due, find_due, send_newsletter
from digest.newsroom.service.fence import Fence, in_one_line
from digest.newsroom.service.notices import notify
from digest.store import editions

_log = logging.getLogger(__name__)


class Helper:
    """Sends what is due in all newsletters, each newsletter in a task of its own."""

    def __init__(
        self, context: RunContext, stop: asyncio.Event, *, trusts_clock: bool = False
    ) -> None:
        self._context = context
        self._stop = stop
        self._clock = ClockCheck(trusts=trusts_clock)
        self._fence = Fence()
        #: By newsletter: the task that sends it, and what is damaged.
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._damaged: dict[str, CorruptStoreError] = {}

    async def look(self) -> None:
        """Begin to send what is due, where this process does not send already.

        Raises:
            StoreError: the database cannot be used.
        """
        await asyncio.to_thread(Leavings.of(self._context).take)
        if not await self._clock.is_right(self._context):
            return
        for newsletter in self._context.newsletters:
            if await asyncio.to_thread(find_due, self._context, newsletter):
                self._begin(newsletter)

    async def send(self, edition_id: int) -> str:
        """Send an edition's newsletter until nothing is due now.

        Returns:
            Why the edition failed; empty if it did not. A relay or a database that is away is no
            failure of the edition.
        """
        newsletter = await asyncio.to_thread(self._newsletter_of, edition_id)
        if newsletter is None or newsletter.name in self._at_work:
            return ""
        if not await self._clock.is_right(self._context):
            return ""
        if edition_id not in await asyncio.to_thread(find_all_due, self._context):
            return ""
        self._fence.passed(f"edition {edition_id}")  # the queue decides when it is tried again
        self._damaged.pop(newsletter.name, None)
        await asyncio.wait([self._begin(newsletter)])
        error = self._fence.error_of(f"edition {edition_id}") or self._damaged.get(newsletter.name)
        return in_one_line(error) if error else ""

    async def finish(self) -> None:
        """Wait for the mails in hand; `stop` is set."""
        if self._at_work:
            await asyncio.wait(self._at_work.values())

    def give_up(self, edition_id: int, reason: str) -> None:
        """Pause an edition that failed again and again, and store an alert.

        Raises:
            StoreError: the database cannot be used.
        """
        with suppress(NothingToDo):  # another worker has paused it
            hold.pause(self._context, edition_id, f"it failed: {reason}", by=SENDER)
        self.alert(
            f"edition {edition_id}/worker",
            f"edition {edition_id} failed again and again and is paused: {reason}\n"
            f"Correct the reason, then run `digest resume {edition_id}`.",
        )

    def alert(self, key: str, text: str) -> None:
        """Store an alert; one with the same key is sent once."""
        context = self._context
        _log.error("%s", text)
        notify(context.database, "alert", key, text, context.alerts.recipients, now=context.clock())

    # --- inside -----------------------------------------------------------------------------------

    def _begin(self, newsletter: NewsletterContext) -> asyncio.Task[None]:
        """Return the task that sends a newsletter; begin it if there is none."""
        task = self._at_work.get(newsletter.name)
        if task is None:
            task = asyncio.create_task(self._send(newsletter), name=newsletter.name)
            self._at_work[newsletter.name] = task
            task.add_done_callback(lambda _task: self._at_work.pop(newsletter.name))
        return task

    async def _send(self, newsletter: NewsletterContext) -> None:
        try:
            await send_newsletter(self._context, newsletter, self._stop, self._fence)
        except CorruptStoreError as error:
            self._damaged[newsletter.name] = error
            await asyncio.to_thread(self.alert, f"{newsletter.name}/{error}", str(error))
        except StoreError as error:
            _log.error("%s: sent again at the next look: %s", newsletter.name, error)

    def _newsletter_of(self, edition_id: int) -> NewsletterContext | None:
        with self._context.database.read() as connection:
            stored = editions.get_edition(connection, edition_id)
        if stored is None or stored.state is not EditionState.SENDING:
            return None
        known = (each for each in self._context.newsletters if each.name == stored.newsletter)
        return next(known, None)

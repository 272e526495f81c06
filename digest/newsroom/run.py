"""The jobs of `digest run`, over a context that a reload may replace."""

from __future__ import annotations

import asyncio
import logging

from digest.errors import DigestError
from digest.newsroom.context import RunContext
from digest.newsroom.service.channels import by_mail, by_webhook, ping
from digest.newsroom.service.dispatch import dispatch
from digest.newsroom.service.notices import deliver_notices, notify
from digest.newsroom.service.poll import poll
from digest.newsroom.service.purge import purge
from digest.newsroom.service.tick import tick
from digest.newsroom.service.watch import watch
from digest.newsroom.subscriptions import Subscriptions
from digest.scheduler.service import Job, run_jobs

_log = logging.getLogger(__name__)


class Service:
    """Collects, composes, sends and retries, each in its time, until it is stopped."""

    def __init__(self, context: RunContext, stop: asyncio.Event) -> None:
        self._context = context
        self._stop = stop

    def use(self, context: RunContext) -> None:
        """Go on with another context, from the next tick on."""
        self._context = context

    async def run(self, *, every_s: float) -> None:
        """Run every job at once and then in intervals, until `stop` is set."""
        await run_jobs(
            (
                Job(name="feeds", work=self._poll),
                Job(name="agenda", work=self._tick),
                Job(name="sending", work=self._dispatch),
                Job(name="alerts", work=self._notify),
                Job(name="purge", work=self._purge),
            ),
            every_s=every_s,
            stop=self._stop,
            on_failure=self._report_failure,
        )

    def alert(self, key: str, text: str) -> None:
        """Write a notice to those who are alerted; the same key is reported once."""
        context = self._context
        recipients = context.alerts.recipients
        try:
            notify(context.database, "alert", key, text, recipients, now=context.clock())
        except DigestError as error:
            _log.error("alert not stored: %s", error)

    # --- jobs -----------------------------------------------------------------------------------

    async def _poll(self) -> None:
        await poll(self._context, self._context.clock())

    async def _tick(self) -> None:
        context = self._context
        await tick(context, context.clock())
        if url := context.alerts.ping_url:
            async with context.open_fetcher() as fetcher:
                await ping(fetcher, url)

    async def _dispatch(self) -> None:
        # Whoever left while the database could not be written goes first.
        await asyncio.to_thread(Subscriptions.of(self._context).take_leavings)
        await dispatch(self._context, stop=self._stop)

    async def _notify(self) -> None:
        context, now = self._context, self._context.clock()
        await asyncio.to_thread(watch, context, now)
        mail = by_mail(context.alerts.notice_writer(), context.open_mailer)
        async with context.open_fetcher() as fetcher:
            url = context.alerts.webhook
            hook = by_webhook(fetcher, url) if url else None
            await deliver_notices(context.database, mail, hook, now=now)

    async def _purge(self) -> None:
        context = self._context
        purged = await asyncio.to_thread(
            purge, context.database, context.retention, now=context.clock()
        )
        if purged is not None and (purged.pieces or purged.comments):
            _log.info("deleted: %d stored mails, %d comments", purged.pieces, purged.comments)

    def _report_failure(self, job: str, error: Exception) -> None:
        if isinstance(error, DigestError):
            _log.error("%s: %s; tried again at the next tick", job, error)
        else:
            _log.error("%s failed; tried again at the next tick", job, exc_info=error)
        self.alert(f"run/{job}/{error}", f"digest run, {job}: {error}\nIt is tried again.")

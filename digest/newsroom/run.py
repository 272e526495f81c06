"""The jobs of `digest run`. A reload of the configuration may replace their context."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from digest.errors import DigestError
from digest.newsroom.context import RunContext
from digest.newsroom.journal import replay_leavings
from digest.newsroom.outgoing.post import Registration, post_events
from digest.newsroom.post_office import PostOffice
from digest.newsroom.self_service.leaving import Leavings
from digest.newsroom.service.backups import back_up_when_due
from digest.newsroom.service.channels import by_mail, by_webhook, ping
from digest.newsroom.service.clock import ClockCheck
from digest.newsroom.service.dispatch import dispatch, find_all_due
from digest.newsroom.service.fence import Fence
from digest.newsroom.service.list_days import count_yesterday
from digest.newsroom.service.notices import deliver_notices, notify
from digest.newsroom.service.orders import carry_out_orders
from digest.newsroom.service.poll import poll
from digest.newsroom.service.purge import purge
from digest.newsroom.service.tick import tick
from digest.newsroom.service.watch import watch
from digest.newsroom.state import check_state
from digest.readers.parsing.pool import ParserPool
from digest.scheduler.service import Job, run_jobs
from digest.store.schema import check_schema

#: Wakes the workers for these editions; it never fails.
Wake = Callable[[tuple[int, ...]], Awaitable[None]]

_log = logging.getLogger(__name__)


class Service:
    """Runs the jobs that collect, compose, send and notify, until it is stopped."""

    def __init__(
        self,
        context: RunContext,
        stop: asyncio.Event,
        *,
        trusts_clock: bool = False,
        wake: Wake | None = None,
    ) -> None:
        """Prepare the jobs.

        Args:
            context: the installation's context.
            stop: ends the jobs.
            trusts_clock: whether the clock is not doubted.
            wake: wakes the workers for editions with due mails; None if there are none.
        """
        self._wake_workers = wake
        self._context = context
        self._stop = stop
        self._clock = ClockCheck(trusts=trusts_clock)
        self._fence = Fence()
        self._post = PostOffice(context, stop)
        self._webhooks = Registration()

    def use(self, context: RunContext) -> None:
        """Use another context from the next tick on; what failed is tried again at once."""
        self._context = context
        self._fence = Fence()
        self._webhooks = Registration()
        self._post.use(context)

    async def run(self, *, every_s: float) -> None:
        """Run every job now and then every `every_s` seconds, until `stop` is set."""
        await asyncio.to_thread(self._context.database.check_sound)
        checking = asyncio.create_task(_check_parsers())
        posting = asyncio.create_task(self._post.run())
        replaying = asyncio.create_task(replay_leavings(self._context, self._stop))
        await run_jobs(
            (
                Job(name="feeds", work=self._poll),
                Job(name="agenda", work=self._tick),
                Job(name="sending", work=self._dispatch),
                Job(name="alerts", work=self._notify),
                Job(name="webhooks", work=self._post_events),
                Job(name="purge", work=self._purge),
                Job(name="figures", work=self._count_days),
                Job(name="backup", work=self._back_up),
            ),
            every_s=every_s,
            stop=self._stop,
            on_failure=self._report_failure,
        )
        checking.cancel()
        await posting
        await replaying

    def alert(self, key: str, text: str) -> None:
        """Store an alert for each recipient; an alert with the same key is sent once."""
        context = self._context
        recipients = context.alerts.recipients
        try:
            now = self._clock.believed_now(context)
            notify(context.database, "alert", key, text, recipients, now=now)
        except DigestError as error:
            _log.error("an alert could not be stored and will not be sent: %s", error)

    # --- jobs -----------------------------------------------------------------------------------

    async def _poll(self) -> None:
        if await self._may_work(self._context):
            await poll(self._context, self._context.clock())

    async def _tick(self) -> None:
        context = self._context
        if not await self._may_work(context):
            return
        # A database that was put back under this process must not get new editions.
        await asyncio.to_thread(check_state, context)
        await tick(context, context.clock(), self._fence)
        if url := context.alerts.ping_url:
            async with context.open_fetcher() as fetcher:
                await ping(fetcher, url)

    async def _dispatch(self) -> None:
        if not await self._may_work(self._context):
            return
        # First, so that subscribers who left while the database was read-only get no mail.
        await asyncio.to_thread(Leavings.of(self._context).take)
        await carry_out_orders(self._context)
        await self._wake()
        await dispatch(self._context, stop=self._stop, fence=self._fence)

    async def _wake(self) -> None:
        """Wake the workers of all machines for what is due; this process sends beside them."""
        if self._wake_workers is not None:
            due = await asyncio.to_thread(find_all_due, self._context)
            await self._wake_workers(due)

    async def _notify(self) -> None:
        context = self._context
        if await self._may_work(context):
            await asyncio.to_thread(watch, context, context.clock())
        now = self._clock.believed_now(context)
        mail = by_mail(context.alerts.notice_writer(), context.open_mailer)
        async with context.open_fetcher() as fetcher:
            url = context.alerts.webhook
            hook = by_webhook(fetcher, url) if url else None
            await deliver_notices(context.database, mail, hook, now=now)

    async def _post_events(self) -> None:
        if await self._may_work(self._context):
            await post_events(self._context, self._webhooks)

    async def _purge(self) -> None:
        context = self._context
        if not await self._may_work(context):
            return
        purged = await asyncio.to_thread(
            purge, context.database, context.retention, now=context.clock()
        )
        if deleted := str(purged or ""):
            _log.info("deleted after their retention: %s", deleted)

    async def _count_days(self) -> None:
        context = self._context
        if await self._may_work(context):
            await asyncio.to_thread(count_yesterday, context, context.clock())

    async def _back_up(self) -> None:
        if await self._may_work(self._context):
            await back_up_when_due(self._context, self._fence)

    async def _may_work(self, context: RunContext) -> bool:
        """Return whether the clock is trusted.

        Raises:
            SchemaError: another process upgraded the database; this one must be restarted.
        """
        await asyncio.to_thread(check_schema, context.database)
        return await self._clock.is_right(context)

    def _report_failure(self, job: str, error: Exception) -> None:
        if isinstance(error, DigestError):
            _log.error("job %s failed and will run again at the next tick: %s", job, error)
        else:
            _log.error("job %s failed and will run again at the next tick", job, exc_info=error)
        text = f"digest run: job {job} failed: {error}\nIt will run again at the next tick."
        self.alert(f"run/{job}/{error}", text)


async def _check_parsers() -> None:
    """Start a parser process once, which logs what it is kept from."""
    try:
        async with ParserPool(workers=1) as pool:
            await pool.read_confinement()
    except DigestError as error:
        _log.error("%s", error)

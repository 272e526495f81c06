"""`digest run`: the weeks by themselves."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.app.printing import notice_desk_of
from digest.app.reading import open_fetcher
from digest.app.running import retention_of, run_context_of, watch_of
from digest.app.sending import mailers_of
from digest.cli.loop import run as run_loop
from digest.cli.options import config_path
from digest.cli.output import say
from digest.cli.serve import open_pages
from digest.errors import ConfigError, DigestError
from digest.letter.printing.render import Renderer
from digest.newsroom.service.channels import by_mail, by_webhook, ping
from digest.newsroom.service.dispatch import dispatch
from digest.newsroom.service.notices import deliver_notices, tell
from digest.newsroom.service.poll import poll
from digest.newsroom.service.purge import purge
from digest.newsroom.service.tick import tick
from digest.newsroom.service.watch import watch
from digest.scheduler.service import Job, run_jobs
from digest.store.schema import check_writable
from digest.web.journal import LeaveJournal, journal_path
from digest.web.public import replay_journal
from digest.web.server import Listener
from digest.web.server import serve as serve_pages
from digest.web.subscriptions import StoredSubscribers

_log = logging.getLogger(__name__)


def run(
    context: typer.Context,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve the subscribers' pages and the preview too.")
    ] = False,
) -> None:
    """Collect, compose, send and try again, each in its time, until it is told to stop.

    SIGTERM or Ctrl-C: what is in hand is finished, within 30 seconds. SIGHUP: read the
    configuration again; [run] and the pages stay as they are. Several may run on one database.
    """
    path = config_path(context)
    app = _load(path)
    check_writable(app.database)  # told now, not at the first slot
    listeners = open_pages(app) if serve else ()
    # What it does is told as it happens, whether or not --verbose was asked for.
    logging.getLogger("digest").setLevel(logging.INFO)
    say(f"Running, a look every {app.config.run.tick_s:g} seconds.")
    run_loop(_Run(path, app).until_stopped(listeners))


def _load(path: Path) -> App:
    app = App.load(path)
    app.refuse_unsafe()
    Renderer(app.template_folders).check()  # told now, not at the first slot
    return app


class _Run:
    """The process: its jobs, over the configuration as it was last read."""

    def __init__(self, path: Path, app: App) -> None:
        self._path = path
        self._app = app
        self._context = run_context_of(app, utc_now)
        self._stop = asyncio.Event()

    async def until_stopped(self, listeners: Sequence[Listener]) -> None:
        """Work until a signal says stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        pages = asyncio.create_task(self._serve(listeners))
        await run_jobs(
            self._jobs(),
            every_s=self._app.config.run.tick_s,
            stop=self._stop,
            on_failure=self._tell_failure,
        )
        await pages

    def _jobs(self) -> tuple[Job, ...]:
        return (
            Job(name="feeds", work=self._poll),
            Job(name="agenda", work=self._tick),
            Job(name="sending", work=self._dispatch),
            Job(name="alerts", work=self._tell),
            Job(name="purge", work=self._purge),
        )

    async def _serve(self, listeners: Sequence[Listener]) -> None:
        if listeners:
            try:
                await serve_pages(listeners, stop=self._stop)
            finally:
                self._stop.set()  # without its pages the process is not what was asked for

    def _reload(self) -> None:
        """Read the configuration again; one that cannot be used changes nothing."""
        try:
            app = _load(self._path)
            self._context, self._app = run_context_of(app, utc_now), app
        except DigestError as error:
            _log.error("the configuration stays as it was: %s", error)
            reason = error.problems[0] if isinstance(error, ConfigError) else str(error)
            text = f"the new configuration cannot be used: {reason}\nThe old one stays."
            self._alert(f"configuration/{reason}", text)
            return
        _log.info("the configuration was read again")

    # --- jobs -----------------------------------------------------------------------------------

    async def _poll(self) -> None:
        await poll(self._context, utc_now())

    async def _tick(self) -> None:
        await tick(self._context, utc_now())
        if url := self._app.config.alerts.ping_url:
            async with open_fetcher(self._app.config) as fetcher:
                await ping(fetcher, url)

    async def _dispatch(self) -> None:
        await asyncio.to_thread(self._take_leavings)
        await dispatch(self._context, stop=self._stop)

    def _take_leavings(self) -> None:
        """Let those go first who left while the database could not be written."""
        journal = LeaveJournal(journal_path(self._app.database.path))
        replay_journal(journal, StoredSubscribers(self._app.database, {}))

    async def _tell(self) -> None:
        app, now = self._app, utc_now()
        await asyncio.to_thread(watch, app.database, watch_of(app.config), now=now)
        mail = by_mail(notice_desk_of(app), mailers_of(app.config))
        async with open_fetcher(app.config) as fetcher:
            url = app.config.alerts.webhook
            hook = by_webhook(fetcher, url) if url else None
            await deliver_notices(app.database, mail, hook, now=now)

    async def _purge(self) -> None:
        purged = await asyncio.to_thread(
            purge, self._app.database, retention_of(self._app.config), now=utc_now()
        )
        if purged is not None and (purged.pieces or purged.comments):
            _log.info("forgotten: %d stored mails, %d comments", purged.pieces, purged.comments)

    # --- what fails -----------------------------------------------------------------------------

    def _tell_failure(self, job: str, error: Exception) -> None:
        if isinstance(error, DigestError):
            _log.error("%s: %s; tried again at the next tick", job, error)
        else:
            _log.error("%s failed; tried again at the next tick", job, exc_info=error)
        self._alert(f"run/{job}/{error}", f"digest run, {job}: {error}\nIt is tried again.")

    def _alert(self, key: str, text: str) -> None:
        try:
            tell(self._app.database, "alert", key, text, self._context.alerted, now=utc_now())
        except DigestError as error:
            _log.error("not told: %s", error)

"""`digest run`: runs the whole schedule in one process."""

from __future__ import annotations

import asyncio
import logging
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import parts
from digest.cli.door import load_app
from digest.cli.loop import run as run_loop
from digest.cli.options import config_path
from digest.cli.output import say, warn
from digest.errors import ConfigError, DigestError

if TYPE_CHECKING:
    from digest.app import App
    from digest.cli.serve import Listeners

_log = logging.getLogger(__name__)


def run(
    context: typer.Context,
    serve: Annotated[
        bool, typer.Option("--serve", help="Also serve the subscribers' pages and the preview.")
    ] = False,
    trust_clock: Annotated[
        bool,
        typer.Option("--trust-clock", help="Trust the clock even if it is days ahead."),
    ] = False,
) -> None:
    """Collect, compose and send on schedule until stopped.

    Deferred mails are tried again. SIGTERM or Ctrl-C stops it within 30 seconds, after the work
    it has started. SIGHUP reloads the configuration; [run] and the served pages keep the old
    one. Several processes may run on one database.

    If the clock is more than a day ahead of the latest time seen, nothing is sent or deleted
    until a feed's server agrees with the clock.

    Exit codes: 4 if the database was restored or copied.
    """
    path = config_path(context)
    app = _load(path)
    app.newsroom.check_writable()  # fail now, not at the first slot
    warn(app.newsroom.check_state())
    listeners = parts.serve.open_pages(app) if serve else parts.serve.open_machine_pages(app)
    # This process logs its work as it happens, with or without --verbose.
    logging.getLogger("digest").setLevel(logging.INFO)
    say(f"Running; checks for work every {app.config.run.tick_s:g} s.")
    run_loop(_Run(path, app, trusts_clock=trust_clock).until_stopped(listeners))


def _load(path: Path) -> App:
    app = load_app(path)
    app.refuse_unsafe()
    app.check_letter_templates()  # fail now, not at the first slot
    return app


class _Run:
    """The running process, with the configuration it last read."""

    def __init__(self, path: Path, app: App, *, trusts_clock: bool) -> None:
        self._path = path
        self._app = app
        self._tick_s = app.config.run.tick_s
        self._stop = asyncio.Event()
        self._service = app.newsroom.service(
            self._stop, trusts_clock=trusts_clock, wake=parts.jobs.waker_of(app)
        )

    async def until_stopped(self, listeners: Listeners) -> None:
        """Work until a signal stops it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        # It was blocked from the start, so that an early one is not lost and ends nothing.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        # The served pages keep this object, also after a reload.
        self._app.on_edit = partial(loop.call_soon_threadsafe, self._reload)
        pages = asyncio.create_task(self._serve(listeners))
        await self._service.run(every_s=self._tick_s)
        await pages

    async def _serve(self, listeners: Listeners) -> None:
        if listeners:
            try:
                await parts.serve.serve_until(listeners, self._stop)
            finally:
                self._stop.set()  # a process without its pages must not go on

    def _reload(self) -> None:
        """Reload the configuration; keep the old one if the new one cannot be used."""
        try:
            app = _load(self._path)
            app.take_over(self._app)
            self._service.use(app)
            self._app = app
        except DigestError as error:
            _log.error("cannot reload the configuration, the old one stays in use: %s", error)
            reason = error.problems[0] if isinstance(error, ConfigError) else str(error)
            text = f"the new configuration cannot be used: {reason}\nThe old one stays in use."
            self._service.alert(f"configuration/{reason}", text)
            return
        _log.info("configuration reloaded")

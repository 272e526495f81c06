"""`digest serve`: serves the subscribers' pages and the desk."""

from __future__ import annotations

import asyncio

import typer

from digest.app import App
from digest.cli.door import open_app
from digest.cli.loop import run
from digest.cli.output import say
from digest.signals import stop_signals
from digest.web.doors import LEAVE_PATIENCE_S, PATIENCE_S, open_doors, open_ops
from digest.web.server import Listener
from digest.web.server import serve as serve_listeners

#: One listener for the subscribers' pages, one for the desk.
Listeners = tuple[Listener, ...]


def serve(context: typer.Context) -> None:
    """Serve the subscribers' pages and the desk of the editors.

    Each has its own address; see [web] in the configuration. SIGTERM, Ctrl-C or SIGHUP stops the
    server after the open requests. On a restored or copied database that may not send, the
    subscribers' pages store nothing except who leaves, in the journal.

    Exit codes: 2 if an address is already in use.
    """
    app = open_app(context)
    run(_serve(app, open_pages(app)))


def open_pages(app: App) -> Listeners:
    """Open the listeners of the subscribers' pages and of the desk, and print their addresses.

    Raises:
        UsageError: a port is already in use.
        TemplateError: a web template of the operator cannot be read.
    """
    patient, impatient = (
        App(app.config, path=app.path, patience_s=seconds)
        for seconds in (PATIENCE_S, LEAVE_PATIENCE_S)
    )
    # Set later, by `digest run`.
    patient.on_edit = lambda: app.on_edit()
    listeners = (*open_doors(app, patient, impatient), *open_ops(app))
    web = app.config.web
    say(f"Subscribers' pages: http://{web.public}/ (in mails: {app.config.site.base_url}/)")
    say(f"Desk: http://{web.admin}/")
    return listeners


def open_machine_pages(app: App) -> Listeners:
    """Open the listener of the pages for machines, if one is configured.

    Raises:
        ConfigError: the extra `metrics` is not installed.
        UsageError: its port is already in use.
    """
    return open_ops(app)


async def serve_until(listeners: Listeners, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; finish the open requests."""
    await serve_listeners(listeners, stop=stop)


async def _serve(app: App, listeners: Listeners) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in stop_signals():
        loop.add_signal_handler(number, stop.set)
    posting = asyncio.create_task(app.newsroom.post_office(stop).run())
    replaying = asyncio.create_task(app.newsroom.replay_leavings(stop))
    try:
        await serve_until(listeners, stop)
    finally:
        stop.set()
        await posting
        await replaying

"""`digest worker`: sends beside other machines on one PostgreSQL database."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import parts
from digest.cli.door import open_app
from digest.cli.loop import run
from digest.cli.output import say, warn
from digest.errors import UsageError
from digest.signals import stop_signals

if TYPE_CHECKING:
    from digest.app import App


def worker(
    context: typer.Context,
    join: Annotated[
        bool,
        typer.Option("--join", help="Let a machine without a state file join the installation."),
    ] = False,
    trust_clock: Annotated[
        bool,
        typer.Option("--trust-clock", help="Trust the clock even if it is days ahead."),
    ] = False,
) -> None:
    """Send on this machine too, beside `digest run`, until stopped.

    Needs PostgreSQL. Start it on any number of machines. The limits of the relays hold for all of
    them together. It collects and composes nothing: that is the work of one `digest run`.
    SIGTERM, Ctrl-C or SIGHUP stops it within 30 seconds, after the mails in hand.

    Exit codes: 2 with SQLite, 4 if the database was restored or copied.
    """
    app = open_app(context)
    address = app.server_address
    if not address:
        raise UsageError(
            "digest worker needs PostgreSQL, and database.url is a SQLite file, which one"
            " `digest run` serves alone; `digest db copy URL` moves it to PostgreSQL"
        )
    parts.jobs.require_queue()
    app.refuse_unsafe()
    app.newsroom.check_writable()  # fail now, not at the first edition
    if join:
        say(app.newsroom.join_state())
    warn(app.newsroom.check_state())
    # This process logs its work as it happens, with or without --verbose.
    logging.getLogger("digest").setLevel(logging.INFO)
    say(f"Working; looks for due mails every {app.config.run.tick_s:g} s.")
    run(_work(app, address, trusts_clock=trust_clock))


async def _work(app: App, address: str, *, trusts_clock: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in stop_signals():
        loop.add_signal_handler(number, stop.set)
    every_s = app.config.run.tick_s
    await parts.jobs.run_worker(app, address, stop, every_s=every_s, trusts_clock=trusts_clock)

"""`digest serve`: the subscribers' pages and the editors' preview."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

import typer
from starlette.types import ASGIApp

from digest.app import App, utc_now
from digest.app.composing import schedules_of
from digest.cli.loop import run
from digest.cli.options import config_path
from digest.cli.output import say
from digest.config import NewsletterConfig
from digest.scheduler.slots import in_words
from digest.store.engine import Database
from digest.web.admin import create_admin
from digest.web.archive import StoredEditions, picture_finder, web_view
from digest.web.journal import LeaveJournal, journal_path
from digest.web.pages import Pages
from digest.web.public import PublicDoor, create_public
from digest.web.server import Listener, open_listener
from digest.web.server import serve as serve_listeners
from digest.web.subscriptions import NewsletterFacts, StoredSubscribers

#: A subscriber who leaves does not wait longer for the database; the journal takes their word.
_PATIENCE_S = 3


def serve(context: typer.Context) -> None:
    """Serve the subscribers' pages and, on a listener of its own, the read-only preview.

    Ends in order on SIGTERM or Ctrl-C.
    """
    app = App.load(config_path(context))
    listeners = open_pages(app)
    run(_serve(listeners))


def open_pages(app: App) -> tuple[Listener, Listener]:
    """Take the ports of the subscribers' pages and of the preview, and say where they are.

    Raises:
        UsageError: a port is taken.
        TemplateError: a page of the operator's own cannot be read.
    """
    web = app.config.web
    editors_pages = Pages(app.template_folders)
    editors_pages.check()
    listeners = (
        open_listener(_public(app), *_host_and_port(web.public)),
        open_listener(
            create_admin(StoredEditions(app, utc_now), editors_pages),
            *_host_and_port(web.admin),
        ),
    )
    say(f"Subscribers' pages: http://{web.public}/ (in mails: {app.config.site.base_url}/)")
    say(f"Preview: http://{web.admin}/")
    return listeners


def _public(app: App) -> ASGIApp:
    newsletters = {
        newsletter.name: NewsletterFacts(title=newsletter.title, cadences=_cadences(newsletter))
        for newsletter in app.config.newsletters
    }
    patient = Database(app.config.database.url, busy_timeout_s=_PATIENCE_S)
    return create_public(
        PublicDoor(
            base_url=app.config.site.base_url,
            keys=app.keys,
            subscribers=StoredSubscribers(patient, newsletters),
            web_view=web_view(app),
            pages=Pages(app.template_folders, base_url=app.config.site.base_url),
            journal=LeaveJournal(journal_path(app.database.path)),
            clock=utc_now,
            is_development=app.is_development,
            pictures=picture_finder(patient),
        )
    )


def _cadences(newsletter: NewsletterConfig) -> dict[str, str]:
    where = "your time zone" if newsletter.deliver == "local" else newsletter.timezone
    return {
        name: f"{in_words(schedule)} ({where})"
        for name, schedule in schedules_of(newsletter).items()
    }


async def _serve(listeners: Sequence[Listener]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve_listeners(listeners, stop=stop)


def _host_and_port(listener: str) -> tuple[str, int]:
    host, _, port = listener.rpartition(":")
    return host.strip("[]"), int(port)

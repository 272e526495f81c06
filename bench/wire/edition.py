"""A frozen edition for a number of subscribers, made once and copied for each round.

The posts come from a feed, and the commands that collect, compose and freeze are the real ones.
Only the subscribers are inserted directly, because importing a million takes minutes.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

from digest.app import App
from digest.models import Actor
from subscribers.bulk import insert_rows
from subscribers.tables import people, subscriptions
from tests.support.databases import create_configured
from tests.support.project import Project, weekly_at

SECTIONS = ("News", "Culture")
#: Posts in each section of a mail of 30 KB, and of one of 11 KB, the shortest.
LONG, SHORT = 12, 1
_BATCH = 10_000
_DOMAINS = 500
#: The domain of the sender.
DOMAIN = "hill.example.org"
_SITE = f"https://{DOMAIN}"
_WORDS = (  # noqa: SIM905
    "harbour council winter bridge engine meter night market timber library ferry valley repair"
    " budget crew radio river school garden history archive weather station tunnel mill orchard"
).split()
_CONFIG = """
[site]
name = "The Hill Paper"
base_url = "{site}"
postal_address = "1 Hill Road, Anytown"
secret_keys = ["a key that is long enough"]
development = true

[database]
url = "sqlite:///digest.db"

[fetch]
allow_private = true

[[smtp]]
host = "127.0.0.1"
port = {port}
connections = {connections}
{relay}
{feeds}
[[newsletters]]
name = "weekly"
title = "The Hill Paper in your inbox"
from = "The Hill Paper <digest@{domain}>"
categories = ["News", "Culture"]
schedule = "{schedule}"
{rest}
"""
_FEED = """
[[feeds]]
url = "{url}/{section}.xml"
category = "{section}"
comments = "off"
full_text = "off"
"""
_NO_TLS = 'security = "none"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where and how a run sends."""

    port: int
    connections: int = 16
    #: Further lines of `[[smtp]]`.
    lines: str = _NO_TLS
    #: Further tables of the configuration.
    tables: str = ""


class Newspaper:
    """Makes editions in a folder, and copies of them that a run may send."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._schedule = weekly_at(datetime.now(UTC) - timedelta(hours=1))
        self._copies = 0

    def copy(self, mails: int, relay: Relay, *, posts: int = LONG, frozen: bool = True) -> Project:
        """Return a copy of the edition for that number of subscribers, set to send to a relay."""
        self._copies += 1
        copied = Project(self.folder / f"run-{self._copies}")
        shutil.copytree(self._made(mails, posts, frozen=frozen).folder, copied.folder)
        self._configure(copied, relay)
        return copied

    def mail(self, posts: int = LONG) -> Path:
        """Return the file with one mail of an edition, as a subscriber gets it."""
        (found,) = (self._made(1, posts, frozen=False).folder / "preview").glob("*.eml")
        return found

    def _made(self, subscribers: int, posts: int, *, frozen: bool) -> Project:
        project = Project(
            self.folder / f"{'frozen' if frozen else 'draft'}-{subscribers}-of-{posts}"
        )
        if not project.folder.exists():
            self._make(project, subscribers, posts, frozen=frozen)
        return project

    def _make(self, project: Project, subscribers: int, posts: int, *, frozen: bool) -> None:
        project.folder.mkdir(parents=True)
        with _served(project.folder, posts) as url:
            self._configure(project, Relay(port=9), url=url)
            create_configured(App.load(project.config).config)
            _run(project, "collect")
        app = App.load(project.config)
        _add_subscribers(app, subscribers)
        _run(project, "compose")
        if frozen:
            (draft,) = app.newsroom.find_sendable("", None)
            app.newsroom.freeze(draft, by=Actor(name="bench"))
        else:
            _run(project, "preview")
        app.database.close()  # also writes its log into the file, so that one copy has all

    def _configure(self, project: Project, relay: Relay, url: str = "http://127.0.0.1:9") -> None:
        text = _CONFIG.format(
            site=_SITE,
            domain=DOMAIN,
            port=relay.port,
            connections=relay.connections,
            relay=relay.lines,
            rest=relay.tables,
            feeds="".join(_FEED.format(url=url, section=each) for each in SECTIONS),
            schedule=self._schedule,
        )
        project.config.write_text(text, "utf-8")


def _run(project: Project, command: str) -> None:
    result = project.run(command)
    if result.code:
        raise RuntimeError(f"digest {command} ended with {result.code}: {result.err}{result.out}")


def _add_subscribers(app: App, count: int) -> None:
    now = datetime.now(UTC)
    for start in range(1, count + 1, _BATCH):
        numbers = range(start, min(start + _BATCH, count + 1))
        with app.database.write() as connection:
            insert_rows(connection, people, [_person(number, now) for number in numbers])
            joined = [
                {
                    "person_id": number,
                    "newsletter": "weekly",
                    "state": "confirmed",
                    "joined_at": now,
                }
                for number in numbers
            ]
            insert_rows(connection, subscriptions, joined)


def _person(number: int, now: datetime) -> dict[str, object]:
    address = f"subscriber{number}@mail{number % _DOMAINS}.example.org"
    return {
        "id": number,
        "public_id": f"public{number}",
        "address": address,
        "address_key": address,
        "created_at": now,
    }


# --- the feeds ----------------------------------------------------------------------------------


@contextmanager
def _served(folder: Path, posts: int) -> Iterator[str]:
    """Serve a feed for each section during the block; yield their address."""
    random = Random(5)
    for section in SECTIONS:
        (folder / f"{section}.xml").write_text(_feed(section, posts, random), "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        """Log nothing."""


def _feed(section: str, posts: int, random: Random) -> str:
    newest = datetime.now(UTC) - timedelta(hours=2)
    items = "".join(
        f"<item><title>{_sentence(random, 6).rstrip('.')}</title>"
        f"<link>{_SITE}/{section}/{number}/</link><guid>{_SITE}/{section}/{number}/</guid>"
        f"<description>{' '.join(_sentence(random, 12) for _ in range(5))}</description>"
        f"<pubDate>{format_datetime(newest - timedelta(hours=number))}</pubDate></item>"
        for number in range(posts)
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>The Hill Paper: {section}</title><link>{_SITE}/</link>{items}</channel></rss>"
    )


def _sentence(random: Random, words: int) -> str:
    return " ".join(random.choices(_WORDS, k=words)).capitalize() + "."

"""A small newsletter on this machine: a feed, a configuration, and the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from digest.app import App
from digest.scheduler.slots import WEEKDAYS
from tests.support.databases import create_configured
from tests.support.forks import Started, run_command, start_command

#: Twelve words, so that every post has an excerpt.
_BODY = "The council met in the old hall and agreed to mend the bridge before winter."

_CONFIG = """
[site]
name = "The Hill Paper"
base_url = "https://hill.example.org"
postal_address = "1 Hill Road, Anytown"
secret_keys = ["a key that is long enough"]
development = true

[database]
url = "{database}"

[fetch]
allow_private = true
timeout_s = 5

[[smtp]]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
connections = {connections}

[[feeds]]
url = "{feed_url}"
category = "News"

[[newsletters]]
name = "weekly"
title = "The Hill Paper in your inbox"
from = "The Hill Paper <digest@hill.example.org>"
categories = ["News"]
schedule = "{schedule}"
"""


@dataclass(frozen=True)
class Result:
    """The output and exit code of a command."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Return the result of a command that was run with `--json`."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Project:
    """A folder with a configuration, for the real commands."""

    folder: Path

    @property
    def config(self) -> Path:
        """Return the path of the configuration file."""
        return self.folder / "config.toml"

    @property
    def database(self) -> Path:
        """Return the path of the database file."""
        return self.folder / "digest.db"

    def write_config(
        self,
        *,
        feed_url: str,
        smtp_port: int,
        connections: int = 2,
        database: str = "sqlite:///digest.db",
        schedule: str = "",
    ) -> None:
        """Write a configuration that works, and create its database.

        Without a schedule, the hour of an edition came an hour ago; so `compose` and `send` do
        their work now, as they would from cron.
        """
        text = _CONFIG.format(
            feed_url=feed_url,
            smtp_port=smtp_port,
            connections=connections,
            database=database,
            schedule=schedule or weekly_at(datetime.now(UTC) - timedelta(hours=1)),
        )
        self.config.write_text(text, "utf-8")
        create_configured(App.load(self.config).config)

    def change_config(self, right: str, wrong: str) -> None:
        """Replace words of the configuration, which must contain them."""
        text = self.config.read_text("utf-8")
        assert right in text
        self.config.write_text(text.replace(right, wrong), "utf-8")

    def add_subscribers(self, count: int) -> None:
        """Import confirmed subscribers of the newsletter."""
        rows = "".join(f"subscriber{number}@example.net\n" for number in range(count))
        people = self.folder / "people.csv"
        people.write_text(f"email\n{rows}", "utf-8")
        assert self.run("subscribers", "import", str(people), "--consent", "paper form").code == 0

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs `digest` here."""
        return [sys.executable, "-m", "digest", "--config", str(self.config), *arguments]

    def start(
        self, *arguments: str, err: Path | None = None, before: tuple[str, ...] = ()
    ) -> Started:
        """Start a command; its errors go to this file. For `before` see `start_command`."""
        command = ["--config", str(self.config), *arguments]
        return start_command(command, self.folder, err=err, before=before)

    def run(self, *arguments: str) -> Result:
        """Run a command to its end."""
        code, out, err = run_command(["--config", str(self.config), *arguments], self.folder)
        return Result(code=code, out=out, err=err)


def weekly_at(when: datetime) -> str:
    """Return a weekly schedule with this day and time, in UTC."""
    return f"{WEEKDAYS[when.weekday()]} {when:%H:%M}"


def rss(*titles: str, now: datetime | None = None) -> str:
    """Return an RSS feed with one post for each title, an hour apart, the first the newest."""
    newest = (now or datetime.now(UTC)) - timedelta(hours=1)
    items = "".join(
        f"<item><title>{title}</title><link>https://hill.example.org/{number}/</link>"
        f"<guid isPermaLink='false'>post-{title}</guid><description>{_BODY}</description>"
        f"<pubDate>{format_datetime(newest - timedelta(hours=number))}</pubDate></item>"
        for number, title in enumerate(titles)
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>The Hill Paper</title><link>https://hill.example.org/</link>{items}"
        "</channel></rss>"
    )

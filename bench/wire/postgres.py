"""`digest send` and `digest worker` on PostgreSQL: its rate, two workers, and what a mail costs.

The server is a private one with its usual settings, so that each commit is on the disk.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from bench.wire.edition import LONG, SHORT, Newspaper, Relay
from bench.wire.limits import Result, at_least, at_most
from bench.wire.processes import run_to_end
from bench.wire.rounds import Rounds, run_rounds, say
from bench.wire.senders import ROOT, Sender, Sent, SmtpSource
from bench.wire.servers import running_sink
from digest.app import App
from digest.store.engine import Database
from tests.support.databases import as_text
from tests.support.postgres import OwnServer, own_server
from tests.support.project import Project

OURS, SOURCE = "digest send, PostgreSQL", "smtp-source"
ONE, TWO = "1 worker", "2 workers"
_SIZE = text("SELECT pg_total_relation_size(:name)")
#: As an installation has them: commits are on the disk.
_SETTINGS = ("shared_buffers=256MB", "max_wal_size=4GB")


class Desk:
    """Makes frozen editions in a server's databases, and copies of them that a run may send."""

    def __init__(self, paper: Newspaper, server: OwnServer) -> None:
        self._paper = paper
        self._server = server
        self._copies = 0
        self._made: dict[tuple[int, int], str] = {}

    def copy(self, mails: int, relay: Relay, *, posts: int) -> Project:
        """Return a project with its own copy of the edition for that number of subscribers."""
        self._copies += 1
        name = f"run_{self._copies}"
        self._create(name, template=self._edition(mails, posts))
        project = self._paper.copy(1, relay, posts=posts)
        self._point(project, name)
        return project

    def drop(self, project: Project) -> None:
        """Remove a copy."""
        name = make_url(App.load(project.config).config.database.url).database
        self._do(f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(project.folder)

    def _edition(self, mails: int, posts: int) -> str:
        """Return the database with a frozen edition; moved from SQLite by `db copy`."""
        if (mails, posts) not in self._made:
            name = f"edition_{mails}_{posts}"
            self._create(name, template="template0")
            source = self._paper.copy(mails, Relay(port=9), posts=posts)
            copied = source.run("db", "copy", self._url(name))
            if copied.code:
                raise RuntimeError(f"digest db copy: {copied.err}")
            self._made[mails, posts] = name
        return self._made[mails, posts]

    def _point(self, project: Project, name: str) -> None:
        """Let a project use a database, whose state file it adopts."""
        project.change_config('url = "sqlite:///digest.db"', f'url = "{self._url(name)}"')
        found = App.load(project.config).newsroom
        found.join_state()
        with closing(Database(self._url(name))) as database:
            database.refresh_statistics()

    def _url(self, name: str) -> str:
        return as_text(self._server.url(name))

    def _create(self, name: str, *, template: str) -> None:
        self._do(f"CREATE DATABASE {name} TEMPLATE {template}")

    def _do(self, statement: str) -> None:
        url: URL = self._server.url("postgres").set(drivername="postgresql+psycopg")
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))


@dataclass(frozen=True, slots=True)
class Send:
    """`digest send` of a frozen edition in PostgreSQL."""

    desk: Desk
    posts: int = LONG

    def __call__(self, mails: int, relay: Relay) -> Sent:
        """Send the edition; the time is from the first claim to the last commit.

        Raises:
            RuntimeError: not every mail was sent.
        """
        project = self.desk.copy(mails, relay, posts=self.posts)
        ended = run_to_end(
            project.command("send", "--json"), folder=project.folder, env={"PYTHONPATH": _path()}
        )
        run = json.loads(ended.out)["run"]
        if run["sent"] != mails:
            raise RuntimeError(f"digest send: {run['sent']} of {mails} mails were sent")
        self.desk.drop(project)
        return Sent(mails=mails, seconds=run["seconds"], cpu_s=ended.cpu_s, peak_mb=ended.peak_mb)


@dataclass(frozen=True, slots=True)
class Workers:
    """Some `digest worker` processes; the time is from the first mark to the last."""

    desk: Desk
    number: int

    def __call__(self, mails: int, relay: Relay) -> Sent:
        """Let them send the edition together."""
        project = self.desk.copy(mails, relay, posts=LONG)
        command = project.command("worker")
        workers = [
            subprocess.Popen(command, env={"PYTHONPATH": _path()}, stderr=subprocess.DEVNULL)
            for _ in range(self.number)
        ]
        try:
            seconds = _seconds_of(App.load(project.config).database, mails)
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait()
        self.desk.drop(project)
        return Sent(mails=mails, seconds=seconds, cpu_s=0.0, peak_mb=0.0)


def _seconds_of(database: Database, mails: int) -> float:
    """Wait until every mail was sent; return the seconds from the first mark to the last."""
    query = text(
        "SELECT count(*), min(handing_at), max(ended_at) FROM deliveries WHERE state = 'sent'"
    )
    with closing(database):
        while True:
            with database.read() as connection:
                sent, first, last = connection.execute(query).one()
            if sent == mails:
                return float((last - first).total_seconds())
            time.sleep(0.5)


def _path() -> str:
    return ":".join(dict.fromkeys([str(ROOT), *sys.path[1:]]))


@contextmanager
def _desk(paper: Newspaper) -> Iterator[Desk]:
    paper.folder.chmod(0o711)  # the server's account must reach its own folder
    with own_server(_SETTINGS, folder=paper.folder) as server:
        yield Desk(paper, server)


def postgres(paper: Newspaper, mails: int, rounds: int) -> Result:
    """Compare the rate over 16 connections with smtp-source, and two workers with one."""
    mail = paper.mail()
    with _desk(paper) as desk, running_sink() as port:
        relay = Relay(port=port)
        senders: dict[str, tuple[Sender, Relay]] = {
            SOURCE: (SmtpSource(mail), relay),
            OURS: (Send(desk), relay),
            ONE: (Workers(desk, 1), relay),
            TWO: (Workers(desk, 2), replace(relay, connections=8)),
        }
        found = run_rounds(senders, mails, rounds, label="PostgreSQL")
        sizes = _sizes(desk, mails, relay)
    checks = []
    if found.has(SOURCE):
        name = "PostgreSQL: rate against smtp-source, 16 connections"
        checks.append(
            at_least(0.65, name, found.rate_ratio(OURS, SOURCE), found.against(OURS, SOURCE))
        )
    values = _values(found) | {"database": sizes}
    return Result(checks=tuple(checks), values=values, missing=found.reasons())


def _sizes(desk: Desk, mails: int, relay: Relay) -> dict[str, float]:
    """Return the bytes that a subscriber and a sent mail take, with their indexes."""
    project = desk.copy(mails, relay, posts=SHORT)
    run_to_end(project.command("send"), folder=project.folder, env={"PYTHONPATH": _path()})
    with closing(App.load(project.config).database) as database, database.read() as connection:
        size = {
            name: int(connection.scalar(_SIZE, {"name": name}) or 0)
            for name in ("people", "subscriptions", "deliveries")
        }
    desk.drop(project)
    return {
        "bytes_a_subscriber": (size["people"] + size["subscriptions"]) / mails,
        "bytes_a_delivery": size["deliveries"] / mails,
    }


def _values(found: Rounds) -> dict[str, dict[str, float]]:
    rates = {name: {"mails_a_second": found.rate(name)} for name in found.runs}
    costs = [each.cpu_s / each.mails * 1000 for each in found.runs.get(OURS, [])]
    if costs:
        rates[OURS]["cpu_s_per_1000"] = min(costs)
    return rates


def postgres_million(paper: Newspaper, mails: int, many: int) -> Result:
    """Compare what a mail costs with many recipients and with few, and measure the database."""
    with _desk(paper) as desk, running_sink() as port:
        send, relay = Send(desk, posts=SHORT), Relay(port=port)
        before, long, after = (send(count, relay) for count in (mails, many, mails))
    short_s = (before.seconds + after.seconds) / (2 * mails)
    long_s = long.seconds / many
    say(f"PostgreSQL, {many:,}: {long.rate:,.0f} a second, {long.peak_mb:.0f} MB")
    name = f"PostgreSQL: time of a mail, {many:,} recipients against {mails:,}"
    detail = f"{long_s * 1e6:.0f} µs against {short_s * 1e6:.0f} µs"
    return Result(
        checks=(at_most(1.15, name, long_s / short_s, detail),),
        values={"sender": {"peak_mb": long.peak_mb, "mails_a_second": long.rate}},
    )

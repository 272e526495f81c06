"""Measures every page of the desk with many subscribers and editions against few, in one run.

`python -m bench.desk` fills databases of both engines, a large and a small one each, and asks for
every page of the table of routes in turn from both. It writes `bench/results/desk.json`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.engine import URL

from bench.desk_data import FEEDS, NEWSLETTER, feed_url, fill
from bench.report import RESULTS
from digest.app import App
from digest.errors import DigestError
from digest.models import Actor
from digest.newsroom.feeds.addresses import feed_name
from digest.store.tables import editions
from digest.web.desk.app import create_desk
from digest.web.doors import desk_door
from digest.web.routes import DESK
from tests.support.databases import as_text, new_file
from tests.support.project import Project, weekly_at
from tests.support.web_server import Site, serving

MANY, FEW = (1_000_000, 200), (1_000, 10)
#: The limits of each page.
SLOWEST, STATEMENTS = 1.5, 25
ROUNDS = 9
#: Shorter pages differ by more than this without any cause.
NOISE_S = 0.003
_BY = Actor(name="bench")
#: What is no page: files, streams, and the parts of a page that a browser asks for.
_NO_PAGES = re.compile(r"\.csv$|\.eml$|/events$|/export$|^/static/|^/api/")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFigure:
    """One page with many subscribers and with few."""

    page: str
    #: Medians, in seconds.
    many_s: float
    few_s: float
    #: The largest number of statements of one request.
    statements: int
    status: int

    @property
    def ratio(self) -> float:
        """The time with many relative to that with few."""
        return self.many_s / max(self.few_s, NOISE_S)


@dataclass(frozen=True, slots=True)
class FilledDesk:
    """A desk over a filled database."""

    app: App
    site: Site

    def paths(self) -> Iterator[str]:
        """Yield the address of every page; those of an edition for a draft and two frozen ones."""
        with self.app.database.read() as connection:
            found = connection.execute(
                select(editions.c.id, editions.c.state).order_by(editions.c.id)
            )
            by_state = {row.state: row.id for row in found}
        for route in DESK:
            if route.method != "GET" or _NO_PAGES.search(route.path):
                continue
            if "{edition_id}" in route.path:
                for edition_id in by_state.values():
                    yield route.path.replace("{edition_id}", str(edition_id))
            elif path := self._filled(route.path):
                yield path
        yield "/subscribers?state=confirmed"
        yield "/subscribers?state=suppressed"

    def _filled(self, path: str) -> str:
        values = {
            "{name}": feed_name(feed_url(1)),
            "{person_id}": "77",
            "{newsletter}": NEWSLETTER,
        }
        for name, value in values.items():
            path = path.replace(name, value)
        # A page of something that is not there, such as an upload.
        return "" if "{" in path else path


@contextmanager
def filled_desk(folder: Path, url: str, *, subscribers: int, past: int) -> Iterator[FilledDesk]:
    """Fill a database and serve its desk, with a draft of the next edition."""
    now = datetime.now(UTC)
    project = Project(folder)
    project.write_config(feed_url=feed_url(1), smtp_port=9, schedule=weekly_at(now))
    more = "".join(
        f'\n[[feeds]]\nurl = "{feed_url(n)}"\ncategory = "News"\n' for n in range(2, FEEDS + 1)
    )
    project.change_config("\n[[newsletters]]", f"{more}\n[[newsletters]]")
    project.change_config(
        'category = "News"\n\n[[feeds]]', 'category = ["News", "Sport"]\n\n[[feeds]]'
    )
    project.change_config(
        'categories = ["News"]', 'categories = ["News", "Sport"]\nreview = "required"'
    )
    project.change_config('url = "sqlite:///digest.db"', f'url = "{url}"')
    app = App.load(project.config)
    fill(app.database, subscribers=subscribers, past=past, now=now)
    try:
        app.newsroom.compose(by=_BY)
    except DigestError as error:
        print(f"no draft: {error}", file=sys.stderr)
    app.newsroom.count_again(by=_BY)
    with serving(create_desk(desk_door(app), DESK)) as site:
        yield FilledDesk(app, site)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements of all databases of this process."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def compare(many: FilledDesk, few: FilledDesk, *, rounds: int = ROUNDS) -> list[PageFigure]:
    """Ask for each page in turn from both desks; the slowest ratio first."""
    figures = []
    for page, peer in zip(many.paths(), few.paths(), strict=True):
        _ask(many, page)
        _ask(few, peer)
        times = [(_ask(many, page)[0], _ask(few, peer)[0]) for _ in range(rounds)]
        with counted() as statements:
            status = _ask(many, page)[1]
        figures.append(
            PageFigure(
                page=page,
                many_s=median(each[0] for each in times),
                few_s=median(each[1] for each in times),
                statements=len(statements),
                status=status,
            )
        )
    return sorted(figures, key=lambda each: -each.ratio)


def _ask(desk: FilledDesk, path: str) -> tuple[float, int]:
    started = time.perf_counter()
    answer = desk.site.ask(path)
    return time.perf_counter() - started, answer.status


def measure(engines: tuple[str, ...] = ("sqlite", "postgresql")) -> dict[str, Any]:
    """Return the figures of every page by engine, as they are written."""
    result: dict[str, Any] = {
        "subscribers": [MANY[0], FEW[0]],
        "editions": [MANY[1], FEW[1]],
        "limits": {"ratio": SLOWEST, "statements": STATEMENTS},
    }
    for engine in engines:
        with tempfile.TemporaryDirectory() as name, _urls(engine, Path(name)) as urls:
            folders = [Path(name) / size for size in ("many", "few")]
            for folder in folders:
                folder.mkdir(exist_ok=True)
            started = time.perf_counter()
            with (
                filled_desk(folders[0], urls[0], subscribers=MANY[0], past=MANY[1]) as many,
                filled_desk(folders[1], urls[1], subscribers=FEW[0], past=FEW[1]) as few,
            ):
                filled_s = time.perf_counter() - started
                figures = compare(many, few)
        result[engine] = {
            "filled_s": round(filled_s, 1),
            "slowest_ratio": round(figures[0].ratio, 2),
            "most_statements": max(each.statements for each in figures),
            "pages": {
                each.page: {
                    "ratio": round(each.ratio, 2),
                    "many_ms": round(each.many_s * 1000, 1),
                    "few_ms": round(each.few_s * 1000, 1),
                    "statements": each.statements,
                    "status": each.status,
                }
                for each in figures
            },
        }
    return result


@contextmanager
def _urls(engine: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the addresses of two databases with the schema and no rows."""
    if engine == "sqlite":
        for size in ("many", "few"):
            (folder / size).mkdir()
            new_file(folder / size / "digest.db").close()
        yield f"sqlite:///{folder}/many/digest.db", f"sqlite:///{folder}/few/digest.db"
        return
    # Imported here, because only this engine needs a server.
    from digest.store.engine import Database
    from digest.store.migrate import upgrade
    from tests.support.postgres import require_server, run_folder

    with run_folder():
        server: URL = require_server()
        urls = [_new_database(server, f"desk_{size}") for size in ("many", "few")]
        for url in urls:
            database = Database(url)
            upgrade(database)
            database.close()
        yield urls[0], urls[1]


def _new_database(server: URL, name: str) -> str:
    from sqlalchemy import create_engine

    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    engine.dispose()
    return as_text(server.set(database=name))


if __name__ == "__main__":
    found = measure(tuple(sys.argv[1:]) or ("sqlite", "postgresql"))
    path = RESULTS / "desk.json"
    path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(path.read_text("utf-8"))

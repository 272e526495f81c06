"""Politeness to servers: hints about polling are obeyed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import update
from werkzeug import Request, Response

from digest import __version__
from digest.errors import FeedError
from digest.models import FeedOutcome, FeedResult, FeedSource, Manners, Validators
from digest.newsroom.feeds.health import report_feeds
from digest.pipeline.collect import collect
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import Fetcher
from digest.store.engine import Database
from digest.store.feeds import FeedState, read_tries, save_feed, save_gone
from digest.store.tables import feeds
from tests.support.feed_rows import open_feed
from tests.support.life import Life
from tests.support.parsed import NOW, parsed_feed
from tests.support.project import Project

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
FEED = b"<rss version='2.0'><channel><title>Harbour</title></channel></rss>"


class Server:
    """Answers each request alike, as the test sets it; collects at the test's time."""

    def __init__(self, server: HTTPServer, database: Database, pool: ParserPool) -> None:
        self.url = server.url_for("/feed")
        self.database = database
        self.answer = Response(FEED)
        self.asked: list[Request] = []
        self._pool = pool
        self._server = server
        server.expect_request("/feed").respond_with_handler(self._serve)
        server.expect_request("/other").respond_with_handler(self._serve)
        server.expect_request("/new").respond_with_data(FEED)

    def paths(self) -> list[str]:
        """Return the requests, first to last."""
        return [request.path for request, _ in self._server.log]

    def _serve(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer

    def refuse(self, status: int, **headers: str) -> None:
        """Use this answer from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = Response(status=status, headers=named)

    async def collect(
        self, after: timedelta = timedelta(0), *, is_forced: bool = False, path: str = "/feed"
    ) -> FeedOutcome:
        url = self.url.replace("/feed", path)
        source = FeedSource(url=url, categories=("Sea",))
        async with Fetcher(allow_private=True, clock=lambda: NOW + after) as fetcher:
            report = await collect(
                self.database,
                fetcher,
                self._pool,
                (source,),
                now=NOW + after,
                is_forced=is_forced,
            )
        return report.feeds[0]

    def state(self) -> FeedState:
        with self.database.write() as connection:
            return open_feed(connection, self.url, now=NOW)


@pytest.fixture
def server(httpserver: HTTPServer, database: Database, parsers: ParserPool) -> Server:
    return Server(httpserver, database, parsers)


# --- waits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_asks_to_wait_is_left_alone_until_then(
    server: Server, status: int
) -> None:
    server.refuse(status, Retry_After="7200")
    first = await server.collect()
    assert (first.result, first.waits_until) == (FeedResult.FAILED, NOW + 2 * HOUR)
    waiting = await server.collect(HOUR)
    assert (waiting.result, waiting.waits_until) == (FeedResult.WAITING, NOW + 2 * HOUR)
    assert len(server.asked) == 1
    server.answer = Response(FEED)
    assert (await server.collect(2 * HOUR)).result is FeedResult.READ
    assert server.state().not_before is None


async def test_no_wait_is_longer_than_a_day(server: Server) -> None:
    server.refuse(503, Retry_After="99999999")
    assert (await server.collect()).waits_until == NOW + 24 * HOUR


async def test_a_forced_collection_ignores_waits(server: Server) -> None:
    server.refuse(429, Retry_After="7200")
    await server.collect()
    server.answer = Response(FEED)
    assert (await server.collect(is_forced=True)).result is FeedResult.READ


async def test_other_answers_cause_no_wait(server: Server) -> None:
    server.refuse(500, Retry_After="7200")
    assert (await server.collect()).waits_until is None
    await server.collect()
    assert len(server.asked) == 2


async def test_a_429_pauses_all_feeds_of_a_server(
    httpserver: HTTPServer, database: Database, parsers: ParserPool
) -> None:
    httpserver.expect_request("/0").respond_with_data(status=429, headers={"Retry-After": "600"})
    sources = tuple(
        FeedSource(url=httpserver.url_for(f"/{number}"), categories=("Sea",)) for number in range(9)
    )
    async with Fetcher(allow_private=True, per_host=1) as fetcher:
        report = await collect(database, fetcher, parsers, sources, now=NOW, at_once=1)
    results = [feed.result for feed in report.feeds]
    assert results == [FeedResult.FAILED, *[FeedResult.WAITING] * 8]
    assert len(httpserver.log) == 1
    with database.read() as connection:
        tries = read_tries(connection)
    assert [tries[each.url].failures for each in sources] == [1, *[0] * 8]
    assert all(each.not_before for each in tries.values())


async def test_a_503_pauses_one_address(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/0").respond_with_data(status=503, headers={"Retry-After": "600"})
    httpserver.expect_request("/1").respond_with_data(FEED)
    async with Fetcher(allow_private=True) as fetcher:
        with pytest.raises(FeedError):
            await fetcher.get(httpserver.url_for("/0"))
        assert (await fetcher.get(httpserver.url_for("/1"))).status == 200


async def test_hints_of_a_feed_are_kept_while_it_is_unchanged(database: Database) -> None:
    said = Manners(
        min_interval=timedelta(hours=6), skip_hours=frozenset({1, 2}), skip_days=frozenset({6})
    )
    url = "https://harbour.example/feed"
    with database.write() as connection:
        feed = open_feed(connection, url, now=NOW).id
        parsed = replace(parsed_feed(), manners=said)
        save_feed(
            connection, feed, parsed, validators=Validators(), body_hash="x", rules_hash="", now=NOW
        )
        assert read_tries(connection)[url].manners == said
        save_feed(
            connection,
            feed,
            parsed_feed(),
            validators=Validators(),
            body_hash="",
            rules_hash="",
            now=NOW,
        )
        assert read_tries(connection)[url].manners == Manners()


@pytest.mark.parametrize(
    ("manners", "hours"),
    [
        (Manners(), 1),
        (Manners(min_interval=timedelta(hours=6)), 6),
        (Manners(skip_hours=frozenset(range(24)) - {(NOW.hour + 9) % 24}), 9),
    ],
)
def test_the_reported_next_try_obeys_the_hints_of_a_feed(
    database: Database, manners: Manners, hours: int
) -> None:
    source = FeedSource(url="https://harbour.example/feed", categories=("Sea",))
    start = NOW.replace(minute=0, second=0)
    with database.write() as connection:
        save_feed(
            connection,
            open_feed(connection, source.url, now=start).id,
            replace(parsed_feed(), manners=manners),
            validators=Validators(),
            body_hash="x",
            rules_hash="",
            now=start,
        )
    (report,) = report_feeds(database, (source,), now=start)
    assert report.next_try == start + timedelta(hours=hours)


@pytest.mark.parametrize(("per_host", "most"), [(1, 1), (2, 2), (7, 7)])
async def test_one_server_gets_few_requests_at_once(per_host: int, most: int) -> None:
    crowd = _Crowd()
    server = await asyncio.start_server(crowd.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with Fetcher(allow_private=True, per_host=per_host) as fetcher:
        await asyncio.gather(*(fetcher.get(f"{url}{number}") for number in range(14)))
    server.close()
    await server.wait_closed()
    assert crowd.most == most


async def test_a_slow_server_delays_no_other(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(FEED)
    crowd = _Crowd(wait_s=600)
    server = await asyncio.start_server(crowd.serve, "127.0.0.1", 0)
    slow = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with Fetcher(allow_private=True, concurrency=3, per_host=2) as fetcher:
        waiting = [asyncio.ensure_future(fetcher.get(slow)) for _ in range(6)]
        await crowd.is_busy.wait()
        await fetcher.get(httpserver.url_for("/"))
        assert not any(each.done() for each in waiting)
        crowd.is_free.set()
        await asyncio.gather(*waiting)
    server.close()
    await server.wait_closed()


class _Crowd:
    """Counts how many requests are open at once."""

    def __init__(self, wait_s: float = 0.02) -> None:
        self.most = 0
        self._now = 0
        self._wait_s = wait_s
        #: Set when two requests wait at once.
        self.is_busy = asyncio.Event()
        #: Lets every request go at once.
        self.is_free = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now > 1:
                self.is_busy.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.is_free.wait(), self._wait_s)
            self._now -= 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        writer.close()


# --- moved and gone -----------------------------------------------------------------------------


async def test_a_feed_moves_for_good_after_three_sightings(server: Server) -> None:
    server.refuse(301, Location="/new")
    results = [(await server.collect()).result for _ in range(4)]
    assert results == [
        FeedResult.READ,
        FeedResult.UNCHANGED,
        FeedResult.MOVED,
        FeedResult.UNCHANGED,
    ]
    assert len(server.asked) == 3
    assert server.state().moves.settled.endswith("/new")


async def test_a_move_to_another_site_is_reported_once_and_not_followed(
    server: Server, httpserver: HTTPServer
) -> None:
    # Another name of the same machine is another site.
    elsewhere = httpserver.url_for("/new").replace("localhost", "127.0.0.1")
    server.refuse(301, Location=elsewhere)
    outcomes = [await server.collect() for _ in range(6)]
    assert [outcome.result is FeedResult.MOVED for outcome in outcomes] == [
        *[False] * 2,
        True,
        *[False] * 3,
    ]
    assert f"{elsewhere}, which is another site" in outcomes[2].problems[0]
    assert len(server.asked) == 6


async def test_a_moved_feed_that_fails_is_fetched_from_its_old_address(server: Server) -> None:
    with server.database.write() as connection:
        feed = open_feed(connection, server.url, now=NOW).id
        settled = server.url.replace("/feed", "/other")
        connection.execute(update(feeds).where(feeds.c.id == feed).values(moved_url=settled))
    server.refuse(410)
    assert (await server.collect()).result is FeedResult.FAILED
    server.answer = Response(FEED)
    assert (await server.collect()).result is FeedResult.READ
    assert server.paths() == ["/other", "/feed"]


async def test_a_gone_feed_is_requested_once_and_reported_once(server: Server) -> None:
    server.refuse(410)
    first = await server.collect()
    assert (first.result, first.is_trouble) == (FeedResult.GONE, True)
    assert "permanently gone" in first.problems[0]
    later = [await server.collect(timedelta(days=days)) for days in (0, 1, 300)]
    assert [(each.result, each.is_trouble) for each in later] == [(FeedResult.GONE, False)] * 3
    assert len(server.asked) == 1


async def test_a_gone_feed_that_is_forced_may_come_back(server: Server) -> None:
    server.refuse(410)
    await server.collect()
    assert (await server.collect(is_forced=True)).result is FeedResult.GONE
    server.answer = Response(FEED)
    assert (await server.collect(is_forced=True)).result is FeedResult.READ
    assert (await server.collect()).result is FeedResult.UNCHANGED
    assert len(server.asked) == 4


async def test_another_address_of_a_gone_feed_is_another_feed(server: Server) -> None:
    server.refuse(410)
    await server.collect()
    assert (await server.collect(path="/new")).result is FeedResult.READ


# --- validators ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "etag", ['"é"', '"\x80"', '"' + "x" * 600 + '"', '"a\tb"', '"\u2028"'], ids=repr
)
async def test_validators_that_no_server_needs_are_dropped(server: Server, etag: str) -> None:
    raw = etag.encode().decode("latin-1")
    server.answer = Response(FEED, headers={"ETag": raw, "Last-Modified": "Mon"})
    await server.collect()
    assert server.state().validators == Validators(etag="", last_modified="Mon")


async def test_stored_validators_cannot_end_a_header(server: Server) -> None:
    poison = Validators(etag='"1"\r\nX-Evil: 1', last_modified="x" * 100_000)
    async with Fetcher(allow_private=True) as fetcher:
        await fetcher.get(server.url, poison)
    (request,) = server.asked
    assert not {"If-None-Match", "If-Modified-Since", "X-Evil"} & set(request.headers.keys())


async def test_an_unexpected_304_is_an_error(server: Server) -> None:
    server.refuse(304)
    outcome = await server.collect()
    assert outcome.result is FeedResult.FAILED
    assert "304" in outcome.problems[0]


async def test_a_server_that_always_answers_304_is_asked_for_the_document_again(
    server: Server,
) -> None:
    server.answer = Response(FEED, headers={"ETag": '"1"'})
    await server.collect()
    server.refuse(304, ETag='"1"')
    days = (1, 3, 6.9)
    results = [(await server.collect(timedelta(days=each))).result for each in days]
    assert results == [FeedResult.UNCHANGED] * 3
    server.answer = Response(FEED.replace(b"Harbour", b"News"), headers={"ETag": '"1"'})
    assert (await server.collect(timedelta(days=7))).result is FeedResult.READ
    sent = ["If-None-Match" in request.headers for request in server.asked]
    assert sent == [False, True, True, True, False]
    await server.collect(timedelta(days=8))
    assert "If-None-Match" in server.asked[-1].headers


# --- the commands -------------------------------------------------------------------------------


def test_a_gone_feed_is_a_problem_once(project: Project, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(status=410)
    first, second, forced = (project.run("collect", *more) for more in ((), (), ("--force",)))
    assert (first.code, second.code, forced.code) == (1, 0, 1)
    assert "permanently gone" in first.out
    assert " gone " in second.out
    assert len(httpserver.log) == 2


def test_a_waiting_feed_is_not_a_problem_and_shows_when_it_ends(
    project: Project, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/feed").respond_with_data(
        status=429, headers={"Retry-After": "3600"}
    )
    first, second = (project.run("collect", *more) for more in ((), ("--json",)))
    assert (first.code, second.code) == (1, 0)
    (feed,) = second.data["feeds"]
    assert feed["result"] == "waiting"
    assert feed["waits_until"].endswith("+00:00")
    assert " UTC" in project.run("collect").out
    assert len(httpserver.log) == 1


def test_a_server_learns_who_asks_and_whom_to_write_to(
    project: Project, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/feed").respond_with_data(FEED)
    project.run("collect")
    project.change_config("[fetch]", '[fetch]\ncontact = "https://hill.example.org/robot"')
    project.run("collect")
    agents = [request.headers["User-Agent"] for request, _ in httpserver.log]
    assert agents == [
        f"digest/{__version__} (+https://hill.example.org)",
        f"digest/{__version__} (+https://hill.example.org/robot)",
    ]


# --- digest run ---------------------------------------------------------------------------------


async def test_run_obeys_the_hints_of_feeds_and_servers(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=0)
    (source,) = life.context.sources
    await life.look()
    with life.context.database.write() as connection:
        state = open_feed(connection, source.url, now=life.now)
        parsed = replace(parsed_feed(), manners=Manners(min_interval=6 * HOUR))
        save_feed(
            connection,
            state.id,
            parsed,
            validators=Validators(),
            body_hash="",
            rules_hash="",
            now=life.now,
        )
    asked = [life.paper.asked]
    for _ in range(7):
        life.now += HOUR
        await life.look()
        asked.append(life.paper.asked)
    assert asked == [1, 1, 1, 1, 1, 1, 2, 3]  # the second document says nothing of itself
    with life.context.database.write() as connection:
        save_gone(connection, state.id, "HTTP 410", now=life.now)
    life.now += 30 * HOUR
    await life.look()
    assert life.paper.asked == 3

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.errors import FeedError
from digest.models import Validators
from digest.readers.web.fetch import Fetcher

pytestmark = pytest.mark.anyio


class Listener:
    """A server on loopback that counts who connects and answers each with the same bytes."""

    def __init__(self, answer: bytes = b"", drip_s: float = 0) -> None:
        self.connections = 0
        self._answer = answer
        self._drip_s = drip_s

    async def serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            pieces = (bytes([byte]) for byte in self._answer) if self._drip_s else (self._answer,)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(self._drip_s)
        except ConnectionError:
            pass  # the client closed the connection, as the test expects
        finally:
            writer.close()


@asynccontextmanager
async def listening(listener: Listener) -> AsyncIterator[int]:
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def refusal_of(url: str, **settings: float) -> FeedError:
    async with Fetcher(allow_private=True, **settings) as fetcher:  # type: ignore[arg-type]  # whole numbers where asked
        with pytest.raises(FeedError) as caught:
            await fetcher.get(url)
    return caught.value


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.0.1.",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "2130706433",
        "0",
        "0.0.0.0",  # noqa: S104
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "１２７.0.0.1",
        "127。0。0。1",
        "user@127.0.0.1",
        "a.example\\@127.0.0.1",
        "127.0.0.1%00",
    ],
)
async def test_no_spelling_of_this_machine_is_connected_to(host: str) -> None:
    listener = Listener()
    async with listening(listener) as port, Fetcher() as fetcher:
        with pytest.raises(FeedError):
            await fetcher.get(f"http://{host}:{port}/")
    assert listener.connections == 0


async def test_the_reason_of_a_refusal_names_the_key_that_lifts_it() -> None:
    async with Fetcher() as fetcher:
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(FeedError, match=r"allow_private = true in its \[\[feeds") as caught:
                await fetcher.get(f"http://{host}/")
            assert not caught.value.transient


async def test_a_document_comes_with_its_validators(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(
        gzip.compress(b"<rss/>"),
        headers={"Content-Encoding": "gzip", "ETag": '"1"', "Last-Modified": "Mon"},
        content_type="application/rss+xml",
    )
    async with Fetcher(allow_private=True) as fetcher:
        fetched = await fetcher.get(httpserver.url_for("/feed"))
    assert (fetched.status, fetched.body, fetched.moved_to) == (200, b"<rss/>", "")
    assert fetched.content_type == "application/rss+xml"
    assert fetched.validators == Validators(etag='"1"', last_modified="Mon")


async def test_a_list_names_its_next_page(httpserver: HTTPServer) -> None:
    next_url = httpserver.url_for("/list?page=2")
    httpserver.expect_request("/list").respond_with_data(
        "[]", headers={"Link": f'<{next_url}>; rel="next"'}
    )
    async with Fetcher(allow_private=True) as fetcher:
        assert (await fetcher.get(httpserver.url_for("/list"))).next_url == next_url


async def test_unchanged_documents_are_not_sent_again(httpserver: HTTPServer) -> None:
    sent = {"If-None-Match": '"1"', "If-Modified-Since": "Mon"}
    httpserver.expect_request("/feed", headers=sent).respond_with_data(status=304)
    known = Validators(etag='"1"', last_modified="Mon")
    async with Fetcher(allow_private=True) as fetcher:
        fetched = await fetcher.get(httpserver.url_for("/feed"), known)
    assert (fetched.is_unchanged, fetched.body, fetched.validators) == (True, b"", known)


@pytest.mark.parametrize(
    ("statuses", "moves"),
    [
        ((301,), True),
        ((308, 301), True),
        ((302,), False),
        ((307, 301), False),
        ((302, 302, 302, 302, 302), False),
    ],
)
async def test_only_permanent_redirects_move_a_feed(
    httpserver: HTTPServer, statuses: tuple[int, ...], *, moves: bool
) -> None:
    for number, status in enumerate(statuses):
        target = {"Location": f"/{number + 1}"}
        httpserver.expect_request(f"/{number}").respond_with_data(status=status, headers=target)
    httpserver.expect_request(f"/{len(statuses)}").respond_with_data("feed")
    async with Fetcher(allow_private=True) as fetcher:
        fetched = await fetcher.get(httpserver.url_for("/0"))
    assert fetched.url == httpserver.url_for(f"/{len(statuses)}")
    assert fetched.moved_to == (fetched.url if moves else "")


async def test_a_move_counts_as_far_as_it_is_permanent(httpserver: HTTPServer) -> None:
    for path, status, target in (("/0", 301, "/1"), ("/1", 302, "/2")):
        httpserver.expect_request(path).respond_with_data(
            status=status, headers={"Location": target}
        )
    httpserver.expect_request("/2").respond_with_data("feed")
    async with Fetcher(allow_private=True) as fetcher:
        assert (await fetcher.get(httpserver.url_for("/0"))).moved_to == httpserver.url_for("/1")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/loop", "more than 5 redirects"),
        ("ftp://a.example/", "not a plain http"),
        ("file:///etc/passwd", "not a plain http"),
        ("http://user:secret@127.0.0.1/", "not a plain http"),
        ("http://127.0.0.1:22/", "port 22"),
    ],
)
async def test_redirects_are_checked_like_the_first_address(
    httpserver: HTTPServer, location: str, reason: str
) -> None:
    httpserver.expect_request("/loop").respond_with_data(status=302, headers={"Location": location})
    refusal = await refusal_of(httpserver.url_for("/loop"))
    assert reason in refusal.reason
    assert len(httpserver.log) <= 6


@pytest.mark.parametrize(
    ("status", "transient"),
    [(404, False), (410, False), (401, False), (429, True), (500, True), (503, True), (204, False)],
)
async def test_other_answers_say_whether_to_try_again(
    httpserver: HTTPServer, status: int, *, transient: bool
) -> None:
    httpserver.expect_request("/feed").respond_with_data(status=status)
    refusal = await refusal_of(httpserver.url_for("/feed"))
    assert str(status) in refusal.reason
    assert refusal.transient is transient


async def test_a_gzip_bomb_is_stopped(httpserver: HTTPServer) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    httpserver.expect_request("/").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    refusal = await refusal_of(httpserver.url_for("/"), max_bytes=100_000)
    assert "larger than 100,000 bytes; raise max_bytes in [fetch]" in refusal.reason


async def test_an_endless_body_is_stopped(httpserver: HTTPServer) -> None:
    def endless(_request: Request) -> Response:
        return Response(b"x" * 10_000 for _ in range(100_000))

    httpserver.expect_request("/").respond_with_handler(endless)
    refusal = await refusal_of(httpserver.url_for("/"), max_bytes=100_000)
    assert "larger than 100,000 bytes; raise max_bytes in [fetch]" in refusal.reason


async def test_a_slow_drip_is_stopped_at_the_deadline() -> None:
    listener = Listener(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000, 0.05)
    async with listening(listener) as port:
        started = time.monotonic()
        refusal = await refusal_of(f"http://127.0.0.1:{port}/", timeout_s=0.4)
        assert time.monotonic() - started < 30
    assert refusal.transient
    assert "in time" in refusal.reason


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\1\2 no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ntoo short",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 400_000 + b"\r\n\r\n",
    ],
)
async def test_broken_answers_are_one_line(answer: bytes) -> None:
    async with listening(Listener(answer)) as port:
        refusal = await refusal_of(f"http://127.0.0.1:{port}/")
    assert "\n" not in str(refusal)
    assert "cannot be" in refusal.reason


async def test_a_refused_connection_is_retried_later() -> None:
    async with listening(Listener()) as port:
        pass
    assert (await refusal_of(f"http://127.0.0.1:{port}/")).transient


async def test_an_address_named_by_a_feed_may_use_only_the_port_of_the_feed(
    httpserver: HTTPServer,
) -> None:
    httpserver.expect_request("/comments").respond_with_data("feed")
    url = httpserver.url_for("/comments")
    async with Fetcher(allow_private=True) as fetcher:
        assert (await fetcher.get(url, named_by=httpserver.url_for("/feed"))).status == 200
        with pytest.raises(FeedError, match="port"):
            await fetcher.get(url, named_by="https://harbour.example/feed")

"""Passwords of feeds and of the proxy: which servers get them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.errors import FeedError
from digest.readers.web.access import Access
from digest.readers.web.fetch import Fetcher
from digest.readers.web.origin import Login, Proxy
from tests.support.project import Project

pytestmark = pytest.mark.anyio

LOGIN = Login(username="digest", password="hush-hush")
HEADER = "Basic " + base64.b64encode(b"digest:hush-hush").decode()


class Site:
    """Answers everything, redirects some paths, and records the credentials it gets."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/")
        self.redirects: dict[str, str] = {}
        self.shown: list[tuple[str, str]] = []
        server.expect_request("/private").respond_with_handler(self._ask)
        server.expect_request("/").respond_with_handler(self._serve)
        for path in ("/feed", "/comments", "/a", "/b", "/c"):
            server.expect_request(path).respond_with_handler(self._serve)

    def _serve(self, request: Request) -> Response:
        self.shown.append((request.path, request.headers.get("Authorization", "")))
        target = self.redirects.get(request.path)
        return Response(status=302, headers={"Location": target}) if target else Response(b"<rss/>")

    def _ask(self, request: Request) -> Response:
        is_known = request.headers.get("Authorization") == HEADER
        return Response(b"<rss/>") if is_known else Response(status=401)


@pytest.fixture
def other() -> Iterator[HTTPServer]:
    """Another server, on another port of this machine."""
    with HTTPServer() as server:
        yield server


def fetcher(url: str) -> Fetcher:
    return Fetcher(allow_private=True, accesses={url: Access(login=LOGIN)})


async def test_a_feed_behind_a_password_is_read(httpserver: HTTPServer) -> None:
    url = Site(httpserver).url + "private"
    async with fetcher(url) as known, Fetcher(allow_private=True) as stranger:
        assert (await known.get(url)).status == 200
        with pytest.raises(FeedError, match="password_file"):
            await stranger.get(url)


async def test_addresses_on_the_server_of_the_feed_get_its_password(
    httpserver: HTTPServer, other: HTTPServer
) -> None:
    site, elsewhere = Site(httpserver), Site(other)
    url = site.url + "feed"
    async with fetcher(url) as known:
        await known.get(site.url + "comments", named_by=url)
        with pytest.raises(FeedError, match="port"):
            await known.get(elsewhere.url + "comments", named_by=url)
        await known.get(site.url + "comments", named_by=site.url + "a")
    assert site.shown == [("/comments", HEADER), ("/comments", "")]


async def test_another_name_of_the_same_machine_sees_no_password(httpserver: HTTPServer) -> None:
    site = Site(httpserver)
    url = site.url + "feed"
    async with fetcher(url) as known:
        await known.get(site.url.replace("localhost", "127.0.0.1") + "a", named_by=url)
    assert site.shown == [("/a", "")]


async def test_a_redirect_on_the_same_server_keeps_the_password(httpserver: HTTPServer) -> None:
    site = Site(httpserver)
    site.redirects = {"/feed": "/a", "/a": "/b"}
    async with fetcher(site.url + "feed") as known:
        await known.get(site.url + "feed")
    assert site.shown == [("/feed", HEADER), ("/a", HEADER), ("/b", HEADER)]


async def test_after_a_redirect_elsewhere_the_password_is_not_sent(httpserver: HTTPServer) -> None:
    """Nor after a redirect back: the operator did not choose that address."""
    site = Site(httpserver)
    elsewhere = site.url.replace("localhost", "127.0.0.1")
    site.redirects = {"/feed": f"{elsewhere}a", "/a": f"{site.url}b"}
    async with fetcher(site.url + "feed") as known:
        await known.get(site.url + "feed")
    assert site.shown == [("/feed", HEADER), ("/a", ""), ("/b", "")]


class WebProxy:
    """Records the request heads it gets; answers plain requests and refuses tunnels."""

    def __init__(self) -> None:
        self.heads: list[list[str]] = []
        self.port = 0

    async def serve(self, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await subscriber.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.heads.append(head)
        status = "403 No" if head[0].startswith("CONNECT") else "200 OK"
        answer = f"HTTP/1.1 {status}\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<rss/>"
        writer.write(answer.encode())
        await writer.drain()
        writer.close()

    def shown(self, name: str) -> list[list[str]]:
        """Return the values of a header, by request."""
        start = f"{name}: ".lower()
        return [
            [line[len(start) :] for line in head if line.lower().startswith(start)]
            for head in self.heads
        ]


@asynccontextmanager
async def web_proxy() -> AsyncIterator[WebProxy]:
    proxy = WebProxy()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await server.wait_closed()


def through(proxy: WebProxy, **settings: object) -> Fetcher:
    way = Proxy(url=f"http://127.0.0.1:{proxy.port}", login=LOGIN)
    return Fetcher(proxy=way, **settings)  # type: ignore[arg-type]  # settings of the test


async def test_a_proxy_makes_every_request_and_resolves_the_names() -> None:
    async with web_proxy() as proxy, through(proxy) as fetcher:
        assert (await fetcher.get("http://no-such-name.invalid/feed")).body == b"<rss/>"
        await fetcher.call("http://hook.invalid/", json=b"{}")
    assert [head[0] for head in proxy.heads] == [
        "GET http://no-such-name.invalid/feed HTTP/1.1",
        "POST http://hook.invalid/ HTTP/1.1",
    ]
    assert proxy.shown("Proxy-Authorization") == [[HEADER], [HEADER]]


async def test_through_a_tunnel_the_proxy_sees_no_password_of_the_feed() -> None:
    url = "https://feed.invalid/"
    login = Login(username="feed", password="own")
    async with web_proxy() as proxy, through(proxy, accesses={url: Access(login=login)}) as fetcher:
        with pytest.raises(FeedError) as caught:
            await fetcher.get(url)
    assert proxy.heads[0][0] == "CONNECT feed.invalid:443 HTTP/1.1"
    assert proxy.shown("Proxy-Authorization") == [[HEADER]]
    assert proxy.shown("Authorization") == [[]]
    assert "hush" not in str(caught.value)
    assert HEADER not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f.1", "[::1]", "localhost", "10.0.0.1"])
async def test_a_proxy_is_not_asked_for_inner_addresses(host: str) -> None:
    async with web_proxy() as proxy, through(proxy) as fetcher:
        with pytest.raises(FeedError, match="is a private address"):
            await fetcher.get(f"http://{host}/")
    assert proxy.heads == []


async def test_a_proxy_that_is_down_is_reported_without_its_password() -> None:
    async with web_proxy() as proxy:
        pass
    async with through(proxy) as fetcher:
        with pytest.raises(FeedError, match="cannot be reached") as caught:
            await fetcher.get("http://feed.invalid/")
    assert "hush" not in str(caught.value)


def test_no_command_shows_a_password(httpserver: HTTPServer, tmp_path: Path) -> None:
    """No output shows a password, in any form, also after an error."""
    httpserver.expect_request("/feed").respond_with_data(status=401)
    project = Project(tmp_path)
    project.write_config(feed_url=httpserver.url_for("/feed"), smtp_port=1)
    (project.folder / "password").write_text("hush-hush\n")
    project.change_config(
        "category =", 'username = "digest"\npassword_file = "password"\ncategory ='
    )
    for command in (("collect",), ("collect", "--json"), ("config", "check"), ("status", "--json")):
        result = project.run(*command)
        assert "hush" not in result.out + result.err
        assert HEADER.split()[1] not in result.out + result.err
    sent = [request.headers.get("Authorization") for request, _ in httpserver.log]
    assert sent == [HEADER, HEADER]

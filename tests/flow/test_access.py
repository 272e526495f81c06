"""Request headers, limits and private addresses of single feeds, and cookies of a redirect."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.errors import FeedError
from digest.models import Validators
from digest.readers.web.access import Access
from digest.readers.web.fetch import Fetcher
from tests.support.project import Project, rss

pytestmark = pytest.mark.anyio

FEED = rss("The bridge is mended").encode()
ACCESS = Access(headers={"X-Key": "hush-key", "Cookie": "session=hush", "User-Agent": "Reader/2"})


@pytest.fixture
def other() -> Iterator[HTTPServer]:
    """Another server, on another port of this machine."""
    with HTTPServer() as server:
        yield server


def own_headers(server: HTTPServer) -> list[tuple[str, str, str, bool]]:
    """Return path, key and cookie of each request, and whether the feed's user agent asked."""
    return [
        (
            request.path,
            request.headers.get("X-Key", ""),
            request.headers.get("Cookie", ""),
            request.headers["User-Agent"] == "Reader/2",
        )
        for request, _ in server.log
    ]


def redirect(server: HTTPServer, path: str, target: str, *cookies: str) -> None:
    headers = [("Location", target), *(("Set-Cookie", cookie) for cookie in cookies)]
    server.expect_request(path).respond_with_response(Response(status=302, headers=headers))


# --- cookies of a chain ---------------------------------------------------------------------------


def ask_for_cookie(server: HTTPServer, line: str, wanted: str) -> None:
    def answer(request: Request) -> Response:
        if request.headers.get("Cookie") == wanted:
            return Response(FEED, headers={"Set-Cookie": "later=1"})
        return Response(status=302, headers={"Location": "/feed", "Set-Cookie": line})

    server.expect_request("/feed").respond_with_handler(answer)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("seen=1; Path=/", "seen=1"),
        ('consent="a, b"', 'consent="a, b"'),
        ("a=b=; Max-Age=9", "a=b="),
    ],
)
async def test_a_redirect_that_wants_its_cookie_back_gets_it(
    httpserver: HTTPServer, line: str, wanted: str
) -> None:
    ask_for_cookie(httpserver, line, wanted)
    async with Fetcher(allow_private=True) as fetcher:
        assert (await fetcher.get(httpserver.url_for("/feed"))).body == FEED
        await fetcher.get(httpserver.url_for("/feed"))
    shown = [request.headers.get("Cookie", "") for request, _ in httpserver.log]
    assert shown == ["", wanted, "", wanted]  # nothing is kept after a chain


async def test_a_cookie_goes_to_no_other_server_of_the_chain(
    httpserver: HTTPServer, other: HTTPServer
) -> None:
    redirect(httpserver, "/feed", other.url_for("/a"), "seen=1; Path=/")
    redirect(other, "/a", httpserver.url_for("/b"), "theirs=2; Path=/")
    httpserver.expect_request("/b").respond_with_data(FEED)
    async with Fetcher(allow_private=True) as fetcher:
        port = httpserver.port
        with pytest.raises(FeedError, match=f"port {other.port} is not allowed"):
            await fetcher.get(httpserver.url_for("/feed"))
        redirect(httpserver, "/c", f"http://127.0.0.1:{port}/d", "seen=1; Path=/")
        redirect(httpserver, "/d", f"http://localhost:{port}/b", "theirs=2; Path=/")
        await fetcher.get(f"http://localhost:{port}/c")
    cookies = [(request.path, request.headers.get("Cookie", "")) for request, _ in httpserver.log]
    assert cookies == [("/feed", ""), ("/c", ""), ("/d", ""), ("/b", "seen=1")]


# --- headers of a feed ----------------------------------------------------------------------------


async def test_the_headers_of_a_feed_go_to_its_own_server_only(httpserver: HTTPServer) -> None:
    url = httpserver.url_for("/feed")
    elsewhere = url.replace("localhost", "127.0.0.1").replace("/feed", "/a")
    redirect(httpserver, "/feed", "/kept", "seen=1; Path=/")
    redirect(httpserver, "/kept", elsewhere)
    redirect(httpserver, "/a", httpserver.url_for("/back"))
    httpserver.expect_request("/back").respond_with_data(FEED)
    async with Fetcher(allow_private=True, accesses={url: ACCESS}) as fetcher:
        await fetcher.get(url, Validators(etag='"1"'))
        await fetcher.get(httpserver.url_for("/back"), named_by=url)
        await fetcher.get(httpserver.url_for("/back"))
    assert own_headers(httpserver) == [
        ("/feed", "hush-key", "session=hush", True),
        ("/kept", "hush-key", "session=hush; seen=1", True),
        ("/a", "", "", False),
        ("/back", "", "seen=1", False),
        ("/back", "hush-key", "session=hush", True),
        ("/back", "", "", False),
    ]


def test_headers_of_a_feed_are_configured_and_never_shown(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/feed").respond_with_data(status=403)
    project = Project(tmp_path)
    project.write_config(feed_url=httpserver.url_for("/feed"), smtp_port=1)
    (tmp_path / "headers").write_text("# key of the site\nX-Key: hush-key\n")
    keys = 'headers = { X-More = "hush-more" }\nheaders_file = "headers"\nuser_agent = "Reader/2"\n'
    project.change_config("category =", f'{keys}cookie = "session=hush"\ncategory =')
    for command in (("collect",), ("collect", "--json"), ("config", "check"), ("status",)):
        result = project.run(*command)
        assert "hush" not in result.out + result.err
        assert "Traceback" not in result.err
    assert own_headers(httpserver) == [("/feed", "hush-key", "session=hush", True)] * 2
    assert httpserver.log[0][0].headers["X-More"] == "hush-more"


@pytest.mark.parametrize(
    "answer",
    [
        b"X-Key: hush-key\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n hush-key : x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Key\x00: hush-key\r\n\r\n",
        b"HTTP/1.1 hush-key hush-key\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhush-key\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: ftp://hush-key\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/hush-key\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: hush-key\r\nContent-Length: 9\r\n\r\n\0",
    ],
)
async def test_a_server_that_repeats_a_secret_does_not_bring_it_into_an_error(
    answer: bytes,
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
        own = Access(headers=ACCESS.headers, allow_private=True)
        async with Fetcher(accesses={url: own}) as fetcher:
            with pytest.raises(FeedError) as caught:
                await fetcher.get(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('headers = { Host = "hush" }', "headers: Host is set by digest itself"),
        ('headers = { Content-Length = "1" }', "headers: Content-Length is set by digest itself"),
        ('headers = { X-Key = "hush\\nHost: b" }', "headers: X-Key must be one line"),
        ("headers = { X-Key = 1 }", "must be text in quotes"),
        ('headers = { "X Key" = "hush" }', "not a valid header name"),
        ('cookie = "hush\\r\\nX: y"', "headers: Cookie must be one line"),
        ('cookie = "hush"\nheaders = { cookie = "b=2" }', "headers: Cookie appears twice"),
        ('user_agent = "Lector/é"', "headers: User-Agent must be one line of ASCII"),
        ('headers_file = "wrong"', "headers_file: line 2 is not a header; write 'Name: value'"),
        ('headers_file = "hosts"', "headers: Host is set by digest itself"),
        ('headers_file = "none"', "cannot be read"),
        ('username = "a"\npassword = "b"\nheaders = { Authorization = "hush" }', "appears twice"),
        ("max_bytes = 0", "must be more than 0"),
        ('allow_private = "10.0.0.1"', "must be true or false"),
    ],
)
def test_config_check_refuses_headers_that_cannot_be_sent(
    tmp_path: Path, lines: str, reason: str
) -> None:
    project = Project(tmp_path)
    project.write_config(feed_url="https://hill.example.org/feed", smtp_port=1)
    (tmp_path / "wrong").write_text("X-Key: a\nhush\n")
    (tmp_path / "hosts").write_text("Host: hush\n")
    project.change_config("category =", f"{lines}\ncategory =")
    result = project.run("config", "check")
    assert result.code == 2
    assert reason in result.err
    assert "hush" not in result.out + result.err
    assert len(result.err.strip().splitlines()) == 1


# --- limits ---------------------------------------------------------------------------------------


async def test_one_limit_counts_for_sent_and_decompressed_bytes(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"x" * 6_000_000)
    httpserver.expect_request("/gzip").respond_with_data(gzip.compress(b"x" * 6_000_000))
    plain, packed = httpserver.url_for("/feed"), httpserver.url_for("/gzip")
    narrow = {packed: Access(max_bytes=5_000_000)}
    async with Fetcher(allow_private=True, accesses=narrow) as fetcher:
        assert len((await fetcher.get(plain)).body) == 6_000_000
        for named_by in ("", packed):
            with pytest.raises(FeedError) as caught:
                await fetcher.get(packed, named_by=named_by)
            expected = "larger than 5,000,000 bytes; raise max_bytes in its [[feeds]]"
            assert caught.value.reason == expected
    wide = {plain: Access(max_bytes=7_000_000)}
    async with Fetcher(allow_private=True, max_bytes=100_000, accesses=wide) as fetcher:
        assert len((await fetcher.get(plain)).body) == 6_000_000
        with pytest.raises(
            FeedError, match=r"larger than 100,000 bytes; raise max_bytes in \[fetch"
        ):
            await fetcher.get(packed)


def test_the_limit_of_a_feed_is_a_key_that_its_message_names(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/feed").respond_with_data(FEED + b"\n" * 5_500_000)
    project = Project(tmp_path)
    project.write_config(feed_url=httpserver.url_for("/feed"), smtp_port=1)
    project.change_config("timeout_s = 5", "timeout_s = 5\nmax_bytes = 2000000")
    result = project.run("collect")
    assert result.code == 1
    assert "larger than 2,000,000 bytes; raise max_bytes in [fetch]" in result.out + result.err
    project.change_config("category =", "max_bytes = 6000000\ncategory =")
    assert project.run("collect").code == 0


@pytest.mark.parametrize("size", [600, 70_000, 200_000])
async def test_a_huge_validator_is_dropped(httpserver: HTTPServer, size: int) -> None:
    headers = {"ETag": f'"{"e" * size}"', "Last-Modified": "m" * size, "X-Policy": "p" * size}
    httpserver.expect_request("/feed").respond_with_data(FEED, headers=headers)
    async with Fetcher(allow_private=True) as fetcher:
        fetched = await fetcher.get(httpserver.url_for("/feed"))
    assert (fetched.body, fetched.validators) == (FEED, Validators())


# --- private addresses ----------------------------------------------------------------------------


async def test_a_feed_with_a_private_address_opens_its_own_host_only(
    httpserver: HTTPServer,
) -> None:
    url = httpserver.url_for("/feed")
    elsewhere = url.replace("localhost", "127.0.0.1").replace("/feed", "/a")
    httpserver.expect_request("/feed").respond_with_data(FEED)
    httpserver.expect_request("/page").respond_with_data("page")
    redirect(httpserver, "/away", elsewhere)
    async with Fetcher(accesses={url: Access(allow_private=True)}) as fetcher:
        assert (await fetcher.get(url)).body == FEED
        assert (await fetcher.get(httpserver.url_for("/page"), named_by=url)).body == b"page"
        for address, named_by in (
            (elsewhere, url),
            (httpserver.url_for("/away"), url),
            (httpserver.url_for("/page"), ""),
            (httpserver.url_for("/page"), httpserver.url_for("/other")),
            (url, "https://hill.example.org/feed"),
        ):
            with pytest.raises(FeedError, match=r"allow_private = true in its|port"):
                await fetcher.get(address, named_by=named_by)
        with pytest.raises(FeedError, match=r"allow_private = true in \[fetch\]"):
            await fetcher.call(url)
    assert [request.path for request, _ in httpserver.log] == ["/feed", "/page", "/away"]


def test_the_narrow_key_serves_a_feed_of_this_network(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/feed").respond_with_data(FEED)
    project = Project(tmp_path)
    project.write_config(feed_url=httpserver.url_for("/feed"), smtp_port=1)
    project.change_config("allow_private = true", "allow_private = false")
    refused = project.run("collect")
    assert refused.code == 1
    assert "allow_private = true in its [[feeds]] allows" in refused.out + refused.err
    project.change_config("category =", "allow_private = true\ncategory =")
    assert project.run("collect").code == 0
    assert len(httpserver.log) == 1

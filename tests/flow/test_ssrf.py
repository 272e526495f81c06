"""No answer of a feed, a server or a resolver leads into the private network."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
from aiohttp import AddrInfoType, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from digest.errors import FeedError
from digest.readers.web.connector import GuardedResolver, guarded_connector, open_guarded_socket
from digest.readers.web.fetch import MAX_REDIRECTS, Fetcher

pytestmark = pytest.mark.anyio

#: Ways to write the address of this machine, or of one near it.
HOSTS = (
    # IPv4: short, decimal, octal, hexadecimal, mixed
    *("127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001"),
    *("0x7f.1", "0x7F.0x0.0x0.0x1", "0177.0.0.1", "0177.0.1", "017700000001", "0177.0x0.1"),
    *("00000177.0.0.1", "127.00000.0.1", "127.000.000.001", "0x7f.0.0.0x1", "0", "0x0", "00"),
    *("0.0.0.0", "0.0", "127.0.0.1.", "127.0.0.1..", "2130706433.", "256.0.0.1", "127.0.0.256"),  # noqa: S104
    *("127.0.0.1.1", "4294967296", "127.0.0.0x", "0x"),
    # full-width and other digits, other dots
    *("１２７.0.0.1", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "①②⑦.0.0.1", "１２７．１"),
    *("٣.0.0.1", "𝟙𝟚𝟟.𝟘.𝟘.𝟙"),
    # private and reserved networks
    *("10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "198.18.0.1"),
    *("192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255", "192.88.99.1"),
    # IPv6, and IPv4 inside it
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]"),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]"),
    *("[2001:0:808:808:0:0:80ff:fffe]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]"),
    *("[::1%25lo]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]"),
    *("[::ffff:169.254.169.254]", "[::ffff:a00:1]", "[::1", "::1", "[127.0.0.1]"),
    # names of this machine
    *(
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
    ),
    *("ｌｏｃａｌｈｏｓｔ", "ⓛocalhost", "loc\u00adalhost"),
    # spellings that parsers read differently
    *("user@127.0.0.1", "user:secret@127.0.0.1", "@127.0.0.1", "8.8.8.8@127.0.0.1"),
    *("127.0.0.1\\@8.8.8.8", "8.8.8.8\\@127.0.0.1", "8.8.8.8#@127.0.0.1", "127.0.0.1%00.a.example"),
    *("127.0.0.1%23.a.example", "127.0.0.1%2f.a.example", "127.0.0.1\\.a.example"),
    *("127.0.0.1\t", "127.0.0\n.1", " 127.0.0.1", "127.0.0.1;a.example", "127.0.0.1,a.example"),
)
# IPv6 without a route is still a refusal, not an attempt; other attempts would be seen.
WAYS = {"feed": "", "comments, page or picture of a feed": "http://site.example:{port}/feed"}


class Trap:
    """Counts who connects to this machine."""

    def __init__(self) -> None:
        self.connections = 0

    async def serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()


@asynccontextmanager
async def trapped() -> AsyncIterator[tuple[Trap, int]]:
    """Listen on both kinds of addresses of this machine, on one port."""
    trap = Trap()
    server = await asyncio.start_server(trap.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    servers = [server]
    if socket.has_ipv6:
        with contextlib.suppress(OSError):  # a machine without IPv6
            servers.append(await asyncio.start_server(trap.serve, "::1", port))
    try:
        yield trap, port
    finally:
        for each in servers:
            each.close()
            await each.wait_closed()


class Names(AbstractResolver):
    """A resolver that gives its answers in order and repeats the last one."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self._answers = list(answers)

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - as asked for
    ) -> list[ResolveResult]:
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


def guarded(resolver: AbstractResolver, tried: list[str]) -> TCPConnector:
    """The real guard with another resolver; public addresses are recorded, not connected to."""

    def open_nothing(target: AddrInfoType) -> socket.socket:
        open_guarded_socket(target).close()
        tried.append(str(target[4][0]))
        raise OSError("no way there")

    return TCPConnector(
        resolver=GuardedResolver(resolver),
        socket_factory=open_nothing,
        use_dns_cache=False,
    )


@pytest.mark.parametrize("named_by", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("host", HOSTS)
async def test_no_spelling_of_an_inner_address_is_connected_to(host: str, named_by: str) -> None:
    async with trapped() as (trap, port), Fetcher(timeout_s=5) as fetcher:
        with pytest.raises(FeedError) as caught:
            await fetcher.get(f"http://{host}:{port}/", named_by=named_by.format(port=port))
    assert trap.connections == 0
    assert "\n" not in caught.value.reason


def test_the_list_of_spellings_is_long_enough() -> None:
    assert len(set(HOSTS)) >= 60


INNER = ("127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a00:1")


@pytest.mark.parametrize("inner", INNER)
async def test_a_name_that_leads_inside_is_refused(inner: str) -> None:
    tried: list[str] = []
    async with trapped() as (trap, port), _over(Names((inner,)), tried) as fetcher:
        with pytest.raises(FeedError, match=r"allow_private = true in its \[\[feeds"):
            await fetcher.get(f"http://site.example:{port}/")
    assert (trap.connections, tried) == (0, [])


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("place", [0, 1, 2])
async def test_one_inner_address_among_others_refuses_the_name(inner: str, place: int) -> None:
    addresses = ["93.184.216.34", "2606:4700::1111"]
    addresses.insert(place, inner)
    tried: list[str] = []
    async with trapped() as (trap, port), _over(Names(tuple(addresses)), tried) as fetcher:
        with pytest.raises(FeedError, match=r"allow_private = true in its \[\[feeds"):
            await fetcher.get(f"http://site.example:{port}/")
    assert (trap.connections, tried) == (0, [])


async def test_a_resolver_that_changes_its_answer_is_checked_each_time() -> None:
    """A name is resolved once for each connection, so no unchecked second answer is used."""
    names, tried = Names(("93.184.216.34",), ("127.0.0.1",)), list[str]()
    async with trapped() as (trap, port), _over(names, tried) as fetcher:
        with pytest.raises(FeedError, match="cannot be reached"):
            await fetcher.get(f"http://site.example:{port}/")
        with pytest.raises(FeedError, match=r"allow_private = true in its \[\[feeds"):
            await fetcher.get(f"http://site.example:{port}/")
    assert (trap.connections, tried) == (0, ["93.184.216.34"])


@pytest.mark.parametrize("hops", range(1, MAX_REDIRECTS + 1))
@pytest.mark.parametrize("host", HOSTS[::3])
async def test_no_redirect_leads_inside_at_any_hop(host: str, hops: int) -> None:
    async with (
        trapped() as (trap, port),
        _site(host, hops, port) as (site, open_web),
        Fetcher(timeout_s=5, open_web=open_web) as fetcher,
    ):
        with pytest.raises(FeedError):
            await fetcher.get(f"http://site.example:{port}/0")
    assert trap.connections == 0
    assert site.asked == hops


def _over(names: Names, tried: list[str]) -> Fetcher:
    return Fetcher(timeout_s=5, open_web=partial(guarded, names, tried))


class _Redirects:
    """A public site, as the guard sees it, that redirects every client into the private network."""

    def __init__(self, target: str, hops: int) -> None:
        self._target = target
        self._hops = hops
        self.asked = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            self.asked += 1
            there = f"/{self.asked}" if self.asked < self._hops else self._target
            head = f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n"
            writer.write(head.encode())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def _site(
    host: str, hops: int, port: int
) -> AsyncIterator[tuple[_Redirects, Callable[[], TCPConnector]]]:
    """Serve `site.example`; every other name and address goes through the real guard."""
    # A line end would start another header, so the server must not send it.
    site = _Redirects(f"http://{host.strip()}:{port}/".replace("\n", ""), hops)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    own = server.sockets[0].getsockname()[:2]

    def open_socket(target: AddrInfoType) -> socket.socket:
        if target[4][:2] == own:
            return socket.socket(*target[:3])
        return open_guarded_socket(target)

    def open_web() -> TCPConnector:
        return TCPConnector(resolver=_SiteNames(own[1]), socket_factory=open_socket)

    try:
        yield site, open_web
    finally:
        server.close()
        await server.wait_closed()


class _SiteNames(Names):
    """Resolves one public name; all others go to the real guard and resolver."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1",))
        self._port = port
        self._others = guarded_connector()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host == "site.example":
            return await super().resolve(host, self._port, family)
        return await self._others._resolver.resolve(host, port, family)

    async def close(self) -> None:
        await self._others.close()

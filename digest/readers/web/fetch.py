"""Fetches documents: every redirect is checked, every wait and size limited.

Requests are conditional if an earlier response gave validators.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Self, TypedDict

from aiohttp import (
    BaseConnector,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)

from digest.errors import FeedError
from digest.models import Fetched, Validators
from digest.readers.web.answers import (
    PERMANENT,
    REDIRECTS,
    Redirect,
    document_of,
    failure_of,
    read_time,
    redirect_of,
    refusal_of,
    sane,
)
from digest.readers.web.body import BodyError, BodyReader
from digest.readers.web.connector import guarded_connector
from digest.readers.web.guard import port_of, refuse_url
from digest.readers.web.hosts import Hosts
from digest.readers.web.origin import Login, Proxy, origin_of

MAX_REDIRECTS = 5
_JSON = {"Content-Type": "application/json"}
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)

#: Mails show the first two; the others are converted.
ACCEPT_PICTURES = "image/jpeg, image/png, image/webp;q=0.9, image/gif;q=0.8, image/avif;q=0.7"


class _Way(TypedDict, total=False):
    """Arguments of one request: its headers, and the proxy if there is one."""

    headers: dict[str, str]
    proxy: str
    proxy_headers: dict[str, str]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Fetcher:
    """Fetches public http(s) documents; use as an asynchronous context manager."""

    def __init__(
        self,
        *,
        timeout_s: float = 30,
        connect_timeout_s: float = 10,
        read_timeout_s: float = 20,
        max_bytes: int = 20_000_000,
        max_wire_bytes: int = 5_000_000,
        allow_private: bool = False,
        concurrency: int = 10,
        per_host: int = 2,
        user_agent: str = "inbox-digest",
        accept: str = _ACCEPT,
        logins: Mapping[str, Login] = MappingProxyType({}),
        proxy: Proxy | None = None,
        open_web: Callable[[], BaseConnector] = guarded_connector,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Keep the values; nothing is opened yet.

        Args:
            timeout_s: the limit from the first connection to the last byte, redirects included.
            connect_timeout_s: the limit for one connection attempt.
            read_timeout_s: the limit for the wait between two chunks.
            max_bytes: the limit for a decompressed body.
            max_wire_bytes: the limit for a body as sent.
            allow_private: whether addresses inside this network may be fetched.
            concurrency: the maximum of simultaneous requests.
            per_host: the maximum of simultaneous requests to one server.
            user_agent: the `User-Agent` header.
            accept: the `Accept` header.
            logins: logins by configured feed URL; each is sent to the origin of that URL only.
            proxy: a proxy for every request; it resolves the host names, so only addresses
                written in a URL can be checked here.
            open_web: makes the connector if neither `allow_private` nor `proxy` is set.
            clock: returns the time, for responses with `Retry-After` but no `Date`.
        """
        self._timeout_s = timeout_s
        self._timeouts = ClientTimeout(
            total=None, sock_connect=connect_timeout_s, sock_read=read_timeout_s
        )
        self._max_bytes = max_bytes
        self._max_wire_bytes = max_wire_bytes
        self._allow_private = allow_private
        self._concurrency = concurrency
        self._per_host = per_host
        self._logins = logins
        self._proxy = proxy
        self._open_web = TCPConnector if allow_private or proxy else open_web
        self._clock = clock
        self._headers = {
            "User-Agent": user_agent,
            "Accept": accept,
            "Accept-Encoding": "gzip",
        }

    async def __aenter__(self) -> Self:
        self._slots = asyncio.Semaphore(self._concurrency)
        self._hosts = Hosts(self._per_host)
        self._session = ClientSession(
            connector=self._open_web(),
            timeout=self._timeouts,
            headers=self._headers,
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,  # `BodyReader` counts while it decompresses
            trust_env=False,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(
        self,
        url: str,
        validators: Validators = Validators(),  # noqa: B008 - frozen
        *,
        named_by: str = "",
        json: bytes | None = None,
    ) -> Fetched:
        """Fetch `url`, or learn that it did not change since the response with `validators`.

        Args:
            url: the address, from the configuration or from a feed.
            validators: the validators of the last response.
            named_by: the configured feed that names `url`; empty if `url` itself is configured.
                Only ports 80 and 443 and the port of the configured address are allowed.
            json: a question to send by POST; None to GET.

        Raises:
            FeedError: the document cannot be fetched; `transient` if trying later may help.
        """
        async with self._hosts.slot(url), self._slots, self._limited(url):
            return await self._follow(url, sane(validators), named_by or url, json)

    async def call(self, url: str, *, json: bytes | None = None) -> None:
        """Send a request to `url` with the same checks: POST `json`, or GET if it is None.

        Only the status of the response counts; redirects are not followed.

        Raises:
            FeedError: the request failed; `transient` if trying later may help.
        """
        async with self._slots, self._limited(url):
            refusal = refuse_url(url, port=port_of(url), allow_private=self._allow_private)
            if refusal:
                raise FeedError(url, refusal, transient=False)
            method, headers = ("GET", {}) if json is None else ("POST", _JSON)
            async with self._session.request(
                method, url, data=json, allow_redirects=False, **self._by_proxy(url, headers)
            ) as response:
                if not 200 <= response.status < 300:
                    raise self._refusal(url, url, response)

    async def ask_time(self, url: str) -> datetime | None:
        """Return the time of the server of a configured feed; None if it states none.

        Raises:
            FeedError: it cannot be reached.
        """
        async with self._slots, self._limited(url):
            refusal = refuse_url(url, port=port_of(url), allow_private=self._allow_private)
            if refusal:
                raise FeedError(url, refusal, transient=False)
            # Any status will do, but not an answer that a cache kept.
            headers = {"Cache-Control": "no-cache"}
            async with self._session.head(
                url, allow_redirects=False, **self._by_proxy(url, headers)
            ) as response:
                return read_time(response.headers)

    @asynccontextmanager
    async def _limited(self, url: str) -> AsyncIterator[None]:
        """Limit the time of a request, and turn its exceptions into a `FeedError`."""
        try:
            async with asyncio.timeout(self._timeout_s):
                yield
        except TimeoutError as error:
            raise FeedError(url, "no response in time; try later", transient=True) from error
        except BodyError as error:
            raise FeedError(url, str(error), transient=False) from error
        except (ClientError, OSError, ValueError) as error:
            raise failure_of(url, error) from error

    async def _follow(
        self, url: str, validators: Validators, feed_url: str, json: bytes | None
    ) -> Fetched:
        """Follow redirects; each target is checked like the first address."""
        here, moved_to, is_permanent = url, "", True
        port, login = port_of(feed_url), self._logins.get(feed_url)
        for _ in range(MAX_REDIRECTS + 1):
            refusal = refuse_url(here, port=port, allow_private=self._allow_private)
            if refusal:
                raise FeedError(url, _of_hop(refusal, here, url), transient=False)
            if origin_of(here) != origin_of(feed_url):
                login = None  # from here on: another server may redirect back with any path
            answer = await self._request(url, here, validators, login, json)
            if isinstance(answer, Fetched):
                return replace(answer, moved_to=moved_to)
            here = answer.target
            is_permanent = is_permanent and answer.status in PERMANENT
            moved_to = here if is_permanent else moved_to
        raise FeedError(url, f"more than {MAX_REDIRECTS} redirects", transient=False)

    async def _request(
        self,
        url: str,
        here: str,
        validators: Validators,
        login: Login | None,
        json: bytes | None,
    ) -> Fetched | Redirect:
        self._hosts.check(here)
        asked = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        asked = {name: value for name, value in asked.items() if value}
        headers = asked | ({"Authorization": login.header} if login else {})
        method, headers = ("GET", headers) if json is None else ("POST", headers | _JSON)
        async with self._session.request(
            method, here, data=json, allow_redirects=False, **self._by_proxy(here, headers)
        ) as response:
            if response.status in REDIRECTS and "Location" in response.headers:
                return redirect_of(url, here, response)
            if response.status == 304 and asked:
                return document_of(here, response, b"", validators)
            if response.status != 200:
                raise self._refusal(url, here, response)
            return document_of(here, response, await self._read(response), Validators())

    def _refusal(self, url: str, here: str, response: ClientResponse) -> FeedError:
        """Return the error; a 429 limits the client, so it counts for the whole server."""
        refusal = refusal_of(url, response.status, response.headers, now=self._clock())
        if response.status == 429 and refusal.wait:
            self._hosts.hold(here, refusal.wait)
        return refusal

    def _by_proxy(self, here: str, headers: dict[str, str]) -> _Way:
        """Return headers and proxy; the proxy's password is sent to the proxy only."""
        way = _Way(headers=headers)
        if self._proxy:
            way["proxy"] = self._proxy.url
            own = {}
            if self._proxy.login:
                own = {"Proxy-Authorization": self._proxy.login.header}
            # Through a tunnel the headers of the request go to the server.
            if here.startswith("https:"):
                way["proxy_headers"] = own
            else:
                way["headers"] = headers | own
        return way

    async def _read(self, response: ClientResponse) -> bytes:
        body = BodyReader(
            ", ".join(response.headers.getall("Content-Encoding", ())),
            max_wire_bytes=self._max_wire_bytes,
            max_bytes=self._max_bytes,
        )
        async for chunk in response.content.iter_any():
            body.feed(chunk)
        return body.finish()


def _of_hop(refusal: str, here: str, url: str) -> str:
    return refusal if here == url else f"redirects to an address that is not allowed: {refusal}"

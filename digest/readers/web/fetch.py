"""Fetches documents: every redirect is checked, every wait and size limited.

Requests are conditional if an earlier response gave validators.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
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
from digest.readers.web.access import Access, host_of
from digest.readers.web.answers import (
    DOCUMENTS,
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
from digest.readers.web.body import BodyError, BodyReader, Limit
from digest.readers.web.challenge import CHALLENGED, is_challenge
from digest.readers.web.connector import guarded_connector
from digest.readers.web.cookies import ChainCookies
from digest.readers.web.guard import PRIVATE, port_of, refuse_url
from digest.readers.web.hosts import Hosts
from digest.readers.web.origin import Proxy, origin_of

MAX_REDIRECTS = 5
#: Bytes of one response header: some servers send validators and policies of many kilobytes.
MAX_HEADER_BYTES = 262_144
#: Bytes and seconds for an error's page, which is read to see whether it asks for a person.
_MAX_ERROR_BYTES = 65_536
_ERROR_PAGE_S = 5
#: What the operator can do about a private address of a feed, and of a webhook or a ping.
_FOR_FEEDS = "allow_private = true in its [[feeds]] allows a feed's own host"
_FOR_CALLS = "allow_private = true in [fetch] allows them"
_LIMIT_OF_ALL = "raise max_bytes in [fetch], or for one feed in its [[feeds]]"
_LIMIT_OF_FEED = "raise max_bytes in its [[feeds]]"
_JSON = {"Content-Type": "application/json"}
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)

#: Mails show the first two; the others are converted.
ACCEPT_PICTURES = "image/jpeg, image/png, image/webp;q=0.9, image/gif;q=0.8, image/avif;q=0.7"


_NO_ACCESS = Access()


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
        limit_advice: str = _LIMIT_OF_ALL,
        allow_private: bool = False,
        concurrency: int = 10,
        per_host: int = 2,
        user_agent: str = "inbox-digest",
        accept: str = _ACCEPT,
        accesses: Mapping[str, Access] = MappingProxyType({}),
        proxy: Proxy | None = None,
        open_web: Callable[[], BaseConnector] = guarded_connector,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Keep the values; nothing is opened yet.

        Args:
            timeout_s: the limit from the first connection to the last byte, redirects included.
            connect_timeout_s: the limit for one connection attempt.
            read_timeout_s: the limit for the wait between two chunks.
            max_bytes: the limit for a body, as sent and decompressed.
            limit_advice: how the operator changes that limit; empty if no key does.
            allow_private: whether addresses inside this network may be fetched.
            concurrency: the maximum of simultaneous requests.
            per_host: the maximum of simultaneous requests to one server.
            user_agent: the `User-Agent` header.
            accept: the `Accept` header.
            accesses: logins, request headers and limits by configured feed URL; logins and headers
                are sent to the origin of that URL only.
            proxy: a proxy for every request; it resolves the host names, so only addresses
                written in a URL can be checked here.
            open_web: makes the connector if neither `allow_private` nor `proxy` is set.
            clock: returns the time, for responses with `Retry-After` but no `Date`.
        """
        self._timeout_s = timeout_s
        self._timeouts = ClientTimeout(
            total=None, sock_connect=connect_timeout_s, sock_read=read_timeout_s
        )
        self._limit = Limit(max_bytes=max_bytes, advice=limit_advice)
        self._allow_private = allow_private
        self._concurrency = concurrency
        self._per_host = per_host
        self._accesses = accesses
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
        self._session = self._open_session(self._open_web)
        # For the hosts of feeds with `allow_private`; it connects when it is first used.
        self._unguarded = self._open_session(TCPConnector)
        return self

    def _open_session(self, open_web: Callable[[], BaseConnector]) -> ClientSession:
        return ClientSession(
            connector=open_web(),
            timeout=self._timeouts,
            headers=self._headers,
            cookie_jar=DummyCookieJar(),  # `ChainCookies` holds the cookies of one request
            auto_decompress=False,  # `BodyReader` counts while it decompresses
            trust_env=False,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()
        await self._unguarded.close()

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
        async with self._hosts.slot(url), self._slots, self._limited(url, _FOR_FEEDS):
            return await self._follow(url, sane(validators), named_by or url, json)

    async def call(
        self,
        url: str,
        *,
        json: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        allow_private: bool = False,
    ) -> None:
        """Send a request to `url` with the same checks: POST `json`, or GET if it is None.

        Only the status of the response counts; redirects are not followed.

        Args:
            url: the address, from the configuration.
            json: the body; None to GET.
            headers: more request headers.
            allow_private: whether the host of `url` may have an address inside this network.

        Raises:
            FeedError: the request failed; `transient` if trying later may help.
        """
        async with self._slots, self._limited(url, _FOR_CALLS):
            is_allowed = self._allow_private or allow_private
            refusal = refuse_url(url, port=port_of(url), allow_private=is_allowed)
            if refusal:
                raise FeedError(url, _advised(refusal, _FOR_CALLS), transient=False)
            session = self._unguarded if allow_private and not self._proxy else self._session
            method, kind = ("GET", {}) if json is None else ("POST", _JSON)
            way = self._by_proxy(url, {**kind, **headers})
            async with session.request(
                method, url, data=json, allow_redirects=False, **way
            ) as response:
                if not 200 <= response.status < 300:
                    raise self._refusal(url, url, response)

    async def ask_time(self, url: str) -> datetime | None:
        """Return the time of the server of a configured feed; None if it states none.

        Raises:
            FeedError: it cannot be reached.
        """
        is_private = self._accesses.get(url, _NO_ACCESS).allow_private
        session = self._unguarded if is_private and not self._proxy else self._session
        async with self._slots, self._limited(url, _FOR_FEEDS):
            is_allowed = self._allow_private or is_private
            refusal = refuse_url(url, port=port_of(url), allow_private=is_allowed)
            if refusal:
                raise FeedError(url, _advised(refusal, _FOR_FEEDS), transient=False)
            # Any status will do, but not an answer that a cache kept.
            headers = {"Cache-Control": "no-cache"}
            async with session.head(
                url, allow_redirects=False, **self._by_proxy(url, headers)
            ) as response:
                return read_time(response.headers)

    @asynccontextmanager
    async def _limited(self, url: str, advice: str) -> AsyncIterator[None]:
        """Limit the time of a request, and turn its exceptions into a `FeedError`.

        `advice` is what the operator can do about a private address.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                yield
        except TimeoutError as error:
            raise FeedError(url, "no response in time; try later", transient=True) from error
        except BodyError as error:
            raise FeedError(url, str(error), transient=False) from error
        except (ClientError, OSError, ValueError) as error:
            raise failure_of(url, error, advice) from error

    async def _follow(
        self, url: str, validators: Validators, feed_url: str, json: bytes | None
    ) -> Fetched:
        """Follow redirects; each target is checked like the first address."""
        here, moved_to, is_permanent = url, "", True
        access = self._accesses.get(feed_url, _NO_ACCESS)
        cookies, is_own = ChainCookies(), True
        for _ in range(MAX_REDIRECTS + 1):
            is_private = access.allow_private and host_of(here) == host_of(feed_url)
            is_allowed = self._allow_private or is_private
            refusal = refuse_url(here, port=port_of(feed_url), allow_private=is_allowed)
            if refusal:
                reason = _of_hop(_advised(refusal, _FOR_FEEDS), here, url)
                raise FeedError(url, reason, transient=False)
            # From the first other server on: it may redirect back with any path.
            is_own = is_own and origin_of(here) == origin_of(feed_url)
            headers = access.sent_headers if is_own else {}
            hop = _Hop(
                url=url,
                here=here,
                headers=cookies.added_to(headers, here),
                validators=validators,
                json=json,
                limit=self._limit_of(access),
                session=self._unguarded if is_private and not self._proxy else self._session,
            )
            answer = await self._request(hop, cookies)
            if isinstance(answer, Fetched):
                return replace(answer, moved_to=moved_to)
            here = answer.target
            is_permanent = is_permanent and answer.status in PERMANENT
            moved_to = here if is_permanent else moved_to
        raise FeedError(url, f"more than {MAX_REDIRECTS} redirects", transient=False)

    async def _request(self, hop: _Hop, cookies: ChainCookies) -> Fetched | Redirect:
        url, here, validators = hop.url, hop.here, hop.validators
        self._hosts.check(here)
        asked = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        asked = {name: value for name, value in asked.items() if value}
        headers, method = hop.headers | asked, "GET" if hop.json is None else "POST"
        headers |= {} if hop.json is None else _JSON
        async with hop.session.request(
            method, here, data=hop.json, allow_redirects=False, **self._by_proxy(here, headers)
        ) as response:
            if response.status in REDIRECTS and "Location" in response.headers:
                lines = response.headers.getall("Set-Cookie", ())
                cookies.take(lines, here, now=self._clock())
                return redirect_of(url, here, response)
            if response.status == 304 and asked:
                return document_of(here, response, b"", validators)
            is_document = response.status in DOCUMENTS
            refusal = None if is_document else self._refusal(url, here, response)
            is_read = is_document or response.content_type == "text/html"
            body = b""
            if is_read:
                body = await self._read(response, hop.limit, is_whole=is_document)
            if is_challenge(response.status, response.headers, body):
                wait = refusal.wait if refusal else None
                raise FeedError(url, CHALLENGED, transient=True, wait=wait)
            if refusal:
                raise refusal
            return document_of(here, response, body, Validators())

    def _limit_of(self, access: Access) -> Limit:
        if access.max_bytes is None:
            return self._limit
        return Limit(max_bytes=access.max_bytes, advice=_LIMIT_OF_FEED)

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

    async def _read(self, response: ClientResponse, limit: Limit, *, is_whole: bool) -> bytes:
        """Return the body; unless `is_whole`, it is empty if it is long or cannot be read."""
        encoding = ", ".join(response.headers.getall("Content-Encoding", ()))
        if is_whole:
            reader = BodyReader(encoding, limit)
            async for chunk in response.content.iter_any():
                reader.feed(chunk)
            return reader.finish()
        reader = BodyReader(encoding, Limit(max_bytes=_MAX_ERROR_BYTES))
        try:
            async with asyncio.timeout(_ERROR_PAGE_S):
                async for chunk in response.content.iter_any():
                    reader.feed(chunk)
            return reader.finish()
        except (BodyError, ClientError, TimeoutError):
            return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """One request of a chain of redirects."""

    #: The address at the start of the chain.
    url: str
    here: str
    #: The operator's headers and the cookies for `here`.
    headers: dict[str, str] = field(repr=False)
    validators: Validators
    #: The body of a POST; None for a GET.
    json: bytes | None
    limit: Limit
    session: ClientSession


def _of_hop(refusal: str, here: str, url: str) -> str:
    return refusal if here == url else f"redirects to an address that is not allowed: {refusal}"


def _advised(refusal: str, advice: str) -> str:
    """Return the reason of a refusal; that of a private address with what allows it."""
    return f"{refusal} ({advice})" if refusal.endswith(PRIVATE) else refusal

"""Guarded HTTP: every hop checked, every wait and every size limited, conditional requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from aiohttp import (
    ClientConnectorCertificateError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)

from digest.errors import FeedError
from digest.models import Fetched, Validators
from digest.readers.body import BodyError, BodyReader
from digest.readers.connector import RefusedAddressError, guarded_connector
from digest.readers.guard import port_of, refuse_url
from digest.readers.paging import find_next
from digest.text.links import http_url

MAX_REDIRECTS = 5
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
#: Client errors that pass: timeout, too early, too many requests.
_PASSING = frozenset({408, 425, 429})
_JSON = {"Content-Type": "application/json"}
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)

#: Mails show these two; the others are made into them.
ACCEPT_PICTURES = "image/jpeg, image/png, image/webp;q=0.9, image/gif;q=0.8, image/avif;q=0.7"


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
        user_agent: str = "inbox-digest",
        accept: str = _ACCEPT,
    ) -> None:
        """Keep the values; nothing is opened yet.

        Args:
            timeout_s: from the first connection to the last byte, redirects included.
            connect_timeout_s: for one connection.
            read_timeout_s: between two chunks.
            max_bytes: of a body, decompressed.
            max_wire_bytes: of a body as sent.
            allow_private: whether addresses inside this network may be fetched.
            concurrency: requests at once.
            user_agent: how the program names itself.
            accept: kinds of documents that are asked for, as the header has it.
        """
        self._timeout_s = timeout_s
        self._timeouts = ClientTimeout(
            total=None, sock_connect=connect_timeout_s, sock_read=read_timeout_s
        )
        self._max_bytes = max_bytes
        self._max_wire_bytes = max_wire_bytes
        self._allow_private = allow_private
        self._concurrency = concurrency
        self._headers = {
            "User-Agent": user_agent,
            "Accept": accept,
            "Accept-Encoding": "gzip",
        }

    async def __aenter__(self) -> Self:
        self._slots = asyncio.Semaphore(self._concurrency)
        self._session = ClientSession(
            connector=TCPConnector() if self._allow_private else guarded_connector(),
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
    ) -> Fetched:
        """Fetch `url`, or learn that it is unchanged since `validators` were given.

        Args:
            url: as configured, or as a feed names it.
            validators: what the last answer gave.
            named_by: the configured feed that names `url`; empty where `url` itself is configured.
                Beside 80 and 443 only the configured address's port is asked.

        Raises:
            FeedError: it cannot be had; `transient` where trying later may help.
        """
        async with self._slots, self._limited(url):
            return await self._follow(url, validators, port_of(named_by or url))

    async def call(self, url: str, *, json: bytes | None = None) -> None:
        """Tell `url` something under the same guard: POST `json`, or GET where there is none.

        Only the status of the answer counts; redirects are not followed.

        Raises:
            FeedError: it was not taken; `transient` where trying later may help.
        """
        async with self._slots, self._limited(url):
            refusal = refuse_url(url, port=port_of(url), allow_private=self._allow_private)
            if refusal:
                raise FeedError(url, refusal, transient=False)
            method, headers = ("GET", {}) if json is None else ("POST", _JSON)
            async with self._session.request(
                method, url, data=json, headers=headers, allow_redirects=False
            ) as response:
                if not 200 <= response.status < 300:
                    raise _refused(url, response.status)

    @asynccontextmanager
    async def _limited(self, url: str) -> AsyncIterator[None]:
        """Hold a request to its time, and turn what it raises into one line."""
        try:
            async with asyncio.timeout(self._timeout_s):
                yield
        except TimeoutError as error:
            raise FeedError(url, "no answer in time; try later", transient=True) from error
        except BodyError as error:
            raise FeedError(url, str(error), transient=False) from error
        except (ClientError, OSError, ValueError) as error:
            raise _translated(url, error) from error

    async def _follow(self, url: str, validators: Validators, port: int) -> Fetched:
        """Go from redirect to redirect, each checked like the first address."""
        here, moved_to, is_permanent = url, "", True
        for _ in range(MAX_REDIRECTS + 1):
            refusal = refuse_url(here, port=port, allow_private=self._allow_private)
            if refusal:
                raise FeedError(url, _of_hop(refusal, here, url), transient=False)
            answer = await self._request(url, here, validators)
            if isinstance(answer, Fetched):
                return replace(answer, moved_to=moved_to)
            here = answer.target
            is_permanent = is_permanent and answer.status in _PERMANENT
            moved_to = here if is_permanent else moved_to
        raise FeedError(url, f"more than {MAX_REDIRECTS} redirects", transient=False)

    async def _request(self, url: str, here: str, validators: Validators) -> Fetched | _Redirect:
        headers = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        headers = {name: value for name, value in headers.items() if value}
        async with self._session.get(here, headers=headers, allow_redirects=False) as response:
            if response.status in _REDIRECTS and "Location" in response.headers:
                return _redirect(url, here, response)
            if response.status == 304 and headers:
                return _fetched(here, response, b"", validators)
            if response.status != 200:
                raise _refused(url, response.status)
            return _fetched(here, response, await self._read(response), Validators())

    async def _read(self, response: ClientResponse) -> bytes:
        body = BodyReader(
            response.headers.get("Content-Encoding", ""),
            max_wire_bytes=self._max_wire_bytes,
            max_bytes=self._max_bytes,
        )
        async for chunk in response.content.iter_any():
            body.feed(chunk)
        return body.finish()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Redirect:
    """One hop."""

    target: str
    status: int


def _redirect(url: str, here: str, response: ClientResponse) -> _Redirect:
    target = http_url(response.headers["Location"], here).partition("#")[0]
    if not target:
        raise FeedError(url, "redirects to what is no plain http(s) address", transient=False)
    if here.startswith("https:") and not target.startswith("https:"):
        raise FeedError(url, "redirects from https to http; refused", transient=False)
    return _Redirect(target=target, status=response.status)


def _fetched(here: str, response: ClientResponse, body: bytes, validators: Validators) -> Fetched:
    """Give the result; a 304 may leave out the validators that it confirms."""
    return Fetched(
        url=here,
        status=response.status,
        body=body,
        content_type=response.headers.get("Content-Type", ""),
        validators=Validators(
            etag=response.headers.get("ETag", validators.etag),
            last_modified=response.headers.get("Last-Modified", validators.last_modified),
        ),
        next_url=find_next(response.headers, here),
    )


def _refused(url: str, status: int) -> FeedError:
    if status == 410:
        return FeedError(url, "HTTP 410: gone for good; take it out", transient=False)
    is_transient = status >= 500 or status in _PASSING
    advice = "try later" if is_transient else "check the address"
    return FeedError(url, f"HTTP {status}; {advice}", transient=is_transient)


def _of_hop(refusal: str, here: str, url: str) -> str:
    return refusal if here == url else f"redirects to where nothing is read: {refusal}"


def _translated(url: str, error: Exception) -> FeedError:
    """Turn what the HTTP client raises into one line."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, RefusedAddressError):
        return FeedError(url, str(cause), transient=False)
    if isinstance(error, ClientConnectorCertificateError):
        return FeedError(url, f"its certificate is not valid ({error})", transient=True)
    if isinstance(error, ValueError):
        return FeedError(url, f"cannot be asked for ({error})", transient=False)
    return FeedError(url, f"cannot be reached ({error}); try later", transient=True)

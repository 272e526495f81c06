"""Guards of every page: security headers, and early refusal of requests."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Far more than any form of these pages sends.
MAX_BODY_BYTES = 16 * 1024

#: Content policy of our pages: their own style sheets, pictures and forms, no scripts.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)

#: The same for the desk, which also has our own scripts.
DESK_POLICY = f"{PAGE_POLICY}; script-src 'self'; connect-src 'self'"

_HEADERS: Mapping[str, str] = {
    "content-security-policy": PAGE_POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    # The addresses of the pages contain tokens.
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

# Headers that a proxy adds and no browser: their forms, because each product has its own.
_FORWARDING = re.compile(r"forwarded|via|(?!x-requested-with$)x-.*|(cf|fly|proxy)-.*|.*-ip")


def picture_policy(*, allow_http_images: bool) -> str:
    """Return the content policy of one of our pages that shows pictures of other sites."""
    images = "https: http:" if allow_http_images else "https:"
    return PAGE_POLICY.replace("img-src 'self'", f"img-src 'self' {images}")


def letter_policy(*, allow_http_images: bool, frame_ancestors: str) -> str:
    """Return the content policy of a page that shows a letter: text, inline styles, images.

    The sandbox blocks scripts and forms; a link may open a new page.
    """
    images = "https: http:" if allow_http_images else "https:"
    return (
        f"default-src 'none'; img-src {images} data:; style-src 'unsafe-inline';"
        f" form-action 'none'; base-uri 'none'; frame-ancestors {frame_ancestors};"
        " sandbox allow-popups allow-popups-to-escape-sandbox"
    )


class SecurityHeaders:
    """Adds the security headers that a page did not set for itself."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        is_https: bool = False,
        policy: str = PAGE_POLICY,
        referrer_policy: str = "no-referrer",
    ) -> None:
        """Wrap an application.

        Args:
            app: the application.
            is_https: whether the pages are served by https; browsers then use https only.
            policy: the content policy of the pages.
            referrer_policy: `no-referrer` also hides the origin of the pages' own forms.
        """
        self._app = app
        self._headers = {
            **_HEADERS,
            "content-security-policy": policy,
            "referrer-policy": referrer_policy,
        }
        if is_https:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers added."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BelowPath:
    """Answers below the path of the public address too, for a proxy that does not take it off."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        """Wrap an application.

        Args:
            app: the application, whose routes start at `/`.
            path: the path of the public address, such as `/news`; empty if it has none.
        """
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, its path without the prefix."""
        asked = scope.get("path", "")
        if self._path and f"{asked}/".startswith(f"{self._path}/"):
            path = asked.removeprefix(self._path) or "/"
            raw = scope.get("raw_path", b"").removeprefix(self._path.encode()) or b"/"
            scope = {**scope, "path": path, "raw_path": raw}
        await self._app(scope, receive, send)


class WithoutLastSlash:
    """Answers `/page/` as `/page`.

    A redirect would have to name this site as a browser knows it, which a proxy may hide: it would
    lead to http, with the token of the address.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application that has no route with a slash at its end but `/`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, its path without slashes at the end."""
        if scope.get("path", "").endswith("/"):
            raw = scope.get("raw_path", b"").rstrip(b"/") or b"/"
            scope = {**scope, "path": scope["path"].rstrip("/") or "/", "raw_path": raw}
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a request body that is too large, with or without a Content-Length."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] = MappingProxyType({})) -> None:
        """Wrap an application.

        Args:
            app: the application.
            larger: by the start of a path, the most bytes; elsewhere it is `MAX_BODY_BYTES`.
        """
        self._app = app
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the whole body, or answer 413."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        starts = (size for start, size in self._larger.items() if scope["path"].startswith(start))
        body = await _read_body(receive, next(starts, MAX_BODY_BYTES))
        if body is None:
            refusal = PlainTextResponse("The request is too large.\n", 413)
            await refusal(scope, receive, send)
            return
        replayed: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return replayed.pop() if replayed else await receive()

        await self._app(scope, receive_again, send)


async def _read_body(receive: Receive, most: int) -> bytes | None:
    """Return the whole body; None if it is too large or incomplete."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most or message["type"] != "http.request":
            return None
        if not message.get("more_body", False):
            return bytes(body)


def is_forwarded(headers: Headers) -> bool:
    """Return whether a request came through a proxy."""
    return any(_FORWARDING.fullmatch(name) for name in headers)


def is_local(scope: Scope) -> bool:
    """Return whether a request comes from this machine, and not through a proxy on it."""
    peer = scope.get("client")
    return peer is not None and is_loopback(peer[0]) and not is_forwarded(Headers(scope=scope))


def is_loopback(host: str) -> bool:
    """Return whether an address is one of this machine only."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback

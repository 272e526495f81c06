"""Decides before everything else who asks, and whether the desk answers at all.

Without an account the desk serves this machine only, and nothing that came through a proxy: access
to the machine proves that the client is an editor. With accounts it serves everybody who signs in,
also through the proxies that the operator trusts.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from anyio import to_thread
from fastapi import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.errors import DigestError
from digest.models.admins import Recognised
from digest.web.clients import is_trusted_peer, place_of
from digest.web.desk import cookies
from digest.web.desk.door import DeskDoor
from digest.web.guards import is_forwarded, is_local

_log = logging.getLogger(__name__)

_ONLY_HERE = (
    "There is no account yet, so the desk answers on this machine only, and not through a proxy.\n"
    "From another machine, use an SSH tunnel: ssh -L 8001:127.0.0.1:8001 HOST\n"
    "or make an account: digest admin add NAME --role ops\n"
)
_NO_PROXY = (
    "This request came through a proxy that [web] trusted_proxies does not name.\n"
    "Add its address there, then restart the desk.\n"
)
_TWO_NAMES = "The proxy sent more than one name of a user.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client of the desk, and its place."""

    recognised: Recognised
    #: The client's network, or its own address if that is not public.
    place: str
    #: Whether the browser's connection is encrypted.
    is_https: bool
    #: The name that a trusted proxy vouches for; None if it names no account.
    proxied_name: str | None

    @property
    def is_admin(self) -> bool:
        """Whether the client is signed in, or needs no account."""
        return not self.recognised.has_accounts or self.recognised.account is not None


class Threshold:
    """Passes on the requests that the desk answers, with `client` in their state."""

    def __init__(self, app: ASGIApp, door: DeskDoor) -> None:
        """Wrap an application."""
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, or answer 403; 503 if the database cannot be read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = await to_thread.run_sync(self._look, Request(scope))
        if isinstance(found, Client):
            scope.setdefault("state", {})["client"] = found
            await self._app(scope, receive, send)
        else:
            await found(scope, receive, send)

    def _look(self, request: Request) -> Client | PlainTextResponse:
        """Return who asks, or the refusal."""
        peer = request.client.host if request.client else ""
        is_proxied = is_trusted_peer(peer, self._door.trusted_proxies)
        names = self._names(request) if is_proxied else []
        if len(names) > 1:
            return PlainTextResponse(_TWO_NAMES, 403)
        name = names[0] if names else None
        try:
            is_https = _is_https(request, is_proxied=is_proxied)
            recognised = self._recognise(request, name, is_https=is_https)
        except DigestError as error:
            _log.warning("cannot read the accounts of the desk: %s", error)
            return PlainTextResponse("The database is busy; try again in a minute.\n", 503)
        if not recognised.has_accounts and not is_local(request.scope):
            return PlainTextResponse(_ONLY_HERE, 403)
        if recognised.has_accounts and not is_proxied and is_forwarded(request.headers):
            return PlainTextResponse(_NO_PROXY, 403)
        return Client(
            recognised=recognised,
            place=place_of(
                peer, request.headers.getlist("x-forwarded-for"), self._door.trusted_proxies
            ),
            is_https=is_https,
            proxied_name=name,
        )

    def _names(self, request: Request) -> list[str]:
        header = self._door.user_header
        found = request.headers.getlist(header) if header else []
        return [name for name in found if name.strip()]

    def _recognise(self, request: Request, name: str | None, *, is_https: bool) -> Recognised:
        token = cookies.session_of(request, is_https=is_https)
        return self._door.newsroom.admins.recognise(token, proxied_name=name)


def _is_https(request: Request, *, is_proxied: bool) -> bool:
    if not is_proxied:
        return request.url.scheme == "https"
    forwarded = request.headers.get("x-forwarded-proto", request.url.scheme)
    return forwarded.rpartition(",")[2].strip().lower() == "https"

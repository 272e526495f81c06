"""Checks each request before its handler: who asks, from which page, with which right."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from digest.models import Actor
from digest.models.admins import Right
from digest.web.desk import cookies
from digest.web.desk import said as lines
from digest.web.desk.door import DeskDoor
from digest.web.desk.threshold import Client
from digest.web.desk.visit import Visit
from digest.web.forms import first_of, has_unstorable_address, read_form
from digest.web.table import Route

#: The header in which a script may send the token of a form. No `x-`: those are of proxies.
CSRF_HEADER = "csrf-token"


class Forbidden(Exception):
    """A request that was refused before its handler, with the words for the page."""


class Outdated(Forbidden):
    """A form of the desk whose token is of an earlier session."""


class SignInNeeded(Exception):
    """A request of a client that has not signed in."""


def checks_of(route: Route) -> Callable[[Request], Awaitable[None]]:
    """Return the checks of a route; a request that passes has its visit in `request.state`.

    The checks raise `Forbidden` and `SignInNeeded`, and `HTTPException` for an address or a form
    that cannot be read.
    """

    async def check(request: Request) -> None:
        if has_unstorable_address(request):
            raise HTTPException(404)
        if route.right is None:
            if route.is_change:
                await _refuse_foreign(request, visitor_token(request))
            return
        visit = begin_visit(request)
        request.state.visit = visit
        if route.is_change:
            await _refuse_foreign(request, visit.csrf)
        if not visit.may(route.right):
            raise Forbidden(f"Your account may not do this: it needs the right “{route.right}”.")

    return check


def begin_visit(request: Request) -> Visit:
    """Return the visit of a request; raises the same errors as a check."""
    door: DeskDoor = request.app.state.door
    client: Client = request.state.client
    actor, rights, secret = _who(
        door, client, cookies.session_of(request, is_https=client.is_https)
    )
    return Visit(
        actor=actor,
        rights=rights,
        csrf=_token_for(door.key, secret),
        door=door,
        path=request.url.path,
        said=lines.unpack(request.cookies.get(lines.COOKIE, ""), door.key),
        has_session=secret.startswith("session "),
        is_https=client.is_https,
    )


def visitor_token(request: Request) -> str:
    """Return the token of a form before signing in, bound to the browser; empty if it has none."""
    door: DeskDoor = request.app.state.door
    client: Client = request.state.client
    mark = cookies.visitor_of(request, is_https=client.is_https)
    return token_of_visitor(door, mark) if mark else ""


def token_of_visitor(door: DeskDoor, mark: str) -> str:
    """Return the token of a form before signing in; `mark` is in a cookie of the browser."""
    return _token_for(door.key, f"visitor {mark}")


def _who(door: DeskDoor, client: Client, session: str) -> tuple[Actor, frozenset[Right], str]:
    """Return the actor, the rights, and the secret that binds the tokens of its forms."""
    account = client.recognised.account
    if not client.recognised.has_accounts:
        return door.operator, frozenset(Right), f"operator {door.operator.name}"
    if account is not None:
        proof = f"session {session}" if client.proxied_name is None else f"proxy {account.name}"
        return Actor(name=account.name), account.rights, proof
    if client.proxied_name is not None:
        raise Forbidden(
            f"The proxy names you {client.proxied_name[:64]!r}, which is no account. At the"
            " terminal, `digest admin add` makes one."
        )
    raise SignInNeeded


def _token_for(key: str, secret: str) -> str:
    return hmac.new(key.encode(), f"csrf {secret}".encode(), hashlib.sha256).hexdigest()


async def _refuse_foreign(request: Request, token: str) -> None:
    """Refuse a change that no form of the desk has sent."""
    if not is_same_site(request):
        raise Forbidden("This request came from another site.")
    sent = request.headers.get(CSRF_HEADER) or first_of(await read_form(request), "csrf")
    if not token or not hmac.compare_digest(sent.encode(), token.encode()):
        raise Outdated("This page is out of date. Go back, reload it, and try again.")


def is_same_site(request: Request) -> bool:
    """Return whether the browser says that one of our pages asks; other programs say nothing."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None and fetched_from not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")

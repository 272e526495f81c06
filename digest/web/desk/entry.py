"""Checks each request before its handler: who asks, from which page, with which right."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request

from digest.models.admins import Right
from digest.web.desk import said as lines
from digest.web.desk.door import DeskDoor
from digest.web.desk.visit import Visit
from digest.web.forms import first_of, read_form
from digest.web.table import Route

#: The header in which a script may send the token of a form. No `x-`: those are of proxies.
CSRF_HEADER = "csrf-token"


class Forbidden(Exception):
    """A request that was refused before its handler, with the words for the page."""


def checks_of(route: Route) -> Callable[[Request], Awaitable[None]]:
    """Return the checks of a route; a request that passes has its visit in `request.state`.

    The checks raise `Forbidden`.
    """

    async def check(request: Request) -> None:
        if route.right is None:
            return
        visit = begin_visit(request)
        request.state.visit = visit
        if route.is_change:
            await _refuse_foreign(request, visit.csrf)
        if not visit.may(route.right):
            raise Forbidden(f"Your account may not do this: it needs the right “{route.right}”.")

    return check


def begin_visit(request: Request) -> Visit:
    """Return the visit of a request."""
    door: DeskDoor = request.app.state.door
    return Visit(
        actor=door.operator,
        rights=frozenset(Right),
        csrf=_token_for(door.key, door.operator.name),
        door=door,
        path=request.url.path,
        said=lines.unpack(request.cookies.get(lines.COOKIE, ""), door.key),
    )


def _token_for(key: str, secret: str) -> str:
    return hmac.new(key.encode(), f"csrf {secret}".encode(), hashlib.sha256).hexdigest()


async def _refuse_foreign(request: Request, token: str) -> None:
    """Refuse a change that no form of the desk has sent."""
    if not _is_same_site(request):
        raise Forbidden("This request came from another site.")
    sent = request.headers.get(CSRF_HEADER) or first_of(await read_form(request), "csrf")
    if not hmac.compare_digest(sent.encode(), token.encode()):
        raise Forbidden("This page is out of date. Go back, reload it, and try again.")


def _is_same_site(request: Request) -> bool:
    """Return whether the browser says that one of our pages asks; other programs say nothing."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None and fetched_from not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")

"""The application of the desk: its routes, their checks, and its guards."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from digest.web.desk.door import DeskDoor
from digest.web.desk.entry import checks_of
from digest.web.desk.problems import add_desk_problems
from digest.web.guards import DESK_POLICY, BodyLimit, LoopbackOnly, SecurityHeaders
from digest.web.table import Route

#: The only accepted host names: a foreign site may point its own name at this machine (DNS
#: rebinding).
_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
#: More than any form of the desk sends, by the start of its path.
_BODY_BYTES = {"/subscribers/import": 64 * 1024 * 1024, "/": 256 * 1024}


def create_desk(door: DeskDoor, routes: Iterable[Route]) -> ASGIApp:
    """Return the application of the desk, including its guards."""
    app = FastAPI(openapi_url=None)
    app.state.door = door
    for route in routes:
        app.add_api_route(
            route.path,
            route.handler,
            methods=list(route.methods),
            response_class=HTMLResponse,
            response_model=None,
            dependencies=[Depends(checks_of(route))],
        )
    add_desk_problems(app)
    limited = BodyLimit(app, _BODY_BYTES)
    hosted = TrustedHostMiddleware(limited, allowed_hosts=_HOSTS, www_redirect=False)
    return SecurityHeaders(LoopbackOnly(hosted), policy=DESK_POLICY, referrer_policy="same-origin")

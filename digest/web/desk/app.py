"""The application of the desk: its routes, their checks, and its guards."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.web.api.app import PREFIX, ProblemAnswers, create_api
from digest.web.api.entry import PER_MINUTE, Guard
from digest.web.desk.door import DeskDoor
from digest.web.desk.entry import checks_of
from digest.web.desk.problems import add_desk_problems
from digest.web.desk.threshold import Threshold
from digest.web.guards import DESK_POLICY, BodyLimit, SecurityHeaders
from digest.web.table import Route

#: With those of the configuration, the only accepted host names: a foreign site may point its own
#: name at this machine (DNS rebinding).
_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
#: More than any form of the desk sends, by the start of its path.
_BODY_BYTES = {
    # The file with the rest of its form; its use case refuses a file that is too large.
    "/subscribers/import": 65 * 1024 * 1024,
    "/feeds/import": 20 * 1024 * 1024,
    "/": 256 * 1024,
}

#: More than any body of the API; it is read before its token is known.
_API_BYTES = 64 * 1024


def create_desk(
    door: DeskDoor,
    routes: Iterable[Route],
    api: Iterable[Route] = (),
    *,
    per_minute: int = PER_MINUTE,
) -> ASGIApp:
    """Return the application of the desk, including its guards.

    Args:
        door: the parts of the desk.
        routes: the routes of the desk.
        api: the routes of the API; empty: there is no API.
        per_minute: the most requests of one token of the API in a minute.
    """
    app = FastAPI(openapi_url=None)
    app.state.door = door
    if api:
        app.mount(PREFIX, create_api(api, Guard.of(door.newsroom, per_minute=per_minute)))
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
    hosted = TrustedHostMiddleware(
        _Limits(app), allowed_hosts=[*_HOSTS, *door.hosts], www_redirect=False
    )
    return SecurityHeaders(
        ProblemAnswers(Threshold(hosted, door)), policy=DESK_POLICY, referrer_policy="same-origin"
    )


class _Limits:
    """Takes large forms only from who is signed in: a body is read before its route is known."""

    def __init__(self, app: ASGIApp) -> None:
        self._for_admins = BodyLimit(app, _BODY_BYTES)
        self._for_programs = BodyLimit(app, {PREFIX: _API_BYTES})
        self._for_others = BodyLimit(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._limit_of(scope)(scope, receive, send)

    def _limit_of(self, scope: Scope) -> BodyLimit:
        if scope.get("path", "").startswith(f"{PREFIX}/"):
            return self._for_programs
        client = scope.get("state", {}).get("client")
        return self._for_admins if client and client.is_admin else self._for_others

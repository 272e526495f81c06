"""The application of the desk: its routes, their checks, and its guards."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.models.admins import RIGHTS, Right
from digest.web.api.app import PREFIX, ProblemAnswers, create_api
from digest.web.api.entry import PER_MINUTE, Guard
from digest.web.desk.door import DeskDoor
from digest.web.desk.entry import checks_of
from digest.web.desk.problems import add_desk_problems
from digest.web.desk.threshold import Client, Threshold
from digest.web.guards import DESK_POLICY, BodyLimit, SecurityHeaders, WithoutLastSlash
from digest.web.table import Route

#: With those of the configuration, the only accepted host names: a foreign site may point its own
#: name at this machine (DNS rebinding).
_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
#: More than any form of the desk sends.
_FORM_BYTES = 256 * 1024
#: The right that a form with a file needs, and by the start of its path the most bytes: the file
#: with the rest of its form. Its use case refuses a file that is too large.
_FILE_BYTES = {
    Right.IMPORT: {"/subscribers/import": 65 * 1024 * 1024},
    Right.FEEDS: {"/feeds/import": 20 * 1024 * 1024},
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
    app = FastAPI(openapi_url=None, redirect_slashes=False)
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
        _Limits(WithoutLastSlash(app)), allowed_hosts=[*_HOSTS, *door.hosts], www_redirect=False
    )
    return SecurityHeaders(
        ProblemAnswers(Threshold(hosted, door)), policy=DESK_POLICY, referrer_policy="same-origin"
    )


class _Limits:
    """Takes large forms only from who may send them: a body is read before its route is known."""

    def __init__(self, app: ASGIApp) -> None:
        self._for_rights = {
            rights: BodyLimit(app, _most_bytes(rights))
            for rights in {frozenset(Right), *RIGHTS.values()}
        }
        self._for_programs = BodyLimit(app, {PREFIX: _API_BYTES})
        self._for_others = BodyLimit(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._limit_of(scope)(scope, receive, send)

    def _limit_of(self, scope: Scope) -> BodyLimit:
        if scope.get("path", "").startswith(f"{PREFIX}/"):
            return self._for_programs
        client: Client | None = scope.get("state", {}).get("client")
        if client is None or not client.is_admin:
            return self._for_others
        account = client.recognised.account
        return self._for_rights[account.rights if account else frozenset(Right)]


def _most_bytes(rights: frozenset[Right]) -> dict[str, int]:
    files = (_FILE_BYTES[right] for right in _FILE_BYTES if right in rights)
    return {start: most for of_right in files for start, most in of_right.items()} | {
        "/": _FORM_BYTES
    }

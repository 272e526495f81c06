"""The application of the API: its routes behind the guard, and their document."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest import __version__
from digest.web.api.document import TITLE, WORDS, responses_of, security_of
from digest.web.api.entry import Guard, checked
from digest.web.api.problems import add_problems, answer
from digest.web.table import Route

#: Where the API lies on the admin listener; another version gets another one.
PREFIX = "/api/v1"


def create_api(routes: Iterable[Route], guard: Guard) -> FastAPI:
    """Return the application of the API."""
    app = FastAPI(
        title=TITLE,
        version=__version__,
        description=WORDS,
        servers=[{"url": PREFIX}],
        openapi_url=None,
        redirect_slashes=False,
        root_path_in_servers=False,
    )
    for route in routes:
        _add(app, route, guard)
    add_problems(app)
    return app


def _add(app: FastAPI, route: Route, guard: Guard) -> None:
    kind = route.handler.__module__.rpartition(".")[2]
    for method in route.methods:
        app.router.add_api_route(
            route.path,
            route.handler,
            methods=[method],
            tags=[kind],
            operation_id=f"{kind}_{route.handler.__name__}",
            responses=responses_of(route),
            openapi_extra=security_of(route),
            include_in_schema=method != "HEAD" and route.right is not None,
            route_class_override=checked(route, guard),
        )


class ProblemAnswers:
    """Turns the plain refusals of the guards before the API into the shape of its errors."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application; only addresses below `PREFIX` are touched."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, and replace the answer if a guard has refused it."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return
        refused: Message | None = None
        words = bytearray()

        async def send_problem(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and _is_plain_refusal(message):
                refused = message
            elif refused is None:
                await send(message)
            else:
                words.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    error, _, do = words.decode("utf-8", "replace").strip().partition("\n")
                    problem = answer(refused["status"], error, " ".join(do.split()))
                    await problem(scope, receive, send)

        await self._app(scope, receive, send_problem)


def _is_plain_refusal(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return int(message["status"]) >= 400 and kind.startswith("text/plain")

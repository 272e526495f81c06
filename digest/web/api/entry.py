"""Checks each request of a program before its handler: which token, how often, which right."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from math import ceil
from typing import Any

from anyio import to_thread
from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from digest.models import Actor
from digest.models.admins import ApiToken
from digest.newsroom import Newsroom
from digest.web.api.call import Call
from digest.web.api.limits import Rates
from digest.web.api.problems import Problem
from digest.web.desk.threshold import Client
from digest.web.forms import has_unstorable_address
from digest.web.table import Route

#: Requests of one token in a minute.
PER_MINUTE = 600
#: Tokens that do not work, from one network in a minute.
_WRONG_PER_MINUTE = 60
#: More than any token has.
_MAX_SECRET = 200

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets requests with a token through, and counts them."""

    newsroom: Newsroom
    of_tokens: Rates
    of_failures: Rates

    @classmethod
    def of(cls, newsroom: Newsroom, *, per_minute: int = PER_MINUTE) -> Guard:
        """Return the guard of an installation."""
        return cls(newsroom, Rates(per_minute), Rates(_WRONG_PER_MINUTE))

    def begin(self, request: Request, route: Route) -> Call:
        """Return the call of a request.

        Raises:
            Problem: the token is missing or wrong (401), lacks the right (403), or came too often
                (429).
            StoreError: the database cannot be read.
        """
        token = self._token_of(request)
        _refuse_soon(self.of_tokens.take(token.id), "this token")
        if route.right is not None and route.right not in token.rights:
            raise Problem(403, f"token {token.name}: has not the right {route.right}")
        actor = Actor(name=token.maker, token=token.name)
        return Call(actor=actor, token=token, newsroom=self.newsroom)

    def _token_of(self, request: Request) -> ApiToken:
        client: Client = request.state.client
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            raise _unknown("no token was sent", "")
        wanted = secret.strip()
        found = self._recognise(wanted) if len(wanted) <= _MAX_SECRET else None
        if found is None:
            # Only after the look: a wrong program must not lock out the right ones beside it.
            _refuse_soon(self.of_failures.take(client.place), "this network, with wrong tokens")
            raise _unknown("this token is unknown, was revoked or has ended", "invalid_token")
        return found

    def _recognise(self, secret: str) -> ApiToken | None:
        return self.newsroom.admins.recognise_token(secret)


def checked(route: Route, guard: Guard) -> type[APIRoute]:
    """Return the class of a route whose requests are checked before anything of them is read."""

    class Checked(APIRoute):
        def get_route_handler(self) -> _Handler:
            handle = super().get_route_handler()

            async def handle_checked(request: Request) -> Response:
                if has_unstorable_address(request):
                    raise Problem(404, "this address contains the character NUL")
                if route.right is not None:
                    request.state.call = await to_thread.run_sync(guard.begin, request, route)
                return await handle(request)

            return handle_checked

    return Checked


def _unknown(error: str, code: str) -> Problem:
    challenge = f'Bearer realm="digest"{f", error={chr(34)}{code}{chr(34)}" if code else ""}'
    do = "make one at the desk (Settings, API tokens) or with `digest admin token add`"
    return Problem(401, error, do, headers={"www-authenticate": challenge})


def _refuse_soon(wait_s: float, who: str) -> None:
    if wait_s:
        seconds = str(max(1, ceil(wait_s)))
        raise Problem(
            429, f"too many requests from {who}", "Wait.", headers={"retry-after": seconds}
        )

"""The application of the public pages: its routes, and its guards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import Depends, FastAPI, Request
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from digest.errors import StoreError
from digest.models.paths import PublicPath
from digest.web.guards import BelowPath, BodyLimit, SecurityHeaders, WithoutLastSlash
from digest.web.problems import add_problem_pages
from digest.web.public.door import PublicDoor
from digest.web.public.hooks import HOOKS_PATH, MAX_HOOK_BYTES
from digest.web.table import SAFE_METHODS, Route

_log = logging.getLogger(__name__)

#: Seconds between two attempts to store the leavings of the journal.
REPLAY_EVERY_S = 5


def create_public(door: PublicDoor, routes: Iterable[Route]) -> ASGIApp:
    """Return the application of the subscribers' pages, including its guards.

    The webhooks of mail providers are only served if `door` has them.
    """
    app = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lambda _app: _replaying(door),
        dependencies=[Depends(_refuse_changes)],
    )
    app.state.door = door
    for route in routes:
        if door.hooks is not None or not route.path.startswith(HOOKS_PATH):
            app.add_api_route(
                route.path, route.handler, methods=list(route.methods), response_model=None
            )
    add_problem_pages(app, door.pages)
    return _guard(app, door)


async def _refuse_changes(request: Request) -> None:
    """Refuse what changes something, except leaving, while the database must not be changed."""
    is_leaving = request.scope["path"].startswith(f"/{PublicPath.LEAVE}/")
    if request.method not in SAFE_METHODS and not is_leaving:
        door: PublicDoor = request.app.state.door
        await to_thread.run_sync(door.refuse_changes)


def _guard(app: ASGIApp, door: PublicDoor) -> ASGIApp:
    site = urlsplit(door.base_url)
    limited = BodyLimit(WithoutLastSlash(app), {HOOKS_PATH: MAX_HOOK_BYTES})
    below = BelowPath(limited, door.root)
    hosted = TrustedHostMiddleware(below, allowed_hosts=[site.hostname or ""], www_redirect=False)
    return SecurityHeaders(hosted, is_https=site.scheme == "https")


@asynccontextmanager
async def _replaying(door: PublicDoor) -> AsyncIterator[None]:
    """Store the leavings of the journal at the start, then every `REPLAY_EVERY_S` seconds."""
    try:
        await asyncio.to_thread(door.refuse_changes)
    except StoreError as error:
        _log.warning("the pages store only who leaves, in the journal: %s", error)
    task = asyncio.create_task(_replay_for_ever(door))
    try:
        yield
    finally:
        task.cancel()


async def _replay_for_ever(door: PublicDoor) -> None:
    while True:
        await asyncio.to_thread(door.leavers.take_leavings)
        await asyncio.sleep(REPLAY_EVERY_S)

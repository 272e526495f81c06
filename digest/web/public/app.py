"""The public pages: signing up, web view, preferences, leaving, pictures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import Depends, FastAPI, Request
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from digest.errors import StoreError
from digest.models.paths import PublicPath
from digest.newsroom.context import RunContext
from digest.web.clients import IPNetwork
from digest.web.guards import BelowPath, BodyLimit, SecurityHeaders
from digest.web.ports import (
    BounceHooks,
    Clock,
    LeaveLinks,
    Leavers,
    PictureFinder,
    PollFinder,
    PublicArchive,
    SignUpDesk,
    Voter,
    WebView,
)
from digest.web.problems import add_problem_pages
from digest.web.public.archive import archive_routes
from digest.web.public.confirm import confirm_routes
from digest.web.public.design import design_routes
from digest.web.public.hooks import HOOKS_PATH, MAX_HOOK_BYTES, hooks_routes
from digest.web.public.leave import leave_routes
from digest.web.public.moving import moving_routes
from digest.web.public.pages import PublicPages
from digest.web.public.pictures import picture_routes
from digest.web.public.poll import poll_routes
from digest.web.public.preferences import preferences_routes
from digest.web.public.privacy import privacy_routes, private_routes
from digest.web.public.sign_up import SignUpPages, sign_up_routes
from digest.web.public.sign_up_api import sign_up_api_routes
from digest.web.public.unsubscribe import unsubscribe_routes
from digest.web.public.view import view_routes
from digest.web.table import SAFE_METHODS
from subscribers.tokens import LinkReader, LinkSigner

_log = logging.getLogger(__name__)

#: Seconds between two attempts to store the leavings of the journal.
REPLAY_EVERY_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDoor:
    """The parts of the public pages."""

    #: As in every mail; requests for any other host are refused.
    base_url: str
    #: Signing keys, newest first.
    keys: tuple[str, ...]
    leavers: Leavers
    web_view: WebView
    pages: PublicPages
    clock: Clock
    #: Whether the web view may show images by http.
    is_development: bool = False
    pictures: PictureFinder = lambda _file: None
    find_poll: PollFinder = lambda _link: None
    vote: Voter = lambda _link, _choice: None
    send_leave_links: LeaveLinks = lambda address, *, network: True  # noqa: ARG005
    #: None: there is no archive.
    archive: PublicArchive | None = None
    #: For the pages of one subscriber that read or change more than their subscription; without
    #: it they do not exist.
    context: RunContext | None = None
    #: None: nobody can sign up here, and no newsletter has a page.
    sign_ups: SignUpDesk | None = None
    #: After that, a sign-up that is not confirmed is deleted.
    unconfirmed: timedelta = timedelta(days=7)
    #: None: no webhook of a mail provider is configured.
    hooks: BounceHooks | None = None
    #: Raises StoreError while the database must not be changed: it was put back or copied.
    refuse_changes: Callable[[], None] = lambda: None
    #: Proxies whose `X-Forwarded-For` is believed.
    trusted_proxies: tuple[IPNetwork, ...] = ()


def create_public(door: PublicDoor) -> ASGIApp:
    """Return the application of the subscribers' pages, including its guards."""
    links = LinkReader(door.keys)
    app = FastAPI(
        openapi_url=None,
        lifespan=lambda _app: _replaying(door),
        dependencies=[Depends(_guard_changes(door.refuse_changes))],
    )
    app.include_router(view_routes(links, door.web_view, allow_http_images=door.is_development))
    if door.context is not None:
        signer = LinkSigner(door.keys[0])
        app.include_router(preferences_routes(links, signer, door.context, door.pages))
        app.include_router(moving_routes(links, door.context, door.pages))
        app.include_router(private_routes(links, door.context, door.pages))
    app.include_router(privacy_routes(door.pages, door.unconfirmed))
    app.include_router(leave_routes(links, door.leavers, door.pages, door.clock))
    app.include_router(unsubscribe_routes(door.send_leave_links, door.pages, door.trusted_proxies))
    app.include_router(poll_routes(links, door.find_poll, door.vote, door.pages))
    app.include_router(picture_routes(door.pictures))
    if door.archive is not None:
        root = urlsplit(door.base_url).path.rstrip("/")
        app.include_router(
            archive_routes(
                door.archive, door.pages, root=root, allow_http_images=door.is_development
            )
        )
    app.include_router(design_routes(door.pages))
    if door.hooks is not None:
        app.include_router(hooks_routes(door.hooks))
    # The last, because the name of a newsletter may be any word.
    if door.sign_ups is not None:
        _add_sign_up(app, door, door.sign_ups, links)
    add_problem_pages(app, door.pages)
    return _guard(app, door.base_url)


def _add_sign_up(app: FastAPI, door: PublicDoor, desk: SignUpDesk, links: LinkReader) -> None:
    allow_http = door.is_development
    shown = SignUpPages(desk, door.pages, door.base_url, allow_http_images=allow_http)
    app.include_router(confirm_routes(links, desk, door.pages, allow_http_images=allow_http))
    app.include_router(sign_up_api_routes(desk, door.trusted_proxies))
    app.include_router(sign_up_routes(desk, shown, door.trusted_proxies))


def _guard_changes(refuse_changes: Callable[[], None]) -> Callable[[Request], Awaitable[None]]:
    """Return the check before each request that changes something, except leaving."""

    async def check(request: Request) -> None:
        is_leaving = request.scope["path"].startswith(f"/{PublicPath.LEAVE}/")
        if request.method not in SAFE_METHODS and not is_leaving:
            await to_thread.run_sync(refuse_changes)

    return check


def _guard(app: ASGIApp, base_url: str) -> ASGIApp:
    site = urlsplit(base_url)
    below = BelowPath(BodyLimit(app, {HOOKS_PATH: MAX_HOOK_BYTES}), site.path.rstrip("/"))
    hosted = TrustedHostMiddleware(below, allowed_hosts=[site.hostname or ""], www_redirect=False)
    return SecurityHeaders(hosted, is_https=site.scheme == "https")


@asynccontextmanager
async def _replaying(door: PublicDoor) -> AsyncIterator[None]:
    """Store the leavings of the journal at the start, then every `REPLAY_EVERY_S` seconds."""
    task = asyncio.create_task(_replay_for_ever(door))
    try:
        yield
    finally:
        task.cancel()


async def _replay_for_ever(door: PublicDoor) -> None:
    try:
        await asyncio.to_thread(door.refuse_changes)
    except StoreError as error:
        _log.warning("the pages store only who leaves, in the journal: %s", error)
    while True:
        await asyncio.to_thread(door.leavers.take_leavings)
        await asyncio.sleep(REPLAY_EVERY_S)

"""The page to leave a newsletter: one button, and the POST of mail programs (RFC 8058).

Opening the page changes nothing, because scanners open every link of a mail. The POST needs no
cookie and no login, because mail programs have none; the token alone proves who leaves.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from digest.web.ports import Clock, Subscribers
from digest.web.public.pages import PublicPages
from subscribers.leavings import Leaving
from subscribers.tokens import Link, LinkReader, Purpose


def leave_routes(
    links: LinkReader, subscribers: Subscribers, pages: PublicPages, clock: Clock
) -> APIRouter:
    """Return the routes of the page to leave."""
    router = APIRouter()

    def read(token: str) -> Link:
        link = links.read(Purpose.LEAVE, token)
        if link is None:
            raise HTTPException(404)
        return link

    @router.api_route("/u/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> HTMLResponse:
        subscriber = subscribers.find(read(token))
        if subscriber is None:
            raise HTTPException(404)
        return pages.answer(
            "leave",
            newsletter=subscriber.name,
            language=subscriber.language,
            subscriber=subscriber,
            leave_token=token,
        )

    @router.post("/u/{token}")
    async def leave(token: str, request: Request) -> HTMLResponse:
        how = _read_how(await request.body())
        leaving = Leaving(link=read(token), how=how, at=clock())
        if not await to_thread.run_sync(subscribers.leave, leaving):
            raise HTTPException(404)
        return pages.answer("left")

    return router


def _read_how(body: bytes) -> str:
    """Return `page` for the button of our page, `one-click` for a mail program.

    A mail program may send `List-Unsubscribe=One-Click` in either form encoding (RFC 8058
    section 3.2), and some send nothing; each counts as a request to leave.
    """
    return "page" if parse_qs(body).get(b"how") == [b"page"] else "one-click"

"""The page to leave without a mail at hand: an address is typed, and the links come by mail.

The answer is the same, and takes the same time, whether the address is subscribed or not.
"""

from __future__ import annotations

from time import monotonic
from urllib.parse import parse_qs

from anyio import sleep, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from digest.web.ports import LeaveLinks
from digest.web.public.pages import PublicPages
from subscribers.errors import SubscriberError

#: Seconds after which a request is answered; longer than its work takes.
ANSWER_AFTER_S = 0.4


def unsubscribe_routes(send_links: LeaveLinks, pages: PublicPages) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter()

    @router.api_route("/unsubscribe", methods=["GET", "HEAD"])
    def ask() -> HTMLResponse:
        return pages.answer("unsubscribe", address="", is_wrong=False)

    @router.post("/unsubscribe")
    async def answer(request: Request) -> HTMLResponse:
        started = monotonic()
        address = _read_address(await request.body())
        try:
            await to_thread.run_sync(send_links, address)
        except SubscriberError:
            return pages.answer("unsubscribe", status=422, address=address[:320], is_wrong=True)
        finally:
            await sleep(started + ANSWER_AFTER_S - monotonic())
        return pages.answer("unsubscribe-mailed")

    return router


def _read_address(body: bytes) -> str:
    fields = parse_qs(body.decode("utf-8", "replace"), errors="replace")
    return fields.get("address", [""])[0].strip()

"""The page to leave without a mail at hand: an address is typed, and the links come by mail.

The answer is the same, and takes the same time, whether the address is subscribed or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from anyio import current_time, sleep_until, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from digest.web.clients import IPNetwork
from digest.web.forms import SentForm, first_of
from digest.web.ports import LeaveLinks
from digest.web.public.pages import PublicPages
from digest.web.public.sign_up import answer_too_many, network_of_request
from subscribers.errors import SubscriberError

#: Seconds after which a request is answered; longer than its work takes.
ANSWER_AFTER_S = 0.4


def unsubscribe_routes(
    send_links: LeaveLinks, pages: PublicPages, trusted_proxies: Sequence[IPNetwork]
) -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter()

    @router.api_route("/unsubscribe", methods=["GET", "HEAD"])
    def ask() -> HTMLResponse:
        return pages.answer("unsubscribe", address="", is_wrong=False)

    @router.post("/unsubscribe")
    async def answer(request: Request, form: SentForm) -> HTMLResponse:
        started = current_time()
        address = first_of(form, "address").strip()
        try:
            network = network_of_request(request, trusted_proxies)
            is_admitted = await to_thread.run_sync(partial(send_links, address, network=network))
        except SubscriberError:
            return pages.answer("unsubscribe", status=422, address=address[:320], is_wrong=True)
        finally:
            await sleep_until(started + ANSWER_AFTER_S)
        if not is_admitted:
            return answer_too_many(pages, "unsubscribe")
        return pages.answer("unsubscribe-mailed")

    return router

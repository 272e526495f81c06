"""The page that shows a subscriber's preferences; the only action is to leave."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from digest.web.ports import Subscribers
from digest.web.public.pages import PublicPages
from subscribers.tokens import LinkReader, LinkSigner, Purpose


def preferences_routes(
    links: LinkReader, signer: LinkSigner, subscribers: Subscribers, pages: PublicPages
) -> APIRouter:
    """Return the routes of the preferences page."""
    router = APIRouter()

    @router.api_route("/p/{token}", methods=["GET", "HEAD"])
    def show_preferences(token: str) -> HTMLResponse:
        link = links.read(Purpose.PREFERENCES, token)
        subscriber = subscribers.find(link) if link else None
        if link is None or subscriber is None:
            raise HTTPException(404)
        leave_token = signer.sign(Purpose.LEAVE, link)
        return pages.answer(
            "preferences",
            newsletter=subscriber.name,
            language=subscriber.language,
            subscriber=subscriber,
            leave_token=leave_token,
        )

    return router

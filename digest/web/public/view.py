"""The subscriber's web view: an edition as a page."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from digest.web.guards import letter_policy
from digest.web.ports import WebView
from subscribers.tokens import LinkReader, Purpose


def view_routes(links: LinkReader, render: WebView, *, allow_http_images: bool) -> APIRouter:
    """Return the routes of the web view."""
    router = APIRouter()
    policy = letter_policy(allow_http_images=allow_http_images, frame_ancestors="'none'")

    @router.api_route("/v/{token}", methods=["GET", "HEAD"])
    def show_edition(token: str) -> HTMLResponse:
        link = links.read(Purpose.VIEW, token)
        html = render(link) if link else None
        if html is None:
            raise HTTPException(404)
        return HTMLResponse(html, headers={"content-security-policy": policy})

    return router

"""The page at the public address, to which the masthead of a mail may link."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from digest.web.ports import Subscribers
from digest.web.public.pages import PublicPages


def home_routes(subscribers: Subscribers, pages: PublicPages) -> APIRouter:
    """Return the route of the home page: each newsletter and when it comes."""
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"])
    def show_home() -> HTMLResponse:
        return pages.answer("home", newsletters=subscribers.newsletters)

    return router

"""The list of editions."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from digest.web.pages import Pages
from digest.web.ports import Editions


def edition_list_routes(editions: Editions, pages: Pages) -> APIRouter:
    """Return the routes of the list of editions."""
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"])
    def list_editions() -> HTMLResponse:
        return pages.answer("editions", editions=editions.list_editions())

    return router

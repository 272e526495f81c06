"""The list of editions, and the way to one."""

from __future__ import annotations

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest.web.desk.visit import EditionId, OnVisit


def list_editions(visit: OnVisit) -> HTMLResponse:
    """Show the editions, newest first."""
    return visit.page("editions/list", editions=visit.newsroom.desk.list_editions())


def open_edition(visit: OnVisit, edition_id: EditionId) -> Response:
    """Go to the page of an edition that fits its state."""
    head = visit.newsroom.desk.head(edition_id)
    wanted = "sending" if head.is_frozen else "compose"
    known = [name for name, _ in visit.door.pages.tabs]
    return RedirectResponse(
        f"/editions/{edition_id}/{wanted if wanted in known else 'preview'}", 303
    )

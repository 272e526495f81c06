"""The list of editions, and the way to one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest.web.desk.visit import EditionId, OnVisit

#: An edition's id in an address; any other word is none.
_Key = Annotated[int | None, Query(ge=1, lt=2**31)]


def list_editions(
    visit: OnVisit, newsletter: str = "", before: _Key = None, after: _Key = None
) -> HTMLResponse:
    """Show the editions, newest first."""
    page = visit.newsroom.desk.list_editions(newsletter, before=before, after=after)
    return visit.page("editions/list", page=page)


def show_history(visit: OnVisit, edition_id: EditionId) -> HTMLResponse:
    """Show who did what with an edition."""
    history = visit.newsroom.desk.history(edition_id)
    return visit.page("edition/history", head=history.head, history=history)


def open_edition(visit: OnVisit, edition_id: EditionId) -> Response:
    """Go to the page of an edition that fits its state."""
    head = visit.newsroom.desk.head(edition_id)
    wanted = "sending" if head.is_frozen else "compose"
    known = [name for name, _ in visit.door.pages.tabs]
    return RedirectResponse(
        f"/editions/{edition_id}/{wanted if wanted in known else 'preview'}", 303
    )

"""The subscriber's web view: an edition as a page."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from digest.web.public.visit import OnPublic, known
from subscribers.tokens import Purpose


def show_edition(visit: OnPublic, token: str) -> HTMLResponse:
    """Show the subscriber's own variant of an edition."""
    return visit.letter(known(visit.door.web_view(visit.link(Purpose.VIEW, token))))

"""Every route of the desk, with the right that it needs."""

from __future__ import annotations

from digest.models.admins import Right
from digest.web.desk import editions, preview, static
from digest.web.table import Route

DESK: tuple[Route, ...] = (
    Route("GET", "/static/{version}/{name}", None, static.show),
    Route("GET", "/", Right.SEE, editions.list_editions),
    Route("GET", "/editions", Right.SEE, editions.list_editions),
    Route("GET", "/editions/{edition_id}", Right.SEE, editions.open_edition),
    Route("GET", "/editions/{edition_id}/preview", Right.SEE, preview.show_edition),
    Route("GET", "/editions/{edition_id}/preview/mail", Right.SEE, preview.show_mail),
)

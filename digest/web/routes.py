"""Every route of the desk, with the right that it needs."""

from __future__ import annotations

from digest.models.admins import Right
from digest.web.desk import approve, editions, preview, static
from digest.web.table import Route

DESK: tuple[Route, ...] = (
    Route("GET", "/static/{version}/{name}", None, static.show),
    Route("GET", "/", Right.SEE, editions.list_editions),
    Route("GET", "/editions", Right.SEE, editions.list_editions),
    Route("GET", "/editions/{edition_id}", Right.SEE, editions.open_edition),
    Route("GET", "/editions/{edition_id}/preview", Right.SEE, preview.show_edition),
    Route("GET", "/editions/{edition_id}/preview/mail", Right.SEE, preview.show_mail),
    Route("GET", "/editions/{edition_id}/preview/message.eml", Right.SEE, preview.save_message),
    Route("POST", "/editions/{edition_id}/preview/find", Right.SEE, preview.find_subscriber),
    Route("GET", "/weeks", Right.SEE, preview.choose_week),
    Route("GET", "/weeks/{newsletter}/{week}", Right.SEE, preview.show_week),
    Route("GET", "/weeks/{newsletter}/{week}/mail", Right.SEE, preview.show_week_mail),
    Route("POST", "/weeks/{newsletter}/{week}/find", Right.SEE, preview.find_week_subscriber),
    Route("GET", "/weeks/{newsletter}/{week}/message.eml", Right.SEE, preview.save_week_message),
    Route("GET", "/editions/{edition_id}/approve", Right.SEE, approve.show),
    Route("POST", "/editions/{edition_id}/approve", Right.APPROVE, approve.approve),
    Route("POST", "/editions/{edition_id}/approve/check", Right.COMPOSE, approve.examine),
    Route("POST", "/editions/{edition_id}/approve/withdraw", Right.APPROVE, approve.withdraw),
    Route("POST", "/editions/{edition_id}/approve/cancel", Right.CANCEL, approve.cancel),
)

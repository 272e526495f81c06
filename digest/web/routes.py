"""Every route of the desk, with the right that it needs."""

from __future__ import annotations

from digest.models.admins import Right
from digest.web.desk import (
    approve,
    editions,
    home,
    preview,
    report,
    sending,
    signing_in,
    static,
    testing,
)
from digest.web.table import Route

DESK: tuple[Route, ...] = (
    Route("GET", "/static/{version}/{name}", None, static.show),
    Route("GET", "/sign-in", None, signing_in.show),
    Route("POST", "/sign-in", None, signing_in.sign_in),
    Route("POST", "/sign-out", Right.SEE, signing_in.sign_out),
    Route("GET", "/", Right.SEE, home.show),
    Route("GET", "/plan", Right.SEE, home.show_plan),
    Route("GET", "/editions", Right.SEE, editions.list_editions),
    Route("GET", "/editions/{edition_id}", Right.SEE, editions.open_edition),
    Route("GET", "/editions/{edition_id}/preview", Right.SEE, preview.show_edition),
    Route("GET", "/editions/{edition_id}/preview/mail", Right.SEE, preview.show_mail),
    Route("GET", "/editions/{edition_id}/history", Right.SEE, editions.show_history),
    Route("GET", "/editions/{edition_id}/preview/test", Right.TEST, testing.show),
    Route("POST", "/editions/{edition_id}/preview/test", Right.TEST, testing.send),
    Route("GET", "/editions/{edition_id}/sending", Right.SEE, sending.show),
    Route("GET", "/editions/{edition_id}/sending/events", Right.SEE, sending.watch),
    Route("GET", "/editions/{edition_id}/sending/mails", Right.SEE, sending.list_mails),
    Route("GET", "/editions/{edition_id}/sending/mails.csv", Right.SEE, report.deliveries_file),
    Route("POST", "/editions/{edition_id}/sending/order", Right.SEND, sending.order),
    Route("POST", "/editions/{edition_id}/sending/withdraw", Right.SEND, sending.withdraw),
    Route("POST", "/editions/{edition_id}/sending/pause", Right.PAUSE, sending.pause),
    Route("POST", "/editions/{edition_id}/sending/resume", Right.RESUME, sending.resume),
    Route("POST", "/editions/{edition_id}/sending/cancel", Right.CANCEL, sending.cancel),
    Route("POST", "/editions/{edition_id}/sending/resolve", Right.RESOLVE, sending.resolve),
    Route("GET", "/report", Right.SEE, report.show),
    Route("GET", "/report/editions.csv", Right.SEE, report.editions_file),
    Route("GET", "/report/days.csv", Right.SEE, report.days_file),
    Route("GET", "/report/mails", Right.SEE, report.find_mails),
    Route("GET", "/report/webhooks", Right.SEE, report.show_webhooks),
    Route("GET", "/editions/{edition_id}/preview/message.eml", Right.SEE, preview.save_message),
    Route("POST", "/editions/{edition_id}/preview/find", Right.SEE, preview.find_subscriber),
    Route("GET", "/weeks", Right.SEE, preview.choose_week),
    Route("GET", "/weeks/{newsletter}/{week}", Right.SEE, preview.show_week),
    Route("GET", "/weeks/{newsletter}/{week}/mail", Right.SEE, preview.show_week_mail),
    Route("GET", "/weeks/{newsletter}/{week}/message.eml", Right.SEE, preview.save_week_message),
    Route("GET", "/editions/{edition_id}/approve", Right.SEE, approve.show),
    Route("POST", "/editions/{edition_id}/approve", Right.APPROVE, approve.approve),
    Route("POST", "/editions/{edition_id}/approve/check", Right.COMPOSE, approve.examine),
    Route("POST", "/editions/{edition_id}/approve/withdraw", Right.APPROVE, approve.withdraw),
    Route("POST", "/editions/{edition_id}/approve/cancel", Right.CANCEL, approve.cancel),
)

"""The page that sends a test mail."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi.responses import HTMLResponse, Response

from digest.errors import NothingToDo, Refused, RelayError, UsageError
from digest.models.admins import Right
from digest.web.desk.entry import Forbidden
from digest.web.desk.visit import EditionId, OnVisit, Visit
from digest.web.forms import SentForm, first_of
from subscribers.errors import SubscriberError


def show(visit: OnVisit, edition_id: EditionId) -> HTMLResponse:
    """Show who may get a test mail."""
    return visit.page("sending/test", **_values(visit, edition_id, "", ()))


async def send(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Send a test mail, and show what the server answered for each recipient."""
    person, chosen = first_of(form, "person").strip(), tuple(form.get("to", ()))
    if person and not visit.may(Right.OPEN):
        raise Forbidden(f"The mail of a subscriber needs the right “{Right.OPEN}”.")
    values = await asyncio.to_thread(_values, visit, edition_id, person, chosen)
    try:
        mails = await visit.newsroom.sending.test(
            edition_id, chosen, as_address=person, by=visit.actor
        )
    except (NothingToDo, Refused, RelayError, SubscriberError, UsageError) as error:
        return visit.refused("sending/test", f"{error}", **values)
    return visit.page("sending/test", **{**values, "mails": mails})


def _values(visit: Visit, edition_id: int, person: str, chosen: tuple[str, ...]) -> dict[str, Any]:
    return {
        "head": visit.newsroom.desk.head(edition_id),
        "testers": visit.newsroom.sending.testers(edition_id, by=visit.actor),
        "person": person,
        "chosen": chosen,
        "mails": (),
    }

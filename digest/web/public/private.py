"""The pages of one person's data, behind the private link that was mailed to them."""

from __future__ import annotations

import json
from datetime import datetime

from babel.dates import format_date, format_time, get_datetime_format
from fastapi.responses import HTMLResponse, Response

from digest.newsroom.self_service.privacy import (
    PrivatePage,
    erase_self,
    export_person,
    show_private,
)
from digest.text.languages import locale_of
from digest.web.forms import SentForm
from digest.web.public.visit import OnPublic, PublicVisit, known
from subscribers.tokens import Link, Purpose


def show(visit: OnPublic, token: str) -> HTMLResponse:
    """Show what a person can do with their data."""
    return _answer(visit, "private", token, _find(visit, token))


def download(visit: OnPublic, token: str) -> Response:
    """Return a person's data as a file."""
    data = known(export_person(visit.door.context, _read(visit, token)))
    text = json.dumps(data, ensure_ascii=False, indent=2, default=_plain)
    headers = {"content-disposition": 'attachment; filename="my-data.json"'}
    return Response(text + "\n", media_type="application/json", headers=headers)


def ask_to_erase(visit: OnPublic, token: str) -> HTMLResponse:
    """Ask whether to erase a person's data."""
    return _answer(visit, "erase", token, _find(visit, token))


def erase(visit: OnPublic, token: str, form: SentForm) -> HTMLResponse:
    """Erase a person's data."""
    if form.get("sure", [""])[-1] != "yes":
        return _answer(visit, "erase", token, _find(visit, token), has_fault=True)
    return _answer(visit, "erased", token, erase_self(visit.door.context, _read(visit, token)))


def _read(visit: PublicVisit, token: str) -> Link:
    return visit.link(Purpose.PRIVATE, token)


def _find(visit: PublicVisit, token: str) -> PrivatePage | None:
    return show_private(visit.door.context, _read(visit, token))


def _answer(
    visit: PublicVisit,
    name: str,
    token: str,
    found: PrivatePage | None,
    *,
    has_fault: bool = False,
) -> HTMLResponse:
    page = known(found)
    return visit.pages.answer(
        name,
        newsletter=page.newsletter,
        language=page.language,
        status=422 if has_fault else 200,
        page=page,
        token=token,
        ends_at=_in_words(page.ends_at, page.language),
        has_fault=has_fault,
    )


def _in_words(when: datetime, language: str) -> str:
    """Return the day and the time, without seconds."""
    locale = locale_of(language)
    day, clock = format_date(when, "long", locale=locale), format_time(when, "short", locale=locale)
    form = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    return form.replace("{1}", day).replace("{0}", clock)


def _plain(value: object) -> object:
    """Return a value that JSON does not have as one that it has."""
    return value.isoformat() if isinstance(value, datetime) else str(value)

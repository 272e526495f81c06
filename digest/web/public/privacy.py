"""The pages about stored data: one for the public, and those of one person."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from math import ceil

from babel.dates import format_date, format_time, get_datetime_format
from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, Response

from digest.newsroom.context import RunContext
from digest.newsroom.self_service.privacy import (
    PrivatePage,
    erase_self,
    export_person,
    show_private,
)
from digest.text.languages import base_of, is_spoken, locale_of
from digest.web.forms import SentForm
from digest.web.public.pages import PublicPages
from subscribers.tokens import Link, LinkReader, Purpose


def privacy_routes(pages: PublicPages, unconfirmed: timedelta) -> APIRouter:
    """Return the route of the page for everybody.

    Args:
        pages: the renderer.
        unconfirmed: after that, a sign-up that is not confirmed is deleted.
    """
    router = APIRouter()

    @router.api_route("/privacy", methods=["GET", "HEAD"])
    @router.api_route("/privacy/{newsletter}", methods=["GET", "HEAD"])
    def show_privacy(newsletter: str = "", lang: str = "") -> HTMLResponse:
        if newsletter and not pages.has(newsletter):
            raise HTTPException(404)
        spoken = base_of(lang) if is_spoken(lang) else ""
        return pages.answer(
            "privacy",
            newsletter=newsletter,
            language=spoken,
            is_indexed=True,
            unconfirmed_days=ceil(unconfirmed / timedelta(days=1)),
        )

    return router


def private_routes(links: LinkReader, context: RunContext, pages: PublicPages) -> APIRouter:
    """Return the routes of one person's pages, behind the private link that was mailed to them."""
    router = APIRouter()

    def read(token: str) -> Link:
        link = links.read(Purpose.PRIVATE, token)
        if link is None:
            raise HTTPException(404)
        return link

    def answer(
        name: str, token: str, page: PrivatePage | None, *, has_fault: bool = False
    ) -> HTMLResponse:
        if page is None:
            raise HTTPException(404)
        return pages.answer(
            name,
            newsletter=page.newsletter,
            language=page.language,
            status=422 if has_fault else 200,
            page=page,
            token=token,
            ends_at=_in_words(page.ends_at, page.language),
            has_fault=has_fault,
        )

    @router.api_route("/d/{token}", methods=["GET", "HEAD"])
    def show(token: str) -> HTMLResponse:
        return answer("private", token, show_private(context, read(token)))

    @router.post("/d/{token}")
    def download(token: str) -> Response:
        data = export_person(context, read(token))
        if data is None:
            raise HTTPException(404)
        text = json.dumps(data, ensure_ascii=False, indent=2, default=_plain)
        headers = {"content-disposition": 'attachment; filename="my-data.json"'}
        return Response(text + "\n", media_type="application/json", headers=headers)

    @router.api_route("/d/{token}/erase", methods=["GET", "HEAD"])
    def ask(token: str) -> HTMLResponse:
        return answer("erase", token, show_private(context, read(token)))

    @router.post("/d/{token}/erase")
    def erase(token: str, form: SentForm) -> HTMLResponse:
        if form.get("sure", [""])[-1] != "yes":
            return answer("erase", token, show_private(context, read(token)), has_fault=True)
        return answer("erased", token, erase_self(context, read(token)))

    return router


def _in_words(when: datetime, language: str) -> str:
    """Return the day and the time, without seconds."""
    locale = locale_of(language)
    day, clock = format_date(when, "long", locale=locale), format_time(when, "short", locale=locale)
    form = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    return form.replace("{1}", day).replace("{0}", clock)


def _plain(value: object) -> object:
    """Return a value that JSON does not have as one that it has."""
    return value.isoformat() if isinstance(value, datetime) else str(value)

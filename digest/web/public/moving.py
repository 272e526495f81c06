"""The page that confirms or refuses a change of address, at either end."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from digest.newsroom.context import RunContext
from digest.newsroom.self_service.moving import PURPOSES, MovePage, answer_move, show_move
from digest.web.forms import SentForm
from digest.web.public.pages import PublicPages
from subscribers.moving import End
from subscribers.tokens import Link, LinkReader


def moving_routes(links: LinkReader, context: RunContext, pages: PublicPages) -> APIRouter:
    """Return the routes of the page about a change of address."""
    router = APIRouter()

    def answer(token: str, ask: Callable[[Link, End], MovePage | None]) -> HTMLResponse:
        for end, purpose in PURPOSES.items():
            link = links.read(purpose, token)
            page = ask(link, end) if link else None
            if page is not None:
                return pages.answer(
                    "moving",
                    newsletter=page.newsletter,
                    language=page.language,
                    page=page,
                    token=token,
                )
        raise HTTPException(404)

    @router.api_route("/m/{token}", methods=["GET", "HEAD"])
    def show(token: str) -> HTMLResponse:
        return answer(token, lambda link, end: show_move(context, link, end))

    @router.post("/m/{token}")
    def decide(token: str, form: SentForm) -> HTMLResponse:
        return answer(token, lambda link, end: answer_move(context, link, end, form))

    return router

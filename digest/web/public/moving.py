"""The page that confirms or refuses a change of address, at either end."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import HTTPException
from fastapi.responses import HTMLResponse

from digest.newsroom.self_service.moving import PURPOSES, MovePage, answer_move, show_move
from digest.web.forms import SentForm
from digest.web.public.visit import OnPublic, PublicVisit
from subscribers.moving import End
from subscribers.tokens import Link


def show(visit: OnPublic, token: str) -> HTMLResponse:
    """Show a change of address, and ask for an answer."""
    return _answer(visit, token, lambda link, end: show_move(visit.door.context, link, end))


def decide(visit: OnPublic, token: str, form: SentForm) -> HTMLResponse:
    """Agree to a change of address, or refuse it."""
    return _answer(visit, token, lambda link, end: answer_move(visit.door.context, link, end, form))


def _answer(
    visit: PublicVisit, token: str, ask: Callable[[Link, End], MovePage | None]
) -> HTMLResponse:
    """Return the page for the end that the token was signed for."""
    for end, purpose in PURPOSES.items():
        link = visit.door.links.read(purpose, token)
        page = ask(link, end) if link else None
        if page is not None:
            return visit.pages.answer(
                "moving",
                newsletter=page.newsletter,
                language=page.language,
                page=page,
                token=token,
            )
    raise HTTPException(404)

"""The page that confirms a sign-up: one button. Opening it changes nothing."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from digest.newsroom.self_service.joining import JoiningPage
from digest.web.public.visit import OnPublic, PublicVisit, known
from subscribers.tokens import Link, Purpose


def ask(visit: OnPublic, token: str) -> HTMLResponse:
    """Ask to confirm a sign-up."""
    link = _read(visit, token)
    joining = visit.door.sign_ups.find_joining(link)
    if joining is None:
        return _expired(visit, link)
    if joining.is_confirmed:
        return _joined(visit, joining)
    return visit.pages.answer(
        "confirm",
        newsletter=joining.newsletter,
        language=joining.language,
        joining=joining,
        token=token,
    )


def confirm(visit: OnPublic, token: str) -> HTMLResponse:
    """Confirm a sign-up."""
    link = _read(visit, token)
    joining = visit.door.sign_ups.join(link)
    return _joined(visit, joining) if joining else _expired(visit, link)


def _read(visit: PublicVisit, token: str) -> Link:
    link = visit.link(Purpose.CONFIRM, token)
    known(visit.door.sign_ups.find(link.newsletter))
    return link


def _expired(visit: PublicVisit, link: Link) -> HTMLResponse:
    return visit.pages.answer("expired", newsletter=link.newsletter, status=410)


def _joined(visit: PublicVisit, joining: JoiningPage) -> HTMLResponse:
    return visit.with_pictures(
        visit.pages.answer(
            "joined",
            newsletter=joining.newsletter,
            language=joining.language,
            joining=joining,
            newest=visit.door.sign_ups.newest(joining.newsletter),
        )
    )

"""The page that confirms a sign-up: one button. Opening it changes nothing."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from digest.newsroom.self_service.joining import JoiningPage
from digest.web.guards import picture_policy
from digest.web.ports import SignUpDesk
from digest.web.public.pages import PublicPages
from subscribers.tokens import Link, LinkReader, Purpose


def confirm_routes(
    links: LinkReader, desk: SignUpDesk, pages: PublicPages, *, allow_http_images: bool
) -> APIRouter:
    """Return the routes of the page that confirms."""
    router = APIRouter()
    headers = {"content-security-policy": picture_policy(allow_http_images=allow_http_images)}

    def read(token: str) -> Link:
        link = links.read(Purpose.CONFIRM, token)
        if link is None or desk.find(link.newsletter) is None:
            raise HTTPException(404)
        return link

    def expired(link: Link) -> HTMLResponse:
        return pages.answer("expired", newsletter=link.newsletter, status=410)

    def joined(joining: JoiningPage) -> HTMLResponse:
        answer = pages.answer(
            "joined",
            newsletter=joining.newsletter,
            language=joining.language,
            joining=joining,
            newest=desk.newest(joining.newsletter),
        )
        answer.headers.update(headers)
        return answer

    @router.api_route("/c/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> HTMLResponse:
        link = read(token)
        joining = desk.find_joining(link)
        if joining is None:
            return expired(link)
        if joining.is_confirmed:
            return joined(joining)
        return pages.answer(
            "confirm",
            newsletter=joining.newsletter,
            language=joining.language,
            joining=joining,
            token=token,
        )

    @router.post("/c/{token}")
    def confirm(token: str) -> HTMLResponse:
        link = read(token)
        joining = desk.join(link)
        return joined(joining) if joining else expired(link)

    return router

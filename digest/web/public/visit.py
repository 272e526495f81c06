"""One request of the public pages: whose link it has, and how to answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse

from digest.newsroom.self_service.sign_ups import WAIT
from digest.web.clients import network_of
from digest.web.guards import letter_policy, picture_policy
from digest.web.public.door import PublicDoor
from digest.web.public.pages import PublicPages
from subscribers.tokens import Link, Purpose

#: A newsletter's name; `-` stands for none.
NewsletterName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicVisit:
    """One request of the public pages; given to every handler."""

    door: PublicDoor
    request: Request

    @property
    def pages(self) -> PublicPages:
        """The renderer."""
        return self.door.pages

    @property
    def network(self) -> str:
        """The network of the client; empty if it has none of its own."""
        request = self.request
        peer = request.client.host if request.client else ""
        forwarded = request.headers.getlist("x-forwarded-for")
        return network_of(peer, forwarded, self.door.trusted_proxies)

    def link(self, purpose: Purpose, token: str) -> Link:
        """Return the link of a token.

        Raises:
            HTTPException: the token was not signed for this purpose: 404.
        """
        return known(self.door.links.read(purpose, token))

    def letter(self, html: str) -> HTMLResponse:
        """Return a letter as a page; its content policy blocks scripts and forms."""
        policy = letter_policy(allow_http_images=self.door.is_development, frame_ancestors="'none'")
        return HTMLResponse(html, headers={"content-security-policy": policy})

    def with_pictures(self, answer: HTMLResponse) -> HTMLResponse:
        """Return a page with the content policy that allows pictures of other sites."""
        policy = picture_policy(allow_http_images=self.door.is_development)
        answer.headers["content-security-policy"] = policy
        return answer

    def too_many(self, form: str, *, newsletter: str = "", language: str = "") -> HTMLResponse:
        """Return the answer to a network that sends too many forms; `form` is the form's path."""
        answer = self.pages.answer(
            "too-many", newsletter=newsletter, language=language, status=429, form=form
        )
        answer.headers["retry-after"] = str(int(WAIT.total_seconds()))
        return answer


def known(found: _Found | None) -> _Found:
    """Return what was found.

    Raises:
        HTTPException: it is None: 404.
    """
    if found is None:
        raise HTTPException(404)
    return found


async def visit_of(request: Request) -> PublicVisit:
    """Return the visit of a request. Async, because a thread costs more than this."""
    return PublicVisit(door=request.app.state.door, request=request)


OnPublic = Annotated[PublicVisit, Depends(visit_of)]

"""The style sheets and icons of the public pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from digest.web.public.pages import PublicPages

#: A newsletter's name; `-` stands for none.
NewsletterName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]


def design_routes(pages: PublicPages) -> APIRouter:
    """Return the routes of the style sheets and icons."""
    router = APIRouter(default_response_class=Response)

    @router.api_route("/style.css", methods=["GET", "HEAD"])
    def show_style() -> Response:
        return pages.style()

    @router.api_route("/theme/{newsletter}.css", methods=["GET", "HEAD"])
    def show_theme(newsletter: NewsletterName) -> Response:
        return pages.theme(newsletter)

    @router.api_route("/theme/{newsletter}.svg", methods=["GET", "HEAD"])
    def show_icon(newsletter: NewsletterName) -> Response:
        return pages.icon(newsletter)

    # Browsers ask for it on the pages of letters, which name no icon and are sandboxed: to them,
    # every answer is one of another site.
    @router.api_route("/favicon.ico", methods=["GET", "HEAD"])
    def show_first_icon() -> Response:
        answer = pages.icon("-")
        answer.headers["cross-origin-resource-policy"] = "cross-origin"
        return answer

    return router

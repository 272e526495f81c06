"""The editors' pages, on loopback: editions and their exact mails, read-only."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from digest.web.desk.editions import edition_list_routes
from digest.web.desk.preview import preview_routes
from digest.web.guards import BodyLimit, LoopbackOnly, SecurityHeaders
from digest.web.pages import Pages
from digest.web.ports import Editions
from digest.web.problems import add_problem_pages

#: The only accepted host names: a foreign site may point its own name at this machine (DNS
#: rebinding).
_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def create_admin(editions: Editions, pages: Pages) -> ASGIApp:
    """Return the application of the admin pages, including its guards."""
    app = FastAPI(openapi_url=None)
    app.include_router(edition_list_routes(editions, pages))
    app.include_router(preview_routes(editions, pages))
    app.add_api_route("/style.css", pages.style, methods=["GET", "HEAD"], response_class=Response)
    add_problem_pages(app, pages, shows_error=True)
    hosted = TrustedHostMiddleware(BodyLimit(app), allowed_hosts=_HOSTS, www_redirect=False)
    return SecurityHeaders(LoopbackOnly(hosted))

"""The style sheets and icons of the public pages."""

from __future__ import annotations

from fastapi.responses import Response

from digest.web.public.visit import NewsletterName, OnPublic


def show_style(visit: OnPublic) -> Response:
    """Return the style sheet of all pages."""
    return visit.pages.style()


def show_theme(visit: OnPublic, newsletter: NewsletterName) -> Response:
    """Return the style sheet with a newsletter's colours and fonts."""
    return visit.pages.theme(newsletter)


def show_icon(visit: OnPublic, newsletter: NewsletterName) -> Response:
    """Return a newsletter's icon."""
    return visit.pages.icon(newsletter)


def show_first_icon(visit: OnPublic) -> Response:
    """Return the icon of pages that name none."""
    answer = visit.pages.icon("-")
    # Browsers ask for it on the pages of letters, which are sandboxed: to them, every answer is
    # one of another site.
    answer.headers["cross-origin-resource-policy"] = "cross-origin"
    return answer

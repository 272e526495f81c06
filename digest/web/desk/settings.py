"""The settings in force, and the counts over the whole list."""

from __future__ import annotations

from fastapi.responses import HTMLResponse, Response

from digest import __version__
from digest.web.desk.visit import OnVisit
from digest.web.forms import SentForm, first_of


def show(visit: OnVisit) -> HTMLResponse:
    """Show the settings in force, the database and the version."""
    newsroom = visit.newsroom
    return visit.page(
        "settings/show",
        settings=newsroom.settings(),
        health=newsroom.database_health(),
        version=__version__,
    )


def count_again(visit: OnVisit, form: SentForm) -> Response:
    """Count the whole list, then go back to the page that asked."""
    is_counted = visit.newsroom.count_again(first_of(form, "newsletter"), by=visit.actor)
    back = first_of(form, "back")
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    said = "Counted." if is_counted else "A count runs, or ended within the last minute."
    return visit.done(back if is_ours else "/subscribers", said)

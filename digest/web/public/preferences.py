"""The page of a subscriber's choices, behind the signed link in each mail.

Opening it changes nothing, also with choices in its address, which are only shown. No cookie and no
login is needed: the token proves whose choices they are.
"""

from __future__ import annotations

from collections.abc import Callable

from babel.dates import format_date, format_time, get_timezone_location
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from digest.newsroom.context import RunContext
from digest.newsroom.self_service.moving import ask_to_move
from digest.newsroom.self_service.preferences import pause, save_preferences, show_preferences
from digest.newsroom.self_service.preferences_page import PAUSES, PreferencesPage
from digest.newsroom.self_service.privacy import ask_for_link
from digest.text.languages import locale_of
from digest.web.forms import SentForm, fields_or_404
from digest.web.public.pages import PublicPages
from subscribers.tokens import Link, LinkReader, LinkSigner, Purpose


def preferences_routes(
    links: LinkReader, signer: LinkSigner, context: RunContext, pages: PublicPages
) -> APIRouter:
    """Return the routes of the preferences page."""
    router = APIRouter()

    def answer(
        token: str, ask: Callable[[Link], PreferencesPage | None], typed_address: str = ""
    ) -> HTMLResponse:
        link = links.read(Purpose.PREFERENCES, token)
        page = ask(link) if link else None
        if link is None or page is None:
            raise HTTPException(404)
        return pages.answer(
            "preferences",
            newsletter=page.newsletter,
            language=page.language,
            status=422 if page.faults else 200,
            page=page,
            next_edition=_in_words(page),
            pauses=PAUSES,
            token=token,
            leave_token=signer.sign(Purpose.LEAVE, link),
            typed_address=typed_address if "address" in page.faults else "",
        )

    @router.api_route("/p/{token}", methods=["GET", "HEAD"])
    def show(token: str, request: Request) -> HTMLResponse:
        form = fields_or_404(request.url.query.encode())
        shown = form if "show" in form else None
        return answer(token, lambda link: show_preferences(context, link, form=shown))

    @router.post("/p/{token}")
    def save(token: str, form: SentForm) -> HTMLResponse:
        return answer(token, lambda link: save_preferences(context, link, form))

    @router.post("/p/{token}/pause")
    def change_pause(token: str, form: SentForm) -> HTMLResponse:
        return answer(token, lambda link: pause(context, link, form))

    @router.post("/p/{token}/address")
    def move(token: str, form: SentForm) -> HTMLResponse:
        typed = form.get("address", [""])[-1][:320]
        return answer(token, lambda link: ask_to_move(context, link, form), typed)

    @router.post("/p/{token}/data")
    def ask_for_data(token: str) -> HTMLResponse:
        return answer(token, lambda link: ask_for_link(context, link))

    @router.api_route("/p/{token}/{part}", methods=["GET", "HEAD"])
    def show_again(token: str, part: str) -> HTMLResponse:
        """Answer a reload of a page that a form opened."""
        if part not in ("pause", "address", "data"):
            raise HTTPException(404)
        return answer(token, lambda link: show_preferences(context, link))

    return router


def _in_words(page: PreferencesPage) -> dict[str, str] | None:
    """Return the day, the hour and the place of the next edition."""
    if page.next_at is None:
        return None
    locale = locale_of(page.language)
    return {
        "day": format_date(page.next_at, "full", locale=locale),
        "time": format_time(page.next_at, "short", locale=locale),
        "place": get_timezone_location(page.zone, locale=locale, return_city=True),
    }

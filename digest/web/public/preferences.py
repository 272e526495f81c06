"""The page of a subscriber's choices, behind the signed link in each mail.

Opening it changes nothing, also with choices in its address, which are only shown. No cookie and no
login is needed: the token proves whose choices they are.
"""

from __future__ import annotations

from collections.abc import Callable

from babel.dates import format_date, format_time, get_timezone_location
from fastapi import HTTPException
from fastapi.responses import HTMLResponse

from digest.newsroom.context import RunContext
from digest.newsroom.self_service.moving import ask_to_move
from digest.newsroom.self_service.preferences import pause, save_preferences, show_preferences
from digest.newsroom.self_service.preferences_page import PAUSES, PreferencesPage
from digest.newsroom.self_service.privacy import ask_for_link
from digest.text.languages import locale_of
from digest.web.forms import SentForm, fields_or_404
from digest.web.public.visit import OnPublic, PublicVisit, known
from subscribers.tokens import Link, Purpose

_Ask = Callable[[RunContext, Link], PreferencesPage | None]


def show(visit: OnPublic, token: str) -> HTMLResponse:
    """Show a subscriber's choices, or those of the address, which are not saved."""
    form = fields_or_404(visit.request.url.query.encode())
    shown = form if "show" in form else None
    return _answer(visit, token, lambda context, link: show_preferences(context, link, form=shown))


def save(visit: OnPublic, token: str, form: SentForm) -> HTMLResponse:
    """Save a subscriber's choices."""
    return _answer(visit, token, lambda context, link: save_preferences(context, link, form))


def change_pause(visit: OnPublic, token: str, form: SentForm) -> HTMLResponse:
    """Begin or end a pause."""
    return _answer(visit, token, lambda context, link: pause(context, link, form))


def move(visit: OnPublic, token: str, form: SentForm) -> HTMLResponse:
    """Mail the links that change the subscriber's address."""
    typed = form.get("address", [""])[-1][:320]
    return _answer(visit, token, lambda context, link: ask_to_move(context, link, form), typed)


def ask_for_data(visit: OnPublic, token: str) -> HTMLResponse:
    """Mail the private link to the subscriber's data."""
    return _answer(visit, token, ask_for_link)


def show_again(visit: OnPublic, token: str, part: str) -> HTMLResponse:
    """Answer a reload of a page that a form opened."""
    if part not in ("pause", "address", "data"):
        raise HTTPException(404)
    return _answer(visit, token, show_preferences)


def _answer(visit: PublicVisit, token: str, ask: _Ask, typed_address: str = "") -> HTMLResponse:
    link = visit.link(Purpose.PREFERENCES, token)
    page = known(ask(visit.door.context, link))
    return visit.pages.answer(
        "preferences",
        newsletter=page.newsletter,
        language=page.language,
        status=422 if page.faults else 200,
        page=page,
        next_edition=_in_words(page),
        pauses=PAUSES,
        token=token,
        leave_token=visit.door.signer.sign(Purpose.LEAVE, link),
        typed_address=typed_address if "address" in page.faults else "",
    )


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

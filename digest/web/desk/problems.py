"""Answers the requests that cannot be served, and the errors of use cases, with a page."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from digest.errors import (
    ConfigError,
    DigestError,
    NothingToDo,
    Refused,
    RelayError,
    StoreError,
    TemplateError,
    UsageError,
)
from digest.web.desk.entry import (
    Forbidden,
    Outdated,
    SignInNeeded,
    begin_visit,
    is_same_site,
)
from digest.web.desk.signing_in import local_path
from digest.web.desk.visit import Visit
from digest.web.forms import read_form
from digest.web.methods import allow_header
from digest.web.problems import RETRY_AFTER_S
from digest.web.table import SAFE_METHODS
from subscribers.errors import SubscriberError

_log = logging.getLogger(__name__)

_HEADINGS = {
    400: "This cannot be done",
    403: "You may not do this",
    404: "This page does not exist",
    405: "This page cannot do that",
    409: "This was refused",
    422: "This cannot be done",
    503: "Please try again in a minute",
}


def add_desk_problems(app: FastAPI) -> None:
    """Answer every error of the desk with a page that has the heading and the error's line."""
    app.add_exception_handler(HTTPException, _answer_missing)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(Forbidden, _answer_forbidden)
    app.add_exception_handler(Outdated, _answer_outdated)
    app.add_exception_handler(SignInNeeded, _answer_unknown)
    app.add_exception_handler(SubscriberError, _answer_error)
    app.add_exception_handler(NothingToDo, _answer_nothing)
    app.add_exception_handler(DigestError, _answer_error)
    app.add_exception_handler(Exception, _answer_fault)


def status_of(error: Exception, *, is_change: bool) -> int:
    """Return the status that answers an error.

    Args:
        error: the error of a use case.
        is_change: whether a form was sent; otherwise the address names what does not exist.
    """
    match error:
        case UsageError():
            return 422 if is_change else 404
        case SubscriberError():
            return 422
        case NothingToDo() | Refused() | ConfigError():
            return 409
        case StoreError() | RelayError():
            return 503
        case _:
            return 500


def _answer_missing(request: Request, error: Exception) -> HTMLResponse:
    """Answer an address that does not exist, with the navigation for who is signed in."""
    line = "Check the address, or choose a page above."
    try:
        # Without the line that waits for the next page: a missing icon is asked for in between.
        request.state.visit = replace(begin_visit(request), said="")
    except (Forbidden, SignInNeeded):
        line = "Check the address."
    status = 404
    if isinstance(error, HTTPException):
        status, line = error.status_code, error.detail if error.status_code == 422 else line
    answer = _answer(request, status, line)
    answer.headers.update(allow_header(request, status))
    return answer


def _answer_invalid(request: Request, _error: Exception) -> HTMLResponse:
    """Answer an address or a form whose values cannot be read."""
    if request.method in SAFE_METHODS:
        return _answer(request, 404, "Check the address, or choose a page above.")
    return _answer(request, 422, "The form is incomplete. Go back, reload the page and try again.")


def _answer_forbidden(request: Request, error: Exception) -> HTMLResponse:
    return _answer(request, 403, f"{error} Nothing was changed.")


async def _answer_outdated(request: Request, error: Exception) -> HTMLResponse:
    """Refuse a form of an earlier session; show what was written, because reloading deletes it."""
    is_visitor = getattr(request.state, "visit", None) is None
    written = () if is_visitor else await _written_in(request)
    return _answer(request, 403, f"{error} Nothing was changed.", written=written)


async def _answer_unknown(request: Request, _error: Exception) -> Response:
    """Send a client that has not signed in to the page where it can, and back afterwards."""
    if request.method not in SAFE_METHODS:
        line = "You are not signed in any more. Nothing was changed."
        written = await _written_in(request) if is_same_site(request) else ()
        sign_in = f"/sign-in?{urlencode({'to': _page_before(request)})}"
        return _answer(request, 403, line, sign_in=sign_in, written=written)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?{urlencode({'to': asked})}", 303)


async def _written_in(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the texts of a form, with the names of their fields: the values of several words."""
    try:
        form = await read_form(request)
    except HTTPException:
        return ()
    texts = [(name, value) for name, values in form.items() for value in values]
    return tuple((name, value) for name, value in texts if len(value.split()) > 1)


def _page_before(request: Request) -> str:
    """Return the page that sent a form; empty if unknown, or if only a form can ask for it."""
    sent_from = urlsplit(request.headers.get("referer", ""))
    asked = {"type": "http", "method": "GET", "path": sent_from.path}
    if all(route.matches(asked)[0] is not Match.FULL for route in request.app.routes):
        return ""
    return local_path(f"{sent_from.path}?{sent_from.query}".rstrip("?"))


def _answer_nothing(request: Request, error: Exception) -> Response:
    """Answer a form that asks for what is so already, such as one sent twice, with its own page.

    A part of a page that a script asks for is no place for a whole page.
    """
    visit: Visit | None = getattr(request.state, "visit", None)
    is_part = "hx-request" in request.headers and "hx-boosted" not in request.headers
    is_form = request.method not in SAFE_METHODS and not is_part
    page = _page_before(request) if is_form else ""
    return visit.done(page, f"{error}") if visit and page else _answer_error(request, error)


def _answer_error(request: Request, error: Exception) -> HTMLResponse:
    status = status_of(error, is_change=request.method not in SAFE_METHODS)
    if status >= 500:
        log = _log.warning if status == 503 else _log.error
        log("cannot serve %s: %s", request.url.path, error)
    answer = _answer(request, status, f"{error}", is_template=isinstance(error, TemplateError))
    if status == 503:
        answer.headers["retry-after"] = str(RETRY_AFTER_S)
    return answer


def _answer_fault(request: Request, error: Exception) -> HTMLResponse:
    _log.error("cannot serve %s", request.url.path, exc_info=error)
    return _answer(request, 500, "An error occurred. It was logged.")


def _answer(
    request: Request,
    status: int,
    line: str,
    *,
    is_template: bool = False,
    sign_in: str = "",
    written: tuple[tuple[str, str], ...] = (),
) -> HTMLResponse:
    """Return the page; with its navigation only if its templates are not what failed."""
    pages = request.app.state.door.pages
    visit = None if is_template else getattr(request.state, "visit", None)
    values: dict[str, object] = {
        "heading": _HEADINGS.get(status, "This page cannot be shown"),
        "line": line,
        "sign_in": sign_in,
        "written": written,
    }
    if visit is not None:
        answer: HTMLResponse = visit.page("problem", status=status, **values)
    else:
        answer = pages.answer("problem", status=status, **values)
    return answer

"""Answers the requests that cannot be served, and the errors of use cases, with a page."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

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
from digest.web.desk.entry import Forbidden, SignInNeeded
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
    app.add_exception_handler(SignInNeeded, _answer_unknown)
    app.add_exception_handler(SubscriberError, _answer_error)
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
    status, line = 404, "Check the address, or choose a page above."
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


def _answer_unknown(request: Request, _error: Exception) -> Response:
    """Send a client that has not signed in to the page where it can, and back afterwards."""
    if request.method not in SAFE_METHODS:
        line = "You are not signed in any more. Nothing was changed."
        return _answer(request, 403, line, is_signed_out=True)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?{urlencode({'to': asked})}", 303)


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
    is_signed_out: bool = False,
) -> HTMLResponse:
    """Return the page; with its navigation only if its templates are not what failed."""
    pages = request.app.state.door.pages
    visit = None if is_template else getattr(request.state, "visit", None)
    values: dict[str, object] = {
        "heading": _HEADINGS.get(status, "This page cannot be shown"),
        "line": line,
        "is_signed_out": is_signed_out,
    }
    if visit is not None:
        answer: HTMLResponse = visit.page("problem", status=status, **values)
    else:
        answer = pages.answer("problem", status=status, **values)
    return answer

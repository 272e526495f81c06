"""Responses to requests that cannot be served, one page for each kind of problem."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from digest.errors import DigestError, StoreError, UsageError
from digest.web.pages import Pages

_log = logging.getLogger(__name__)

#: Seconds after which a client may try again if the database is not available.
RETRY_AFTER_S = 30

_NOT_FOUND = (
    "This page does not exist",
    "The link may be incomplete: copy the whole link and try again.",
)
_NOT_ALLOWED = ("This page cannot do that", "Open the link in the mail again.")
_FAILED = ("This page cannot be shown", "An error occurred. It was logged for the editors.")
_NOT_NOW = ("Please try again in a minute", "The service is busy. Nothing was changed.")


def add_problem_pages(app: FastAPI, pages: Pages, *, shows_error: bool = False) -> None:
    """Answer problems of an application with pages; every unknown link gets the same page.

    Args:
        app: the application.
        pages: the renderer of the pages.
        shows_error: whether the page shows the error: true for editors, false for subscribers.
    """

    def answer_refusal(_request: Request, error: Exception) -> HTMLResponse:
        status = error.status_code if isinstance(error, HTTPException) else 404
        title, words = _NOT_ALLOWED if status == 405 else _NOT_FOUND
        return pages.answer("problem", status=status, title=title, words=words)

    def answer_store(_request: Request, error: Exception) -> HTMLResponse:
        _log.warning("cannot serve a page: %s", error)
        title, words = _NOT_NOW
        answer = pages.answer("problem", status=503, title=title, words=words)
        answer.headers["retry-after"] = str(RETRY_AFTER_S)
        return answer

    def answer_failure(_request: Request, error: Exception) -> HTMLResponse:
        _log.error("cannot render a page: %s", error)
        title, words = _FAILED
        shown = str(error) if shows_error else words
        return pages.answer("problem", status=500, title=title, words=shown)

    app.add_exception_handler(HTTPException, answer_refusal)
    # The newsletter of a link may no longer be in the configuration.
    app.add_exception_handler(UsageError, answer_refusal)
    app.add_exception_handler(DigestError, answer_failure)
    app.add_exception_handler(RequestValidationError, answer_refusal)
    app.add_exception_handler(StoreError, answer_store)

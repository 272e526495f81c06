"""Answers to requests that cannot be served, one page for each kind."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from digest.errors import DigestError, StoreError, UsageError
from digest.web.pages import Pages

_log = logging.getLogger(__name__)

#: Seconds after which a client may try again while the database cannot serve.
RETRY_AFTER_S = 30

_NOT_FOUND = ("This page does not exist", "The link may be cut off: copy it whole and try again.")
_NOT_ALLOWED = ("This page cannot do that", "Open the link from the mail again.")
_FAILED = ("This page cannot be shown", "Something failed here. It was noted for the editors.")
_NOT_NOW = ("Please try again in a minute", "The service is busy. Nothing was changed.")


def add_problem_pages(app: FastAPI, pages: Pages, *, is_told: bool = False) -> None:
    """Let an application answer problems with pages; all unknown links get the same one.

    Args:
        app: the application.
        pages: what renders them.
        is_told: whoever asks may read what failed: an editor may, a subscriber not.
    """

    def answer_refusal(_request: Request, error: Exception) -> HTMLResponse:
        status = error.status_code if isinstance(error, HTTPException) else 404
        title, words = _NOT_ALLOWED if status == 405 else _NOT_FOUND
        return pages.answer("problem", status=status, title=title, words=words)

    def answer_store(_request: Request, error: Exception) -> HTMLResponse:
        _log.warning("a page could not be served: %s", error)
        title, words = _NOT_NOW
        answer = pages.answer("problem", status=503, title=title, words=words)
        answer.headers["retry-after"] = str(RETRY_AFTER_S)
        return answer

    def answer_failure(_request: Request, error: Exception) -> HTMLResponse:
        _log.error("a page could not be made: %s", error)
        title, words = _FAILED
        told = str(error) if is_told else words
        return pages.answer("problem", status=500, title=title, words=told)

    app.add_exception_handler(HTTPException, answer_refusal)
    # What a link names may be gone from the configuration.
    app.add_exception_handler(UsageError, answer_refusal)
    app.add_exception_handler(DigestError, answer_failure)
    app.add_exception_handler(RequestValidationError, answer_refusal)
    app.add_exception_handler(StoreError, answer_store)

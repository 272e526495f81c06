"""Responses of the public pages to requests that cannot be served, one page for each kind."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import Protocol

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from digest.errors import DigestError, StoreError, UsageError
from digest.web.methods import allow_header

_log = logging.getLogger(__name__)

#: Seconds after which a client may try again if the database is not available.
RETRY_AFTER_S = 30


class Problem(StrEnum):
    """A kind of problem; the page `problem` has words for each."""

    NOT_FOUND = "not-found"
    NOT_ALLOWED = "not-allowed"
    BUSY = "busy"
    FAILED = "failed"


class ProblemPages(Protocol):
    """Renders the page `problem`."""

    def answer(self, name: str, /, *, status: int, problem: Problem) -> HTMLResponse:
        """Return the page about a problem."""


def add_problem_pages(app: FastAPI, pages: ProblemPages) -> None:
    """Answer problems of an application with pages; every unknown link gets the same page.

    The page never shows the error.

    Args:
        app: the application.
        pages: the renderer of the pages.
    """

    def answer_refusal(request: Request, error: Exception) -> HTMLResponse:
        status = error.status_code if isinstance(error, HTTPException) else 404
        problem = Problem.NOT_ALLOWED if status in (405, 422) else Problem.NOT_FOUND
        answer = pages.answer("problem", status=status, problem=problem)
        answer.headers.update(allow_header(request, status))
        return answer

    def answer_store(_request: Request, error: Exception) -> HTMLResponse:
        _log.warning("cannot serve a page: %s", error)
        answer = pages.answer("problem", status=503, problem=Problem.BUSY)
        answer.headers["retry-after"] = str(RETRY_AFTER_S)
        return answer

    def answer_failure(_request: Request, error: Exception) -> HTMLResponse:
        _log.error("cannot render a page: %s", error)
        return pages.answer("problem", status=500, problem=Problem.FAILED)

    app.add_exception_handler(HTTPException, answer_refusal)
    # The newsletter of a link may no longer be in the configuration.
    app.add_exception_handler(UsageError, answer_refusal)
    app.add_exception_handler(DigestError, answer_failure)
    app.add_exception_handler(RequestValidationError, answer_refusal)
    app.add_exception_handler(StoreError, answer_store)

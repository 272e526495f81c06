"""Answers every error of the API in one shape, as RFC 9457 has it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from digest.errors import (
    ConfigError,
    CorruptStoreError,
    DigestError,
    EditConflict,
    FeedError,
    Missing,
    NothingToDo,
    Refused,
    RelayError,
    StaleDraft,
    StoreError,
    TooMany,
    UsageError,
)
from digest.web.methods import allow_header
from digest.web.problems import RETRY_AFTER_S
from subscribers.errors import SubscriberError

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
#: Seconds after which too many test mails may be sent again, at the latest.
_TOO_MANY_S = 3600
#: What to do, where the error does not say it.
_ADVICE = {
    400: "Send a body that is JSON.",
    401: "Send a token that works, as `Authorization: Bearer TOKEN`.",
    403: "Use a token whose role has this right.",
    404: "Check the address and the id.",
    405: "Use one of the methods of this address.",
    409: "Read it again, then decide.",
    413: "Send less.",
    422: "Change the request as the error says.",
    429: "Wait, then try again.",
    500: "Look into the log of the server.",
    503: "Try again in a minute.",
}


class Problem(Exception):
    """An error that a handler or a check answers with."""

    def __init__(
        self, status: int, error: str, do: str = "", *, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.do = do
        self.headers = headers or {}


def not_found(what: str) -> Problem:
    """Return the error of something that does not exist."""
    return Problem(404, f"{what}: does not exist")


def answer(
    status: int,
    error: str,
    do: str = "",
    *,
    headers: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> JSONResponse:
    """Return the answer with an error.

    Args:
        status: the status.
        error: what failed, on what.
        do: what to do; empty: the part of `error` after its last semicolon, or general advice.
        headers: more headers.
        more: more members.
    """
    if not do:
        error, _, do = error.rpartition("; ") if "; " in error else (error, "", "")
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "error": error,
        "do": do or _ADVICE.get(status, ""),
        **(more or {}),
    }
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def add_problems(app: FastAPI) -> None:
    """Answer every error of an application in the one shape."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(HTTPException, _answer_missing)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(DigestError, _answer_error)
    app.add_exception_handler(SubscriberError, _answer_error)
    app.add_exception_handler(Exception, _answer_fault)


def status_of(error: Exception) -> int:
    """Return the status that answers the error of a use case."""
    match error:
        case Missing():
            return 404
        case UsageError() | SubscriberError():
            return 422
        case TooMany():
            return 429
        case NothingToDo() | Refused() | ConfigError() | FeedError():
            return 409
        case CorruptStoreError():
            return 500
        case StoreError() | RelayError():
            return 503
        case _:
            return 500


def _answer_problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  registered for this class alone
    return answer(error.status, error.error, error.do, headers=error.headers)


def _answer_missing(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class alone
    given = {name.lower(): value for name, value in (error.headers or {}).items()}
    headers = {**given, **allow_header(request, error.status_code)}
    phrase = HTTPStatus(error.status_code).phrase
    return answer(error.status_code, phrase, headers=headers)


def _answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class alone
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return answer(400, "the body is not JSON")
    if any(fault["loc"][:1] == ("path",) for fault in faults):
        return answer(404, "this address does not exist")
    lines = list(_lines(faults))
    return answer(422, lines[0], more={"problems": lines})


def _lines(faults: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Return one line for each fault, without what was sent: it may be a secret."""
    for fault in faults:
        place = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
        yield f"{place}: {fault['msg']}"


def _answer_error(request: Request, error: Exception) -> JSONResponse:
    status = status_of(error)
    if status >= 500:
        log = _log.warning if status == 503 else _log.error
        log("cannot serve %s: %s", request.url.path, error)
    headers = {503: {"retry-after": f"{RETRY_AFTER_S}"}, 429: {"retry-after": f"{_TOO_MANY_S}"}}
    return answer(status, f"{error}", headers=headers.get(status), more=_conflict(error))


def _conflict(error: Exception) -> dict[str, Any]:
    """Return the present version of a draft that was changed meanwhile, and both texts."""
    if isinstance(error, EditConflict):
        texts = [
            {"text": name, "yours": mine, "theirs": theirs} for name, mine, theirs in error.texts
        ]
        return {"version": error.version, "since": list(error.since), "texts": texts}
    return {"version": error.version} if isinstance(error, StaleDraft) else {}


def _answer_fault(request: Request, error: Exception) -> JSONResponse:
    _log.error("cannot serve %s", request.url.path, exc_info=error)
    return answer(500, "an error occurred; it was logged")

"""The cookies of the desk: the session, and the mark of a browser that has not signed in."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

#: Browsers keep a cookie with this prefix only over https, for this host alone.
_SECURE_PREFIX = "__Host-"
_SESSION = "digest-session"
_VISITOR = "digest-visitor"


def session_of(request: Request, *, is_https: bool) -> str:
    """Return the token of the session; empty if there is none."""
    return _value(request, _SESSION, is_https=is_https)


def visitor_of(request: Request, *, is_https: bool) -> str:
    """Return the mark of a browser at the page to sign in; empty if it has none."""
    return _value(request, _VISITOR, is_https=is_https)


def set_session(answer: Response, token: str, *, max_age_s: int, is_https: bool) -> None:
    """Store the token of a session in the browser."""
    _set(answer, _SESSION, token, max_age_s, is_https=is_https)


def set_visitor(answer: Response, mark: str, *, is_https: bool) -> None:
    """Store the mark of a browser, as long as the browser is open."""
    _set(answer, _VISITOR, mark, None, is_https=is_https)


def forget_session(answer: Response, *, is_https: bool) -> None:
    """Remove the token of a session from the browser."""
    _set(answer, _SESSION, "", 0, is_https=is_https)


def _value(request: Request, name: str, *, is_https: bool) -> str:
    # Over https only what this host has set: another host of the domain can set a bare name.
    return request.cookies.get(f"{_SECURE_PREFIX}{name}" if is_https else name, "")


def _set(answer: Response, name: str, value: str, max_age_s: int | None, *, is_https: bool) -> None:
    answer.set_cookie(
        f"{_SECURE_PREFIX}{name}" if is_https else name,
        value,
        max_age=max_age_s,
        secure=is_https,
        httponly=True,
        # A link in a mail must find the session; forms are proved by their token.
        samesite="lax",
    )

"""The page to sign in, and signing out."""

from __future__ import annotations

import secrets
from datetime import timedelta
from math import ceil

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest.newsroom.admins.limits import MAX_AGE
from digest.text.counted import counted
from digest.web.desk import cookies
from digest.web.desk.door import DeskDoor
from digest.web.desk.entry import token_of_visitor
from digest.web.desk.threshold import Client
from digest.web.desk.visit import OnVisit
from digest.web.forms import SentForm, first_of
from digest.web.guards import is_loopback

#: Signing in leads back here.
HOME = "/"


def show(request: Request, to: str = HOME) -> Response:
    """Show the page to sign in; go on if there is nothing to do."""
    client: Client = request.state.client
    if client.recognised.account is not None or not client.recognised.has_accounts:
        return RedirectResponse(local_path(to), 303)
    return _page(request, to=local_path(to))


def sign_in(request: Request, form: SentForm) -> Response:
    """Begin a session, or show the form again."""
    client: Client = request.state.client
    door: DeskDoor = request.app.state.door
    name, to = first_of(form, "name"), local_path(first_of(form, "to"))
    found = door.newsroom.admins.sign_in(name, first_of(form, "password"), network=client.place)
    if found.token:
        answer = RedirectResponse(to, 303)
        cookies.set_session(
            answer,
            found.token,
            max_age_s=int(MAX_AGE.total_seconds()),
            is_https=client.is_https,
        )
        return answer
    if found.wait:
        problem = f"Too many attempts. Try again in {_in_words(found.wait)}."
        refused = _page(request, to=to, name=name, problem=problem, status=429)
        refused.headers["retry-after"] = str(ceil(found.wait.total_seconds()))
        return refused
    problem = "This name and this password do not belong together."
    return _page(request, to=to, name=name, problem=problem, status=422)


def sign_out(visit: OnVisit, request: Request) -> Response:
    """End the session."""
    visit.newsroom.admins.sign_out(
        cookies.session_of(request, is_https=visit.is_https), by=visit.actor
    )
    answer = RedirectResponse("/sign-in", 303)
    cookies.forget_session(answer, is_https=visit.is_https)
    return answer


def local_path(to: str) -> str:
    """Return a path of the desk; the first page for anything that could lead elsewhere."""
    is_local = to.startswith("/") and not to.startswith("//")
    is_plain = all("!" <= letter <= "~" and letter != "\\" for letter in to)
    return to if is_local and is_plain and not to.startswith("/sign-") else HOME


def _page(
    request: Request, *, to: str, name: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    door: DeskDoor = request.app.state.door
    client: Client = request.state.client
    mark = cookies.visitor_of(request, is_https=client.is_https) or secrets.token_urlsafe(16)
    peer = request.client.host if request.client else ""
    answer = door.pages.answer(
        "sign-in",
        status=status,
        csrf=token_of_visitor(door, mark),
        to=to,
        name=name[:64],
        problem=problem,
        is_open=not client.is_https and not (is_loopback(peer) and is_loopback(client.place)),
    )
    cookies.set_visitor(answer, mark, is_https=client.is_https)
    return answer


def _in_words(wait: timedelta) -> str:
    seconds = ceil(wait.total_seconds())
    return counted(seconds, "second") if seconds < 60 else counted(ceil(seconds / 60), "minute")

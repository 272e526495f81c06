"""The tokens of the API: an admin makes their own, sees each once, and revokes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Path
from fastapi.responses import HTMLResponse, Response

from digest.errors import DigestError, Refused, UsageError
from digest.models.admins import RIGHTS, Role
from digest.newsroom.admins.tokens import NewToken
from digest.web.desk.visit import OnVisit, Visit
from digest.web.forms import SentForm, first_of

#: Limited to the integers that every supported database can store.
TokenId = Annotated[int, Path(ge=1, lt=2**31)]


def show(visit: OnVisit) -> HTMLResponse:
    """Show the tokens of an admin, and the form that makes one."""
    return _page(visit)


def make(visit: OnVisit, form: SentForm) -> HTMLResponse:
    """Make a token, and show it this once."""
    try:
        made = visit.newsroom.admins.make_token(
            first_of(form, "name"),
            _role(first_of(form, "role")),
            last_day=_day(first_of(form, "until")),
            owner=visit.actor.name,
            rights=visit.rights,
            by=visit.actor,
        )
    except (Refused, UsageError) as error:
        return _page(visit, problem=error, typed=form)
    return _page(visit, made=made)


def revoke(visit: OnVisit, token_id: TokenId) -> Response:
    """Revoke a token."""
    name = visit.newsroom.admins.revoke_token(token_id, owner=visit.actor.name, by=visit.actor)
    return visit.done("/settings/tokens", f"Revoked {name}; its next request is refused.")


def _page(
    visit: Visit,
    *,
    made: NewToken | None = None,
    problem: DigestError | None = None,
    typed: SentForm | None = None,
) -> HTMLResponse:
    values: dict[str, Any] = {
        "tokens": visit.newsroom.admins.list_tokens(visit.actor.name),
        "roles": [role for role in Role if RIGHTS[role] <= visit.rights],
        "made": made,
        "typed": {name: first_of(typed or {}, name) for name in ("name", "role", "until")},
    }
    if problem is None:
        return visit.page("settings/tokens", problem="", **values)
    return visit.refused("settings/tokens", str(problem), **values)


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as error:
        raise UsageError(f"role: must be one of {', '.join(Role)}") from error


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip()) if written.strip() else None
    except ValueError as error:
        raise UsageError("last day: must be a day such as 2027-01-31, or empty") from error

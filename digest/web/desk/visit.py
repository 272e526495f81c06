"""One request of an admin: who it is, what they may do, and how to answer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest.models import Actor
from digest.models.admins import Right
from digest.newsroom import Newsroom
from digest.web.desk import said as lines
from digest.web.desk.door import DeskDoor
from subscribers.addresses import mask_address

#: Limited to the integers that every supported database can store.
EditionId = Annotated[int, Path(ge=1, lt=2**31)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of an admin; given to every handler."""

    #: For `by` of the use cases.
    actor: Actor
    #: All rights, on this machine without accounts.
    rights: frozenset[Right]
    #: The token that the forms send back.
    csrf: str
    door: DeskDoor
    #: The path of the request.
    path: str = "/"
    #: The line that the answer to a form left for this page; empty if there is none.
    said: str = ""
    #: Whether there is a session that signing out ends.
    has_session: bool = False
    #: Whether the browser's connection is encrypted.
    is_https: bool = False

    @property
    def newsroom(self) -> Newsroom:
        """The use cases."""
        return self.door.newsroom

    def may(self, right: Right) -> bool:
        """Return whether this admin has a right."""
        return right in self.rights

    @property
    def sees_people(self) -> bool:
        """Whether the pages show the addresses of subscribers, and the words that may have them."""
        return self.may(Right.PEOPLE)

    def address(self, address: str) -> str:
        """Return a subscriber's address as this admin may see it, such as `a…@example.org`."""
        return address if self.sees_people or not address else mask_address(address)

    def page(self, template: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return the page `web/desk/{template}.html.j2`, with `visit` and the navigation.

        Raises:
            TemplateError: a template has an error; the message has its name, line and reason.
        """
        answer = self.door.pages.answer(
            template, status=status, csrf=self.csrf, visit=self, **values
        )
        if self.said:
            answer.delete_cookie(lines.COOKIE)
        return answer

    def done(self, to: str, said: str = "") -> Response:
        """Answer a form: go to the page `to`, which shows the line `said` once."""
        answer = RedirectResponse(to, 303)
        if said:
            answer.set_cookie(
                lines.COOKIE,
                lines.pack(said, self.door.key),
                max_age=lines.MAX_AGE_S,
                httponly=True,
                secure=self.is_https,
                samesite="strict",
            )
        return answer

    def refused(
        self, template: str, problem: str, /, *, is_conflict: bool = False, **values: object
    ) -> HTMLResponse:
        """Return the form again with the problem, 422; 409 if another admin changed it."""
        status = 409 if is_conflict else 422
        return self.page(template, status=status, problem=problem, **values)


def visit_of(request: Request) -> Visit:
    """Return the visit that the check of the route began."""
    visit: Visit = request.state.visit
    return visit


OnVisit = Annotated[Visit, Depends(visit_of)]

"""One request of a program: which token it has, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from digest.models import Actor
from digest.models.admins import ApiToken, Right
from digest.newsroom import Newsroom

#: Limited to the integers that every supported database can store.
EditionId = Annotated[int, Path(ge=1, lt=2**31, description="Id of the edition.")]
PersonId = Annotated[int, Path(ge=1, lt=2**31, description="Id of the subscriber.")]
FeedName = Annotated[
    str, Path(pattern=r"^[0-9a-f]{16}$", description="Name of the feed, as in the list of feeds.")
]
NewsletterPath = Annotated[
    str, Path(pattern=r"^[a-z0-9-]{1,64}$", description="Name of the newsletter.")
]
NewsletterQuery = Annotated[
    str,
    Query(pattern=r"^[a-z0-9-]{0,64}$", description="Name of the newsletter; empty for all."),
]
Limit = Annotated[int, Query(ge=1, le=200, description="The most items of one page.")]
Cursor = Annotated[
    str,
    Query(
        max_length=1000,
        pattern=r"^[A-Za-z0-9_=-]*$",
        description="`next` of the page before; empty for the first page.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a program; given to every handler."""

    #: For `by` of the use cases: who made the token, and the token's name.
    actor: Actor
    token: ApiToken
    newsroom: Newsroom

    def may(self, right: Right) -> bool:
        """Return whether the token has a right."""
        return right in self.token.rights

    @property
    def sees_people(self) -> bool:
        """Whether the answers may have personal addresses."""
        return self.may(Right.PEOPLE)


def call_of(request: Request) -> Call:
    """Return the call that the check of the route began."""
    call: Call = request.state.call
    return call


OnCall = Annotated[Call, Depends(call_of)]

"""The comments that wait for an editor, and the people who are never quoted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from digest.errors import UsageError
from digest.newsroom.held_comments import CommentKey
from digest.newsroom.moderation import Decided
from digest.web.desk.visit import OnVisit, Visit
from digest.web.forms import SentForm, first_of

#: The parts of the list's address.
_PLACE = ("newsletter", "all", "after")
_SAID = {"release": "Released", "refuse": "Refused", "reset": "Not decided any more"}


def list_held(
    visit: OnVisit,
    newsletter: str = "",
    every: Annotated[str, Query(alias="all")] = "",
    after: str = "",
) -> HTMLResponse:
    """Show a page of the held and borderline comments of a newsletter."""
    names = tuple(each.name for each in visit.newsroom.newsletters)
    page = visit.newsroom.comments.held(
        newsletter or names[0],
        after=CommentKey.parse(after) if after else None,
        is_all=bool(every),
    )
    here = {"newsletter": page.newsletter, "all": every and "1"}
    return visit.page(
        "comments/held",
        page=page,
        posts=[list(under) for _, under in groupby(page.comments, key=attrgetter("post_id"))],
        names=names,
        is_all=bool(every),
        place={**here, "after": after},
        first=_address(here),
        next=_address({**here, "after": str(page.after)}) if page.after else "",
    )


def decide(visit: OnVisit, form: SentForm) -> Response:
    """Store what an editor decided about one comment."""
    wanted, number = first_of(form, "decision"), first_of(form, "comment")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UsageError(f"comment {number[:20]!r} does not exist; open the list again")
    comments, ids, by = visit.newsroom.comments, [int(number)], visit.actor
    match wanted:
        case "release":
            decided = comments.release(ids, by=by)
        case "refuse":
            decided = comments.refuse(ids, by=by)
        case "reset":
            decided = comments.take_back(ids, by=by)
        case _:
            raise UsageError("choose Release, Refuse or Reset")
    return visit.done(_back_to(form), f"{_SAID[wanted]}: comment {number}.{_changed(decided)}")


def list_people(visit: OnVisit) -> HTMLResponse:
    """Show the people who are never quoted."""
    return _people_page(visit)


def never_quote(visit: OnVisit, form: SentForm) -> Response:
    """Never quote a person again."""
    name, newsletter = first_of(form, "name"), first_of(form, "newsletter")
    decided = visit.newsroom.comments.never_quote(name, newsletter, by=visit.actor)
    return visit.done(_back_to(form), f"Never quoted: {name.strip()}.{_changed(decided)}")


def quote_again(visit: OnVisit, form: SentForm) -> Response:
    """Quote a person again whom an editor excluded."""
    name, newsletter = first_of(form, "name"), first_of(form, "newsletter")
    visit.newsroom.comments.quote_again(name, newsletter, by=visit.actor)
    return visit.done("/comments/people", f"May be quoted again: {name.strip()}.")


def _people_page(visit: Visit) -> HTMLResponse:
    names = tuple(each.name for each in visit.newsroom.newsletters)
    return visit.page("comments/people", people=visit.newsroom.comments.never_quoted(), names=names)


def _back_to(form: Mapping[str, list[str]]) -> str:
    """Return the address of the page that the form was on."""
    if first_of(form, "from") == "people":
        return "/comments/people"
    return _address({name: first_of(form, f"at_{name}") for name in _PLACE})


def _address(place: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in place.items() if value})
    return f"/comments?{query}" if query else "/comments"


def _changed(decided: Decided) -> str:
    """Return what became of the drafts, for the line on the next page."""
    lines = [
        f" Taken out of edition {each}"
        + (", whose approval is void: approve it again." if each in decided.void else ".")
        for each in decided.changed
    ]
    return "".join(lines)

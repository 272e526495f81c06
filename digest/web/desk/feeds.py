"""The feeds: their health, one feed with its posts, and changes of the configuration file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import HTTPException, Path
from fastapi.responses import HTMLResponse, Response
from pydantic import Field, TypeAdapter, ValidationError

from digest.errors import FeedError, UsageError
from digest.models import FeedOutcome, FeedResult, NewFeed
from digest.newsroom.feeds.addresses import typed_categories, typed_url
from digest.newsroom.feeds.choose import choose, propose_category
from digest.newsroom.feeds.file import ReadList
from digest.newsroom.feeds.manage import Added
from digest.text.counted import counted
from digest.web.desk.visit import OnVisit, Visit
from digest.web.forms import SentFiles, SentForm, first_of

#: The name of a feed in the address of its page.
FeedName = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]

#: The feeds of a list: the address of each, and its categories.
_ROWS = TypeAdapter(list[Annotated[list[str], Field(min_length=1)]])


def list_feeds(visit: OnVisit) -> HTMLResponse:
    """Show the health of every feed."""
    feeds = visit.newsroom.feeds.list()
    return visit.page("feeds/list", feeds=feeds, file=visit.newsroom.feeds.file.path)


def show(visit: OnVisit, name: FeedName) -> HTMLResponse:
    """Show one feed with its posts and settings."""
    page = visit.newsroom.feeds.show(name)
    if page is None:
        raise HTTPException(404)
    return visit.page("feeds/show", page=page)


async def try_now(visit: OnVisit, name: FeedName) -> Response:
    """Read one feed now."""
    outcome = await visit.newsroom.feeds.try_now(name, by=visit.actor)
    return visit.done(f"/feeds/{name}", _in_words(outcome))


def ask(visit: OnVisit) -> HTMLResponse:
    """Show the forms that add feeds."""
    return visit.page("feeds/add", **_empty(visit))


async def find(visit: OnVisit, form: SentForm) -> HTMLResponse:
    """Find the feeds of an address, and show them with a form each."""
    asked = first_of(form, "url")
    url = typed_url(asked)
    try:
        scouting = await visit.newsroom.feeds.find(url)
    except FeedError as error:
        return visit.refused("feeds/add", str(error), **{**_empty(visit), "asked": asked})
    file = visit.newsroom.feeds.file
    chosen = {feed.url for feed in choose(scouting).feeds}
    found = [
        {
            "feed": feed,
            "category": propose_category(feed, file.categories),
            "is_known": file.has(feed.url, feed.moved_to),
            "is_chosen": feed.url in chosen,
        }
        for feed in scouting.found
    ]
    values = {**_empty(visit), "asked": asked, "scouting": scouting, "found": found}
    return visit.page("feeds/add", **values)


async def test(visit: OnVisit, form: SentForm) -> HTMLResponse:
    """Read an address and show everything that was read; nothing is stored."""
    asked = first_of(form, "url")
    url = typed_url(asked)
    try:
        examined = await visit.newsroom.feeds.examine(url)
    except FeedError as error:
        return visit.refused("feeds/add", str(error), **{**_empty(visit), "asked": asked})
    return visit.page("feeds/test", seen=examined.seen, source=examined.source)


def add(visit: OnVisit, form: SentForm) -> Response:
    """Add a feed to the configuration file."""
    added = visit.newsroom.feeds.add(
        first_of(form, "url"),
        first_of(form, "category").split(";"),
        section=first_of(form, "section"),
        by=visit.actor,
    )
    return visit.done("/feeds", _added(added))


def remove(visit: OnVisit, name: FeedName) -> Response:
    """Remove a feed from the configuration file."""
    url = visit.newsroom.feeds.remove(name, by=visit.actor)
    return visit.done("/feeds", f"Removed {url} from the configuration. Its posts stay stored.")


def check_list(visit: OnVisit, form: SentForm, files: SentFiles) -> HTMLResponse:
    """Show what the OPML list of an upload would add."""
    sent = files.get("file")
    if sent is None:
        problem = "Choose an OPML file, as a feed reader exports it."
        return visit.refused("feeds/add", problem, **_empty(visit))
    categories = [name for name in first_of(form, "category").split(";") if name.strip()]
    listed = visit.newsroom.feeds.read_opml(sent.content, sent.name, categories)
    return visit.page(
        "feeds/opml", listed=listed, packed=_packed(listed.new), name=sent.name, **_empty(visit)
    )


def add_list(visit: OnVisit, form: SentForm) -> Response:
    """Add the feeds of a list that was shown before."""
    added = visit.newsroom.feeds.add_list(
        ReadList(new=_unpacked(first_of(form, "feeds")), known=0, problems=()),
        section=first_of(form, "section"),
        by=visit.actor,
    )
    return visit.done("/feeds", _added(added))


def export(visit: OnVisit) -> Response:
    """Send the configured feeds as OPML."""
    body = visit.newsroom.feeds.write_opml()
    headers = {"content-disposition": 'attachment; filename="feeds.opml"'}
    return Response(body, media_type="text/x-opml", headers=headers)


# A list may have thousands of feeds, far more than a form may have fields.
def _packed(feeds: Sequence[NewFeed]) -> str:
    """Return feeds as the value of one field."""
    return json.dumps([[feed.url, *feed.categories] for feed in feeds], ensure_ascii=False)


def _unpacked(packed: str) -> tuple[NewFeed, ...]:
    """Return the feeds of such a value.

    Raises:
        UsageError: it is none, or an address or a category is not valid.
    """
    try:
        rows = _ROWS.validate_json(packed)
    except ValidationError as error:
        raise UsageError("this form is out of date; upload the file again") from error
    return tuple(
        NewFeed(url=typed_url(url), categories=typed_categories(names)) for url, *names in rows
    )


def _empty(visit: Visit) -> dict[str, Any]:
    newsroom = visit.newsroom
    return {
        "asked": "",
        "scouting": None,
        "found": [],
        "newsletters": newsroom.newsletters,
        "categories": newsroom.feeds.file.categories,
    }


def _added(added: Added) -> str:
    urls = ", ".join(feed.url for feed in added.feeds[:3])
    more = f" and {len(added.feeds) - 3} more" if len(added.feeds) > 3 else ""
    return " ".join((f"Added {urls}{more}.", *(f"Warning: {line}." for line in added.warnings)))


def _in_words(outcome: FeedOutcome) -> str:
    problems = f": {'; '.join(outcome.problems)}" if outcome.problems else ""
    match outcome.result:
        case FeedResult.UNCHANGED:
            return f"Read: nothing has changed{problems}."
        case FeedResult.READ | FeedResult.MOVED:
            return f"Read: {counted(outcome.new, 'new post')}, {outcome.changed} changed{problems}."
        case _:
            return f"The feed could not be read{problems}."

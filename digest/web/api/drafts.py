"""The draft of an edition: what it shows, what is out, and the changes of an editor."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from digest.models import Shown
from digest.newsroom.composing.edit import Edited
from digest.web.api.call import Call, EditionId, OnCall
from digest.web.api.shapes import drafts as shapes

_Group = Annotated[
    str,
    Query(pattern=r"^[a-z-]{0,40}$", description="Code of a reason whose posts are all listed."),
]
_Page = Annotated[int, Query(ge=1, lt=10_000, description="Page of that list.")]
_Find = Annotated[
    str,
    Query(max_length=200, pattern=r"^[^\x00]*$", description="Words in titles of unused posts."),
]


def show(
    call: OnCall, edition_id: EditionId, group: _Group = "", page: _Page = 1, find: _Find = ""
) -> shapes.Choices:
    """Return a draft with its version; of a frozen edition, how it was."""
    shown = Shown(group=group, page=page, find=find.strip())
    return shapes.Choices.of_page(call.newsroom.drafts.page(edition_id, shown))


def change(call: OnCall, edition_id: EditionId, wanted: shapes.Change) -> shapes.Changed:
    """Change a draft; 409 with both texts if it was changed since the version that was seen."""
    done = call.newsroom.drafts.edit(
        edition_id, wanted.changes(), by=call.actor, seen=wanted.version
    )
    return _changed(call, edition_id, done)


def undo(call: OnCall, edition_id: EditionId, wanted: shapes.Seen) -> shapes.Changed:
    """Take the last change of a draft back."""
    done = call.newsroom.drafts.undo(edition_id, by=call.actor, seen=wanted.version)
    return _changed(call, edition_id, done)


def redo(call: OnCall, edition_id: EditionId, wanted: shapes.Seen) -> shapes.Changed:
    """Make the change again that was taken back last."""
    done = call.newsroom.drafts.redo(edition_id, by=call.actor, seen=wanted.version)
    return _changed(call, edition_id, done)


def refresh(call: OnCall, edition_id: EditionId) -> shapes.Changed:
    """Compose a draft again, with the posts that became known since."""
    return _changed(call, edition_id, call.newsroom.drafts.refresh(edition_id, by=call.actor))


def _changed(call: Call, edition_id: int, done: Edited) -> shapes.Changed:
    version = call.newsroom.drafts.version(edition_id)
    return shapes.Changed(edition=edition_id, version=version, said=done.said)

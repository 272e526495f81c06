"""The use cases of drafts, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom.composing import use_cases

if TYPE_CHECKING:
    from digest.models import Actor, EditorChanges, Picking, Shown
    from digest.newsroom.composing.edit import Edited
    from digest.newsroom.composing.page import ComposePage
    from digest.newsroom.context import RunContext


class Drafts:
    """The use cases of drafts; each is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def page(self, edition_id: int, shown: Shown | None = None) -> ComposePage:
        """Return what the compose page of an edition shows."""
        return use_cases.page.read_page(self._context, edition_id, shown)

    def version(self, edition_id: int) -> int:
        """Return the present version of a draft."""
        return use_cases.page.read_version(self._context, edition_id)

    def edit(
        self, edition_id: int, changes: EditorChanges, *, by: Actor, seen: int | None = None
    ) -> Edited:
        """Change a draft."""
        return use_cases.edit.edit(self._context, edition_id, changes, by=by, seen=seen)

    def pick(
        self, edition_id: int, picking: Picking, *, by: Actor, seen: int | None = None
    ) -> Edited:
        """Change which comments a story quotes."""
        return use_cases.edit.pick(self._context, edition_id, picking, by=by, seen=seen)

    def release(self, edition_id: int, post_id: int, comment_id: int, *, by: Actor) -> Edited:
        """Let a held comment be quoted, and quote it."""
        return use_cases.edit.release(self._context, edition_id, post_id, comment_id, by=by)

    def refresh(self, edition_id: int, *, by: Actor) -> Edited:
        """Compose a draft again, with the posts that became known since."""
        return use_cases.edit.refresh(self._context, edition_id, by=by)

    def undo(self, edition_id: int, *, by: Actor, seen: int | None = None) -> Edited:
        """Take the last change of a draft back."""
        return use_cases.edit.undo(self._context, edition_id, by=by, seen=seen)

    def redo(self, edition_id: int, *, by: Actor, seen: int | None = None) -> Edited:
        """Make the change again that was taken back last."""
        return use_cases.edit.redo(self._context, edition_id, by=by, seen=seen)

"""The use cases of comments, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom import use_cases

if TYPE_CHECKING:
    from digest.models import Actor
    from digest.newsroom.context import RunContext
    from digest.newsroom.import_comments import ImportedComments


class Comments:
    """The use cases of comments; each is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    async def import_file(self, body: bytes, name: str, *, by: Actor) -> ImportedComments:
        """Store the comments of an export under their posts; safe to repeat."""
        return await use_cases.import_comments.import_file(self._context, body, name, by=by)

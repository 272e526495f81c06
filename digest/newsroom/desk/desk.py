"""What the desk shows, for its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom.desk import use_cases

if TYPE_CHECKING:
    from digest.newsroom.context import RunContext
    from digest.newsroom.desk.rows import EditionHead, EditionRow


class Desk:
    """What the desk shows; each use case is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def head(self, edition_id: int) -> EditionHead:
        """Return the header of an edition's pages."""
        return use_cases.heads.read_head(self._context, edition_id)

    def list_editions(self) -> tuple[EditionRow, ...]:
        """Return the editions, newest first."""
        return use_cases.listing.list_editions(self._context)

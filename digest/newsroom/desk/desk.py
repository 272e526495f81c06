"""What the desk shows, for its pages."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from digest.newsroom.desk import use_cases

if TYPE_CHECKING:
    from digest.letter.printing.opened import OpenedMessage
    from digest.newsroom.context import RunContext
    from digest.newsroom.desk.letters import EditionLetters
    from digest.newsroom.desk.rows import EditionHead, EditionPage, EditionRow


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

    def find_edition(self, edition_id: int) -> EditionPage | None:
        """Return one edition with its variants; None if it does not exist."""
        return self._letters.find_edition(edition_id)

    def read_mail(self, edition_id: int, variant_key: str) -> OpenedMessage | None:
        """Return the exact mail of a variant; None if there is none."""
        return self._letters.read_mail(edition_id, variant_key)

    @cached_property
    def _letters(self) -> EditionLetters:
        return use_cases.letters.EditionLetters(self._context)

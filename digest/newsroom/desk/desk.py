"""The content of the pages of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom.desk import use_cases

if TYPE_CHECKING:
    from digest.newsroom.context import RunContext
    from digest.newsroom.desk.coming import Coming
    from digest.newsroom.desk.history import History
    from digest.newsroom.desk.home import Home
    from digest.newsroom.desk.mails import ListedFindings, ListedVariants
    from digest.newsroom.desk.rows import EditionHead, EditionList, EditionRow


class Desk:
    """The content of the pages of the desk; each use case is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def head(self, edition_id: int) -> EditionHead:
        """Return the header of an edition's pages."""
        return use_cases.heads.read_head(self._context, edition_id)

    def home(self) -> Home:
        """Return what needs a person now, what comes next, and how the last edition went."""
        return use_cases.home.read_home(self._context)

    def list_editions(
        self,
        newsletter: str = "",
        *,
        before: int | None = None,
        after: int | None = None,
        most: int = 25,
    ) -> EditionList:
        """Return a page of the editions, newest first."""
        return use_cases.listing.list_editions(
            self._context, newsletter, before=before, after=after, most=most
        )

    def row(self, edition_id: int) -> EditionRow:
        """Return the row of one edition in the list."""
        return use_cases.listing.read_row(self._context, edition_id)

    def variants(self, edition_id: int) -> ListedVariants:
        """Return the variants of an edition."""
        return use_cases.mails.list_variants(self._context, edition_id)

    def findings(self, edition_id: int) -> ListedFindings:
        """Return what was found in an edition at its newest check, or at the freeze."""
        return use_cases.mails.list_findings(self._context, edition_id)

    def coming(self, weeks: int) -> Coming:
        """Return the editions of the next weeks."""
        return use_cases.coming.read_coming(self._context, weeks=weeks)

    def history(self, edition_id: int) -> History:
        """Return who did what with an edition."""
        return use_cases.history.read_history(self._context, edition_id)

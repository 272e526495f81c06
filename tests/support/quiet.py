"""A parser for tests with feeds only: pages and comment feeds are empty."""

# ruff: noqa: ARG002 - the arguments are the parser's
from __future__ import annotations

from datetime import datetime

from digest.models import Document, ParsedComments, ParsedPage
from tests.support.parsed import parsed_page


class QuietSurroundings:
    """There are no comments, and pages add nothing to the feed."""

    async def read_comments(self, document: Document, now: datetime) -> ParsedComments:
        """Return no comments."""
        return ParsedComments(comments=())

    async def read_rest(self, document: Document, now: datetime) -> ParsedComments:
        """Return no comments of a response either."""
        return ParsedComments(comments=())

    async def read_system(self, document: Document, now: datetime) -> ParsedComments:
        """Return no comments of a system either."""
        return ParsedComments(comments=())

    async def read_page(
        self,
        document: Document,
        now: datetime,
        *,
        wants_article: bool = True,
    ) -> ParsedPage:
        """Return a page that adds nothing to the feed."""
        return parsed_page(document.url)

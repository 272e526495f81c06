"""A parser of documents around posts that tell nothing, for papers whose feeds are all there is."""

# ruff: noqa: ARG002 - the arguments are the parser's
from __future__ import annotations

from datetime import datetime

from digest.models import Document, ParsedComments, ParsedPage
from tests.support.parsed import parsed_page


class QuietSurroundings:
    """Nobody comments, and a page tells no more than the feed."""

    async def read_comments(self, document: Document, now: datetime) -> ParsedComments:
        """Give none."""
        return ParsedComments(comments=())

    async def read_rest(self, document: Document, now: datetime) -> ParsedComments:
        """Give none there, either."""
        return ParsedComments(comments=())

    async def read_page(
        self,
        document: Document,
        now: datetime,
        *,
        wants_article: bool = True,
    ) -> ParsedPage:
        """Give a page that tells no more than the feed."""
        return parsed_page(document.url)

"""What every feed's turn works with, passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.models import Fetched, ParsedComment, ParsedFeed, Validators
from digest.pipeline.collect.known import Known
from digest.pipeline.collect.later import Later
from digest.store.engine import Database


class Getter(Protocol):
    """How documents are had."""

    async def get(self, url: str, validators: Validators, *, named_by: str = "") -> Fetched:
        """Fetch `url`, which the feed `named_by` names, or learn that it is unchanged."""
        ...


class Parser(Protocol):
    """How documents are read."""

    async def read_feed(
        self, body: bytes, url: str, content_type: str, now: datetime
    ) -> ParsedFeed:
        """Read a feed."""
        ...

    async def read_comments(
        self, body: bytes, url: str, content_type: str, now: datetime
    ) -> tuple[ParsedComment, ...]:
        """Read a comment feed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """The database, the way to the web and the parsers, for one collection."""

    database: Database
    fetcher: Getter
    pool: Parser
    #: The time of this collection; dates after it are not believed.
    now: datetime
    #: Comments of posts first seen earlier are not refreshed.
    comments_since: datetime
    #: As it was before any feed was asked.
    known: Known
    #: For what need not be stored at once.
    later: Later

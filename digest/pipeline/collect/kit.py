"""What every feed's turn works with, passed in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from digest.models import Fetched, ParsedComments, ParsedFeed, ParsedPage, Picture, Validators
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
    ) -> ParsedComments:
        """Read a comment feed."""
        ...

    async def read_rest(
        self, body: bytes, url: str, content_type: str, now: datetime
    ) -> ParsedComments:
        """Read comments as WordPress's REST interface gives them."""
        ...

    async def read_page(
        self,
        body: bytes,
        url: str,
        content_type: str,
        now: datetime,
        *,
        wants_article: bool = True,
    ) -> ParsedPage:
        """Read a web page, with its article where that is wanted."""
        ...


class PictureMaker(Protocol):
    """How pictures are made smaller."""

    async def make_pictures(self, body: bytes, url: str) -> tuple[Picture, ...]:
        """Make the pictures that mails show of a stranger's one."""
        ...


#: Pictures at work at once, of all feeds: each is held in memory whole.
PICTURES_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """What newsletters need that show pictures from a place of their own."""

    #: Asks for pictures, within their limits.
    fetcher: Getter
    pool: PictureMaker
    #: Of those newsletters.
    categories: frozenset[str]
    #: Gets each picture as a file; None: they are served from the database alone.
    folder: Path | None = None
    slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(PICTURES_AT_ONCE), compare=False
    )


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
    #: None: no newsletter shows pictures from a place of its own.
    gallery: Gallery | None = None

"""What every feed's turn works with, passed in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from digest.models import (
    CommentSource,
    Document,
    FeedSource,
    Fetched,
    ParsedComments,
    ParsedFeed,
    ParsedPage,
    Picture,
    Validators,
)
from digest.pipeline.collect.notes import Later
from digest.store import comment_sources, feeds, pages
from digest.store.engine import Database
from digest.store.feeds import FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The feeds as stored, before any of them is asked."""

    #: By address.
    states: Mapping[str, FeedState]
    #: Where comments are read, by the feed's id; feeds without any are left out.
    sources: Mapping[int, tuple[CommentSource, ...]]
    #: Ids of the feeds with posts whose pages are still to be read.
    unvisited: frozenset[int]


def read_known(
    database: Database, sources: Sequence[FeedSource], comments_since: datetime, *, now: datetime
) -> Known:
    """Give what is remembered; feeds not seen before are added."""
    with database.write() as connection:
        states = feeds.open_feeds(connection, (source.url for source in sources), now=now)
        with_comments = {states[each.url].id for each in sources if each.has_comments}
        others = {state.id for state in states.values()} - with_comments
        found = comment_sources.sources_by_feed(connection, sorted(with_comments), comments_since)
        unvisited = (
            pages.unvisited_feeds(connection, sorted(ids), comments_since, with_comments=wanted)
            for ids, wanted in ((with_comments, True), (others, False))
        )
        return Known(states=states, sources=found, unvisited=frozenset[int]().union(*unvisited))


class Getter(Protocol):
    """How documents are had."""

    async def get(self, url: str, validators: Validators, *, named_by: str = "") -> Fetched:
        """Fetch `url`, which the feed `named_by` names, or learn that it is unchanged."""
        ...


class Parser(Protocol):
    """How documents are read."""

    async def read_feed(self, document: Document, now: datetime) -> ParsedFeed:
        """Read a feed."""
        ...

    async def read_comments(self, document: Document, now: datetime) -> ParsedComments:
        """Read a comment feed."""
        ...

    async def read_rest(self, document: Document, now: datetime) -> ParsedComments:
        """Read comments as WordPress's REST interface gives them."""
        ...

    async def read_page(
        self,
        document: Document,
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
class ImageSettings:
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
class CollectContext:
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
    #: None: no newsletter shows pictures from a place of its own.
    image_settings: ImageSettings | None = None
    #: Whether feeds that are gone or wait are asked all the same.
    is_forced: bool = False

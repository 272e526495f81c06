"""The context of a collection, which is passed to the turn of each feed."""

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
from digest.store import comment_sources, feeds, pages, unmailed
from digest.store.engine import Database
from digest.store.feeds import FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The stored state of the feeds before any of them is fetched."""

    #: By the feed's address.
    states: Mapping[str, FeedState]
    #: Comment sources by the feed's id; feeds without any are left out.
    sources: Mapping[int, tuple[CommentSource, ...]]
    #: Ids of the feeds that have posts whose pages must still be read.
    unvisited: frozenset[int]


def read_known(
    database: Database, sources: Sequence[FeedSource], comments_since: datetime, *, now: datetime
) -> Known:
    """Return the stored state of the feeds; unknown feeds are added to the database.

    Posts that waited for this day can be mailed from now on.
    """
    with database.write() as connection:
        unmailed.release_due(connection, now=now)
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
    """Fetches documents."""

    async def get(
        self, url: str, validators: Validators, *, named_by: str = "", json: bytes | None = None
    ) -> Fetched:
        """Fetch `url`, which the feed `named_by` names; the answer may be that it is unchanged.

        With `json`, that is sent by POST.
        """
        ...


class Parser(Protocol):
    """Parses documents."""

    async def read_feed(self, document: Document, now: datetime) -> ParsedFeed:
        """Read a feed."""
        ...

    async def read_comments(self, document: Document, now: datetime) -> ParsedComments:
        """Read a comment feed."""
        ...

    async def read_rest(self, document: Document, now: datetime) -> ParsedComments:
        """Read comments in the format of WordPress's REST interface."""
        ...

    async def read_system(self, document: Document, now: datetime) -> ParsedComments:
        """Read the answer of a comment system."""
        ...

    async def read_page(
        self,
        document: Document,
        now: datetime,
        *,
        wants_article: bool = True,
    ) -> ParsedPage:
        """Read a web page, with its article if `wants_article`."""
        ...


class PictureMaker(Protocol):
    """Makes pictures smaller."""

    async def make_pictures(self, body: bytes, url: str) -> tuple[Picture, ...]:
        """Return the sizes of a fetched picture that mails show."""
        ...


#: Pictures of all feeds that are fetched at once: each is in memory as a whole.
PICTURES_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSettings:
    """The settings for newsletters that show pictures from their own server."""

    #: Fetches pictures, with the limits for pictures.
    fetcher: Getter
    pool: PictureMaker
    #: The categories of those newsletters.
    categories: frozenset[str]
    #: Each picture is also written there as a file; None if pictures are only in the database.
    folder: Path | None = None
    slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(PICTURES_AT_ONCE), compare=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectContext:
    """The database, the fetcher, the parsers and the settings of one collection."""

    database: Database
    fetcher: Getter
    pool: Parser
    #: The time of this collection; later dates in feeds are not believed.
    now: datetime
    #: Comments of posts first seen before this time are not refreshed.
    comments_since: datetime
    #: The stored state before any feed was fetched.
    known: Known
    #: Takes writes that need not be stored at once.
    later: Later
    #: None if no newsletter shows pictures from its own server.
    image_settings: ImageSettings | None = None
    #: Whether feeds that are gone, or whose server asked for a pause, are fetched too.
    is_forced: bool = False

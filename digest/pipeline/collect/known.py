"""What is remembered of every feed, read once at the start of a collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import FeedSource
from digest.readers.responses.ladder import CommentSource
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

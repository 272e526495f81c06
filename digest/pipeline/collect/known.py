"""What is remembered of every feed, read once at the start of a collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.models import FeedSource
from digest.store import comments, feeds
from digest.store.comments import CommentSource
from digest.store.engine import Database
from digest.store.feeds import FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The feeds as stored, before any of them is asked."""

    #: By address.
    states: Mapping[str, FeedState]
    #: Where comments are read, by the feed's id; feeds without any are left out.
    sources: Mapping[int, tuple[CommentSource, ...]]


def read_known(
    database: Database, sources: Sequence[FeedSource], comments_since: datetime, *, now: datetime
) -> Known:
    """Give what is remembered; feeds not seen before are added."""
    with database.write() as connection:
        states = feeds.open_feeds(connection, (source.url for source in sources), now=now)
        ids = [state.id for state in states.values()]
        found = comments.sources_by_feed(connection, ids, comments_since)
    return Known(states=states, sources=found)

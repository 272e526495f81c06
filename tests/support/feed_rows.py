"""Feeds in a real database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digest.store.feeds import FeedState, open_feeds


def open_feed(connection: Connection, url: str, *, now: datetime) -> FeedState:
    """Return the state of one configured feed; one not seen before is added."""
    return open_feeds(connection, (url,), now=now)[url]

"""Reads the stored posts with which a feed's document is compared."""

from __future__ import annotations

from datetime import datetime

from digest.models import FeedHistory
from digest.readers.posts.entry import Entry
from digest.readers.posts.identity import KnownPosts
from digest.readers.posts.intake import LATE_WITHIN
from digest.store.engine import Connection
from digest.store.known_posts import history_of, known_posts, posts_like


def known_of(connection: Connection, feed_id: int, entries: tuple[Entry, ...]) -> KnownPosts:
    """Return the stored posts that the entries of a feed's document may be.

    By title and date are searched only entries of which neither the identifier nor the link is
    stored, so that a document without new posts costs one query.
    """
    guids = {each.post.guid for each in entries if each.post.guid}
    links = frozenset[str]().union(*(each.link_names for each in entries))
    named = known_posts(connection, feed_id, sorted(guids), sorted(links))
    of_feed = {each.guid for each in named if each.is_of_feed}
    keys = {each.url_key for each in named}
    unnamed = [
        each
        for each in entries
        if each.post.guid not in of_feed and not (each.key and each.key in keys)
    ]
    if not unnamed:
        return KnownPosts(named)
    dates = {each.post.published_at for each in unnamed if each.post.published_at}
    alike = posts_like(connection, feed_id, {each.title_key for each in unnamed}, dates)
    ids = {each.post_id for each in named if each.is_of_feed}
    return KnownPosts((*named, *(each for each in alike if each.post_id not in ids)))


def read_history(connection: Connection, feed_id: int, *, now: datetime) -> FeedHistory:
    """Return what is known of a feed's earlier reads."""
    return history_of(connection, feed_id, late_since=now - LATE_WITHIN, now=now)

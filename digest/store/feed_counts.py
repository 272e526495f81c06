"""Counts posts and comment sources by feed."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.models import SourceKind
from digest.store.tables import comment_sources, feeds, post_sources, posts


def count_posts_since(connection: Connection, since: datetime) -> dict[str, int]:
    """Return the number of posts that each feed was the first to bring since then, by its URL.

    Counted by the index of recent posts, so that older ones cost nothing.
    """
    recent = (
        select(func.count())
        .where(
            posts.c.feed_id == feeds.c.id,
            posts.c.mailable.in_((True, False)),
            posts.c.first_seen_at >= since,
        )
        .correlate(feeds)
        .scalar_subquery()
    )
    rows = connection.execute(select(feeds.c.url, recent))
    return {url: count for url, count in rows if count}


def last_post_at(connection: Connection) -> dict[str, datetime]:
    """Return when each feed's newest post was first seen, by the feed's URL."""
    newest = (
        select(func.max(post_sources.c.post_id))
        .where(post_sources.c.feed_id == feeds.c.id)
        .correlate(feeds)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(feeds.c.url, posts.c.first_seen_at).join_from(feeds, posts, posts.c.id == newest)
    )
    return {url: seen_at for url, seen_at in rows}  # noqa: C416 - mypy does not see rows as pairs


def count_comment_sources(connection: Connection) -> dict[str, dict[SourceKind, int]]:
    """Return the number of comment sources of each feed's posts, by the feed's URL and kind."""
    rows = connection.execute(
        select(feeds.c.url, comment_sources.c.kind, func.count())
        .join(posts, posts.c.feed_id == feeds.c.id)
        .join(comment_sources, comment_sources.c.post_id == posts.c.id)
        .group_by(feeds.c.url, comment_sources.c.kind)
        .order_by(comment_sources.c.kind)
    )
    counts: dict[str, dict[SourceKind, int]] = defaultdict(dict)
    for url, kind, count in rows:
        counts[url][SourceKind(kind)] = count
    return dict(counts)


def feed_id_of(connection: Connection, url: str) -> int | None:
    """Return the id of a feed; None if it was never read. Unlike `open_feeds`, it adds nothing."""
    found = connection.execute(
        select(feeds.c.id).where(feeds.c.url == url, feeds.c.read_at.is_not(None))
    ).scalar()
    return None if found is None else int(found)

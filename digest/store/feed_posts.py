"""The newest posts of one feed, for its page; without their texts."""

from __future__ import annotations

from sqlalchemy import Connection, select

from digest.models import FeedPost
from digest.store.tables import post_sources, posts


def newest_posts(connection: Connection, feed_id: int, *, most: int) -> tuple[FeedPost, ...]:
    """Return the posts that a feed brought, the last stored first."""
    query = (
        select(
            posts.c.id,
            posts.c.title,
            posts.c.url,
            posts.c.author,
            posts.c.published_at,
            posts.c.first_seen_at,
            posts.c.mailable,
            posts.c.reason,
            posts.c.feed_comment_count,
        )
        .join(post_sources, post_sources.c.post_id == posts.c.id)
        .where(post_sources.c.feed_id == feed_id)
        .order_by(post_sources.c.post_id.desc())
        .limit(most)
    )
    return tuple(
        FeedPost(
            id=row.id,
            title=row.title,
            url=row.url,
            author=row.author,
            published_at=row.published_at,
            first_seen_at=row.first_seen_at,
            is_mailable=row.mailable,
            reason=row.reason,
            comment_count=row.feed_comment_count,
        )
        for row in connection.execute(query)
    )

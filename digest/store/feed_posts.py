"""The newest posts of one feed: for its page, and the beginnings of their texts."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from digest.models import FeedPost
from digest.store.tables import feeds, post_sources, posts


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


def recent_texts(
    connection: Connection, feed_url: str, cut_seq: int, *, most: int, chars: int
) -> tuple[tuple[str, ...], ...]:
    """Return the beginnings of the texts of a feed's own posts, the last stored first.

    Each post has three: summary, content and the article of its page; any may be empty.

    Args:
        connection: a connection inside a transaction.
        feed_url: the feed's URL, as configured.
        cut_seq: the highest number of a post.
        most: the limit of posts.
        chars: the limit of characters of each text.
    """
    asked = {"feed": feed_url, "cut": cut_seq, "most": most, "chars": chars}
    return tuple(map(tuple, connection.execute(_texts_query(), asked)))


@cache  # built once because a draft asks it for every feed
def _texts_query() -> Select[Any]:
    # By `post_sources`, whose index has a feed's posts in their order.
    own = select(feeds.c.id).where(feeds.c.url == bindparam("feed")).scalar_subquery()
    columns = (posts.c.summary_html, posts.c.content_html, posts.c.page_html)
    return (
        select(*(func.substr(column, 1, bindparam("chars")) for column in columns))
        .join(post_sources, post_sources.c.post_id == posts.c.id)
        .where(
            post_sources.c.feed_id == own,
            posts.c.feed_id == post_sources.c.feed_id,
            posts.c.seq <= bindparam("cut"),
        )
        .order_by(post_sources.c.post_id.desc())
        .limit(bindparam("most"))
    )

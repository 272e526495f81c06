"""Finds the posts whose pages are still to be read, and stores what was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    true,
    update,
)

from digest.models import SourceKind, UnvisitedPost
from digest.store.tables import comment_sources, comments, posts

#: After this number of failures, a page is not fetched any more.
MAX_TRIES = 3
#: Feeds named in one statement; SQLite takes 32,766 values.
_MANY = 1000


def unvisited_since(
    connection: Connection,
    feed_id: int,
    since: datetime,
    *,
    with_comments: bool,
    with_texts: bool,
) -> tuple[UnvisitedPost, ...]:
    """Return a feed's recent mailable posts whose pages were not read yet, newest first.

    Posts whose page failed come after posts whose page was not tried.

    Args:
        connection: a connection inside a transaction.
        feed_id: the feed's id.
        since: the earliest `first_seen_at`.
        with_comments: whether to include posts that only lack comments.
        with_texts: whether to include posts that perhaps lack only text. This reads the texts of
            all posts, so use it only if the feed has news.
    """
    query = _unvisited_query(with_comments=with_comments, with_texts=with_texts)
    rows = connection.execute(query, {"feed": feed_id, "since": since})
    return tuple(map(_unvisited, rows))


@cache  # built once because a collection runs it for every feed with news
def _unvisited_query(*, with_comments: bool, with_texts: bool) -> Select[Any]:
    known = (
        select(func.count())
        .select_from(comments)
        .where(comments.c.post_id == posts.c.id)
        .scalar_subquery()
    )
    return (
        select(posts, _HAS_COMMENT_FEED.label("has_comment_feed"), known.label("known_count"))
        .where(
            posts.c.feed_id == bindparam("feed"),
            _IS_UNVISITED,
            or_(true() if with_texts else false(), _lacks(with_comments=with_comments)),
        )
        .order_by(posts.c.page_failures, posts.c.seq.desc())
    )


def unvisited_feeds(
    connection: Connection, feed_ids: Sequence[int], since: datetime, *, with_comments: bool
) -> frozenset[int]:
    """Return the feeds that have posts for `unvisited_since`, without reading texts."""
    found: set[int] = set()
    is_lacking = _IS_UNVISITED & _lacks(with_comments=with_comments)
    for start in range(0, len(feed_ids), _MANY):
        is_asked = posts.c.feed_id.in_(feed_ids[start : start + _MANY])
        query = select(posts.c.feed_id).distinct().where(is_asked, is_lacking)
        found.update(connection.scalars(query, {"since": since}))
    return frozenset(found)


_HAS_COMMENT_FEED = exists().where(
    comment_sources.c.post_id == posts.c.id, comment_sources.c.kind == SourceKind.FEED
)


_IS_UNVISITED = and_(
    posts.c.first_seen_at >= bindparam("since"), posts.c.mailable, posts.c.page_read_at.is_(None)
)


def _lacks(*, with_comments: bool) -> ColumnElement[bool]:
    """Return the condition that a post lacks a picture, or perhaps comments."""
    may_lack_comments = or_(~_HAS_COMMENT_FEED, posts.c.feed_comment_count > 1)
    return or_(posts.c.image_url == "", may_lack_comments if with_comments else false())


def _unvisited(row: Any) -> UnvisitedPost:
    return UnvisitedPost(
        id=row.id,
        url=row.url,
        title=row.title,
        summary_html=row.summary_html,
        content_html=row.content_html,
        has_image=bool(row.image_url),
        has_comment_feed=bool(row.has_comment_feed),
        count=row.feed_comment_count,
        known_count=row.known_count,
    )


#: Pages that may have the same picture.
_MAX_SHARED = 3


def save_page(
    connection: Connection,
    post_id: int,
    *,
    html: str = "",
    image_url: str = "",
    image_alt: str = "",
    now: datetime,
) -> None:
    """Store that a page was read, with its content; empty if it was not a web page.

    A picture that is already the one of several other pages is the site's, and is not stored.
    """
    others = select(func.count()).where(
        posts.c.page_image_url == image_url, posts.c.page_image_url != "", posts.c.id != post_id
    )
    if connection.execute(others).scalar_one() >= _MAX_SHARED:
        image_url = image_alt = ""
    connection.execute(
        update(posts)
        .where(posts.c.id == post_id)
        .values(
            page_read_at=now, page_html=html, page_image_url=image_url, page_image_alt=image_alt
        )
    )


def save_page_failure(
    connection: Connection, post_id: int, *, is_final: bool, now: datetime
) -> None:
    """Count a failure; after `MAX_TRIES`, or if it is final, the page counts as read."""
    failed = posts.c.page_failures + 1
    connection.execute(update(posts).where(posts.c.id == post_id).values(page_failures=failed))
    given_up = posts.c.page_failures >= (0 if is_final else MAX_TRIES)
    connection.execute(
        update(posts).where(posts.c.id == post_id, given_up).values(page_read_at=now)
    )

"""The posts whose own pages are still to be read, and what was found there."""

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

#: A page that fails so many times is given up.
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
    """Give a feed's mailable posts first seen since then whose pages were not read, newest first.

    Those that failed come after those that were not tried.

    Args:
        connection: in a transaction.
        feed_id: whose posts.
        since: first seen since then.
        with_comments: whether posts are wanted for their comments.
        with_texts: whether posts are wanted that lack nothing but perhaps text; to find them the
            texts of all are read, which is worth it only where the feed brought something.
    """
    query = _unvisited_query(with_comments=with_comments, with_texts=with_texts)
    rows = connection.execute(query, {"feed": feed_id, "since": since})
    return tuple(map(_unvisited, rows))


@cache  # a collection asks it of every feed that brought something
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
    """Give those of the feeds for which `unvisited_since` gives posts, without their texts."""
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
    """Ask for posts that lack a picture, or of whose comments the feed does not tell all."""
    is_untold = or_(~_HAS_COMMENT_FEED, posts.c.feed_comment_count > 1)
    return or_(posts.c.image_url == "", is_untold if with_comments else false())


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


def save_page(
    connection: Connection,
    post_id: int,
    *,
    html: str = "",
    image_url: str = "",
    image_alt: str = "",
    now: datetime,
) -> None:
    """Remember that a page was read, and what was found there; nothing where it was no web page."""
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
    """Count a failure; after `MAX_TRIES`, or where it is final, the page is given up."""
    failed = posts.c.page_failures + 1
    connection.execute(update(posts).where(posts.c.id == post_id).values(page_failures=failed))
    given_up = posts.c.page_failures >= (0 if is_final else MAX_TRIES)
    connection.execute(
        update(posts).where(posts.c.id == post_id, given_up).values(page_read_at=now)
    )

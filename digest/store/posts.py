"""Stored posts: reads the windows of editions, and writes the decisions of intake."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from digest.models import GIVEN_UP, Change, Post, PostUpdate, SourceKind
from digest.store.choices import CadenceName, carried_seqs, in_window
from digest.store.counters import last_seq, take_seqs
from digest.store.dialect import insert_for, insert_into
from digest.store.post_categories import is_filed
from digest.store.tables import (
    comment_sources,
    comments,
    feeds,
    post_categories,
    post_sources,
    posts,
)
from digest.text.html import better_text

__all__ = ["last_seq", "last_seq_before", "posts_between", "save_posts"]

# --- reading ------------------------------------------------------------------------------------


def last_seq_before(connection: Connection, when: datetime) -> int:
    """Return the `seq` of the newest post first seen before `when`; 0 if there is none."""
    found = connection.scalar(select(func.max(posts.c.seq)).where(posts.c.first_seen_at < when))
    return int(found or 0)


def posts_between(
    connection: Connection,
    since_seq: int,
    cut_seq: int,
    categories: Sequence[str] | None = None,
    of: CadenceName | None = None,
    *,
    also: Sequence[int] = (),
) -> tuple[Post, ...]:
    """Return the mailable posts with `since_seq < seq <= cut_seq`, in that order.

    Args:
        connection: a connection inside a transaction.
        since_seq: the end of the previous window.
        cut_seq: the end of this window.
        categories: the categories, of which a post must have one; None: all posts.
        of: the cadence of the window, whose new numbers for posts kept by an editor count. None:
            only the posts' own numbers count.
        also: ids of posts that count as having one of the categories.
    """
    window = and_(in_window(since_seq, cut_seq, of), posts.c.mailable.is_(True))
    query = _posts_query().where(window)
    if categories is not None:
        query = query.where(or_(is_filed(categories), posts.c.id.in_(also)))
    named = _categories_in(connection, window)
    moved = carried_seqs(connection, of) if of else {}
    found = (
        _post(row, tuple(named[row.id]), moved.get(row.id, row.seq))
        for row in connection.execute(query)
    )
    return tuple(sorted(found, key=lambda post: post.seq))


def discussed_posts(
    connection: Connection,
    windows: Sequence[tuple[int, CadenceName | None]],
    categories: Sequence[str],
    *,
    upto_seq: int | None = None,
    most: int,
) -> tuple[Post, ...]:
    """Return the mailable posts that have comments, the newest first.

    Args:
        connection: a connection inside a transaction.
        windows: where open windows start, each with its cadence as for `in_window`; a post is in
            one of them.
        categories: the categories, of which a post must have one.
        upto_seq: the highest number of a post; None for the newest post.
        most: the limit.
    """
    found = select(posts.c.id).where(
        or_(*(in_window(since_seq, of=of) for since_seq, of in windows)),
        posts.c.mailable.is_(True),
        is_filed(categories),
        exists().where(comments.c.post_id == posts.c.id),
    )
    if upto_seq is not None:
        found = found.where(posts.c.seq <= upto_seq)
    ids = connection.scalars(found.order_by(posts.c.seq.desc()).limit(most)).all()
    return posts_of(connection, ids)[::-1]


def posts_of(connection: Connection, post_ids: Sequence[int]) -> tuple[Post, ...]:
    """Return posts by their ids, in order of `seq`; those that are not stored are left out."""
    wanted = posts.c.id.in_(post_ids)
    named = _categories_in(connection, wanted)
    rows = connection.execute(_posts_query().where(wanted))
    return tuple(_post(row, tuple(named[row.id]), row.seq) for row in rows)


def count_after(connection: Connection, cut_seq: int, categories: Sequence[str]) -> int:
    """Return the number of mailable posts of these categories that came after a cut."""
    query = select(func.count()).where(
        posts.c.seq > cut_seq, posts.c.mailable.is_(True), is_filed(categories)
    )
    return int(connection.execute(query).scalar_one())


def titles_of(connection: Connection, post_ids: Sequence[int]) -> dict[int, str]:
    """Return the titles of posts, by id."""
    query = select(posts.c.id, posts.c.title).where(posts.c.id.in_(post_ids))
    return {row.id: row.title for row in connection.execute(query)}


@cache  # pages that are looked at again and again need it
def _posts_query() -> Select[Any]:
    return (
        select(
            posts,
            feeds.c.url.label("feed_url"),
            feeds.c.title.label("feed_title"),
            _has_all_comments().label("has_all_comments"),
        )
        .join(feeds, feeds.c.id == posts.c.feed_id)
        .order_by(posts.c.seq)
    )


def _has_all_comments() -> ColumnElement[bool]:
    """Return the condition that a source gave the complete list and still answers.

    An imported file does not change, so it is complete only while the feed does not count more.
    """
    is_whole = (comment_sources.c.post_id == posts.c.id, comment_sources.c.is_complete.is_(True))
    is_file = comment_sources.c.kind == SourceKind.IMPORT
    known = (
        select(func.count())
        .select_from(comments)
        .where(comments.c.post_id == posts.c.id)
        .scalar_subquery()
    )
    is_counted = func.coalesce(posts.c.feed_comment_count, 0) <= known
    is_read = comment_sources.c.failures < GIVEN_UP
    return or_(
        exists().where(*is_whole, ~is_file, is_read),
        and_(is_counted, exists().where(*is_whole, is_file)),
    )


def _categories_in(connection: Connection, window: ColumnElement[bool]) -> dict[int, list[str]]:
    named: dict[int, list[str]] = defaultdict(list)
    rows = connection.execute(
        select(post_categories.c.post_id, post_categories.c.category)
        .distinct()
        .join(posts, posts.c.id == post_categories.c.post_id)
        .where(window)
        .order_by(post_categories.c.post_id, post_categories.c.category)
    )
    for post_id, category in rows:
        named[post_id].append(category)
    return named


def _post(row: Any, categories: tuple[str, ...], seq: int) -> Post:
    return Post(
        id=row.id,
        seq=seq,
        feed_url=row.feed_url,
        feed_title=row.feed_title,
        url=row.url,
        title=row.title,
        author=row.author,
        categories=categories,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        summary_html=row.summary_html,
        content_html=better_text(row.content_html, row.page_html),
        image_url=row.image_url or row.page_image_url,
        image_alt=row.image_alt if row.image_url else row.page_image_alt,
        feed_comment_count=row.feed_comment_count,
        has_all_comments=bool(row.has_all_comments),
        image_bytes=row.image_bytes if row.image_url else None,
    )


#: Columns that a changed post replaces.
_CONTENT = (
    "url",
    "title",
    "author",
    "published_raw",
    "updated_at",
    "summary_html",
    "content_html",
    "image_url",
    "image_alt",
    "image_bytes",
    "content_hash",
)

# --- writing ------------------------------------------------------------------------------------


def save_posts(
    connection: Connection,
    feed_id: int,
    updates: Sequence[PostUpdate],
    categories: Sequence[str],
    *,
    now: datetime,
) -> tuple[int, ...]:
    """Store the decisions of intake; number new posts in the given order.

    Args:
        connection: the connection of the write transaction in which `known_posts` was read.
        feed_id: the id of the feed that was read.
        updates: the decisions of intake.
        categories: the newsletter categories for all of them; `post_categories.file_posts` sets
            them by post.
        now: the time of the reading.

    Returns:
        The post's id for each update.
    """
    new = [item for item in updates if item.post_id is None]
    new_ids = iter(_insert_posts(connection, feed_id, new, now))
    ids = [next(new_ids) if item.post_id is None else item.post_id for item in updates]
    _update_posts(connection, feed_id, updates, now)
    _save_sources(connection, feed_id, updates, ids)
    _save_categories(connection, feed_id, ids, categories)
    return tuple(ids)


def _insert_posts(
    connection: Connection, feed_id: int, new: Sequence[PostUpdate], now: datetime
) -> Sequence[int]:
    """Store new posts in one statement; return their ids, found by their numbers."""
    if not new:
        return ()
    seq = take_seqs(connection, len(new))
    rows = [
        {
            "seq": number,
            "feed_id": feed_id,
            "published_at": item.parsed.published_at or now,
            "first_seen_at": now,
            "feed_comment_count": item.parsed.comment_count,
            "mailable": item.is_mailable,
            "reason": item.reason,
            **_content(item, now),
        }
        for number, item in enumerate(new, start=seq + 1)
    ]
    connection.execute(insert(posts), rows)
    return connection.scalars(_NUMBERED, {"first": seq + 1, "last": seq + len(new)}).all()


_NUMBERED = (
    select(posts.c.id)
    .where(posts.c.seq.between(bindparam("first"), bindparam("last")))
    .order_by(posts.c.seq)
)


def _update_posts(
    connection: Connection, feed_id: int, updates: Sequence[PostUpdate], now: datetime
) -> None:
    """Store changed posts and the feed's number of comments, for posts that the feed owns."""
    changed = [
        {"known": item.post_id, "dated": item.parsed.published_at, **_content(item, now)}
        for item in updates
        if item.post_id is not None and item.change is Change.CHANGED
    ]
    if changed:
        connection.execute(_CHANGED, changed)
    rows = [
        {"known": item.post_id, "owner": feed_id, "count": item.parsed.comment_count}
        for item in updates
        if item.post_id is not None
    ]
    if rows:
        connection.execute(_COUNTED, rows)


#: A post whose date the feed took away keeps the one that it had.
_CHANGED = (
    update(posts)
    .where(posts.c.id == bindparam("known"))
    .values(
        published_at=func.coalesce(
            bindparam("dated", type_=posts.c.published_at.type), posts.c.published_at
        ),
        **{name: bindparam(name) for name in _CONTENT},
    )
)
_COUNTED = (
    update(posts)
    .where(posts.c.id == bindparam("known"), posts.c.feed_id == bindparam("owner"))
    .values(feed_comment_count=bindparam("count"))
)


def _content(item: PostUpdate, now: datetime) -> dict[str, Any]:
    parsed = item.parsed
    return {
        "url": parsed.url,
        "title": parsed.title,
        "author": parsed.author,
        "published_raw": parsed.published_raw,
        "updated_at": now,
        "summary_html": parsed.summary_html,
        "content_html": parsed.content_html,
        "image_url": parsed.image_url,
        "image_alt": parsed.image_alt,
        "image_bytes": parsed.image_bytes,
        "content_hash": item.content_hash,
    }


def _save_sources(
    connection: Connection, feed_id: int, updates: Sequence[PostUpdate], ids: Sequence[int]
) -> None:
    if not ids:
        return
    connection.execute(
        _sourcing(connection.dialect.name),
        [
            {
                "post_id": post_id,
                "feed_id": feed_id,
                "guid": item.parsed.guid,
                "url_key": item.url_key,
                "labels": json.dumps(item.parsed.feed_categories, ensure_ascii=False),
            }
            for post_id, item in zip(ids, updates, strict=True)
        ],
    )


@cache
def _sourcing(dialect: str) -> Insert:
    seen = insert_into(dialect, post_sources)
    return seen.on_conflict_do_update(
        index_elements=[post_sources.c.post_id, post_sources.c.feed_id],
        set_={name: seen.excluded[name] for name in ("guid", "url_key", "labels")},
    )


def _save_categories(
    connection: Connection, feed_id: int, ids: Sequence[int], names: Sequence[str]
) -> None:
    rows = [
        {"post_id": post_id, "feed_id": feed_id, "category": name}
        for post_id in ids
        for name in names
    ]
    if rows:
        connection.execute(insert_for(connection, post_categories).on_conflict_do_nothing(), rows)

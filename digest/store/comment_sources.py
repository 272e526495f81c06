"""Stored sources of the comments of each post, with the result of the last reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, select, update

from digest.models import CommentSource, SourceKind, Validators
from digest.store.dialect import insert_for
from digest.store.tables import comment_sources, comments, feeds, post_sources, posts

#: Feeds named in one statement; SQLite takes 32,766 values.
_MANY = 1000

# --- reading ------------------------------------------------------------------------------------


def sources_since(
    connection: Connection, feed_id: int, since: datetime
) -> tuple[CommentSource, ...]:
    """Return the sources of a feed's mailable posts first seen since then, newest post first."""
    return sources_by_feed(connection, (feed_id,), since).get(feed_id, ())


def sources_by_feed(
    connection: Connection, feed_ids: Sequence[int], since: datetime
) -> dict[int, tuple[CommentSource, ...]]:
    """Return the result of `sources_since` for each feed; feeds without sources are left out."""
    found: dict[int, list[CommentSource]] = defaultdict(list)
    for start in range(0, len(feed_ids), _MANY):
        asked = {"feed_ids": feed_ids[start : start + _MANY], "since": since}
        for row in connection.execute(_SOURCES, asked):
            found[row.feed_id].append(_source(row))
    return {feed_id: tuple(sources) for feed_id, sources in found.items()}


def sources_of(
    connection: Connection, post_ids: Sequence[int]
) -> dict[int, tuple[CommentSource, ...]]:
    """Return the sources of each post; posts without sources are left out."""
    found: dict[int, list[CommentSource]] = defaultdict(list)
    for start in range(0, len(post_ids), _MANY):
        asked = {"post_ids": post_ids[start : start + _MANY]}
        for row in connection.execute(_SOURCES_OF_POSTS, asked):
            found[row.post_id].append(_source(row))
    return {post_id: tuple(sources) for post_id, sources in found.items()}


def posts_by_name(connection: Connection, post_ids: Sequence[int]) -> dict[str, int]:
    """Return posts by the identifiers and by the keys of the links that feeds give them."""
    query = select(post_sources).where(post_sources.c.post_id.in_(post_ids))
    rows = connection.execute(query.order_by(post_sources.c.post_id, post_sources.c.feed_id)).all()
    return {name: row.post_id for row in rows for name in (row.url_key, row.guid) if name}


def _all_sources() -> Select[Any]:
    # Compares the post too because there is an index on it.
    has_comments = exists().where(
        comments.c.post_id == comment_sources.c.post_id,
        comments.c.source_id == comment_sources.c.id,
    )
    return (
        select(
            comment_sources,
            posts.c.feed_id,
            posts.c.feed_comment_count,
            posts.c.first_seen_at,
            feeds.c.url.label("feed_url"),
            has_comments.label("has_comments"),
        )
        .join(posts, posts.c.id == comment_sources.c.post_id)
        .join(feeds, feeds.c.id == posts.c.feed_id)
        .order_by(posts.c.seq.desc(), comment_sources.c.id)
    )


#: Built once because a collection runs it for every feed with news.
_SOURCES = _all_sources().where(
    posts.c.feed_id.in_(bindparam("feed_ids", expanding=True)),
    posts.c.first_seen_at >= bindparam("since"),
    posts.c.mailable,
)
_SOURCES_OF_POSTS = _all_sources().where(posts.c.id.in_(bindparam("post_ids", expanding=True)))


def _source(row: Any) -> CommentSource:
    return CommentSource(
        id=row.id,
        post_id=row.post_id,
        kind=SourceKind(row.kind),
        url=row.url,
        feed_url=row.feed_url,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        count=row.feed_comment_count,
        checked_at=row.checked_at,
        failures=row.failures,
        is_complete=row.is_complete,
        has_comments=bool(row.has_comments),
        first_seen_at=row.first_seen_at,
    )


# --- writing ------------------------------------------------------------------------------------


def add_sources(connection: Connection, found: Iterable[tuple[int, SourceKind, str]]) -> None:
    """Store sources of comments: a post's id, the kind of the source, its URL."""
    rows = [{"post_id": post_id, "kind": kind, "url": url} for post_id, kind, url in found]
    if rows:
        connection.execute(insert_for(connection, comment_sources).on_conflict_do_nothing(), rows)


def open_source(
    connection: Connection, post_id: int, kind: SourceKind, url: str, *, count: int | None = None
) -> CommentSource:
    """Return one source of a post; add it if it is new. Its `feed_url` stays empty."""
    add_sources(connection, [(post_id, kind, url)])
    is_it = (comment_sources.c.post_id == post_id, comment_sources.c.url == url)
    row = connection.execute(select(comment_sources).where(*is_it)).one()
    return CommentSource(
        id=row.id,
        post_id=post_id,
        kind=SourceKind(row.kind),
        url=url,
        feed_url="",
        validators=Validators(),
        count=count,
    )


def save_answer(
    connection: Connection,
    source_id: int,
    *,
    validators: Validators,
    now: datetime,
    is_complete: bool | None = None,
) -> None:
    """Store that a source answered.

    Args:
        connection: the connection of a write transaction.
        source_id: the source's id.
        validators: the validators for the next request; empty if the list has several documents.
        now: the time of the request.
        is_complete: whether it gave the complete list; None if nothing changed since the last time.
    """
    values: dict[str, object] = {
        "checked_at": now,
        "etag": validators.etag,
        "last_modified": validators.last_modified,
        "failures": 0,
        "last_error": "",
    }
    if is_complete is not None:
        values["is_complete"] = is_complete
    connection.execute(_ONE_SOURCE, values | {"which": source_id})


_ONE_SOURCE = update(comment_sources).where(comment_sources.c.id == bindparam("which"))


def save_counts(connection: Connection, counts: Mapping[int, int]) -> None:
    """Store the numbers of comments that a feed gives for its posts, by the post's id."""
    rows = [{"which": post_id, "count": count} for post_id, count in counts.items()]
    if rows:
        connection.execute(_COUNT, rows)


_COUNT = (
    update(posts)
    .where(posts.c.id == bindparam("which"))
    .values(feed_comment_count=bindparam("count"))
)


def save_source_failure(
    connection: Connection, source_id: int, reason: str, *, now: datetime
) -> None:
    """Count a failure of a source; its stored comments stay."""
    connection.execute(
        update(comment_sources)
        .where(comment_sources.c.id == source_id)
        .values(checked_at=now, failures=comment_sources.c.failures + 1, last_error=reason)
    )

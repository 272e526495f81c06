"""Comments as stored, and the sources they are read from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, select, update

from digest.models import Comment, CommentKind, ParsedComment, Validators
from digest.store.dialect import insert_for
from digest.store.tables import comment_sources, comments, feeds, posts

#: Posts asked for in one statement; SQLite takes 32,766 values.
_MANY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSource:
    """One comment feed of one post."""

    id: int
    post_id: int
    url: str
    #: The post's feed, as configured.
    feed_url: str
    validators: Validators
    #: What the post's feed counts; None where it does not.
    count: int | None


# --- reading ------------------------------------------------------------------------------------


def comments_of(connection: Connection, post_ids: Sequence[int]) -> dict[int, tuple[Comment, ...]]:
    """Give the comments of each of the posts, oldest first; posts without any are left out."""
    found: dict[int, tuple[Comment, ...]] = {}
    for start in range(0, len(post_ids), _MANY):
        found |= _comments_of(connection, post_ids[start : start + _MANY])
    return found


def _comments_of(connection: Connection, post_ids: Sequence[int]) -> dict[int, tuple[Comment, ...]]:
    rows = connection.execute(
        select(comments)
        .where(comments.c.post_id.in_(post_ids))
        .order_by(comments.c.post_id, comments.c.posted_at, comments.c.id)
    ).all()
    ids = {(row.post_id, row.external_id): row.id for row in rows}
    found: dict[int, list[Comment]] = defaultdict(list)
    for row in rows:
        parent_id = ids.get((row.post_id, row.parent_external_id))
        found[row.post_id].append(_comment(row, parent_id))
    return {post_id: tuple(under) for post_id, under in found.items()}


def sources_since(
    connection: Connection, feed_id: int, since: datetime
) -> tuple[CommentSource, ...]:
    """Give the comment feeds of a feed's mailable posts first seen since then, newest first."""
    return sources_by_feed(connection, (feed_id,), since).get(feed_id, ())


def sources_by_feed(
    connection: Connection, feed_ids: Sequence[int], since: datetime
) -> dict[int, tuple[CommentSource, ...]]:
    """Give what `sources_since` gives for each of the feeds; those without any are left out."""
    found: dict[int, list[CommentSource]] = defaultdict(list)
    for start in range(0, len(feed_ids), _MANY):
        for row in connection.execute(_sources_query(feed_ids[start : start + _MANY], since)):
            found[row.feed_id].append(_source(row))
    return {feed_id: tuple(sources) for feed_id, sources in found.items()}


def _sources_query(feed_ids: Sequence[int], since: datetime) -> Select[Any]:
    return (
        select(
            comment_sources,
            posts.c.feed_id,
            posts.c.feed_comment_count,
            feeds.c.url.label("feed_url"),
        )
        .join(posts, posts.c.id == comment_sources.c.post_id)
        .join(feeds, feeds.c.id == posts.c.feed_id)
        .where(posts.c.feed_id.in_(feed_ids), posts.c.first_seen_at >= since, posts.c.mailable)
        .order_by(posts.c.seq.desc())
    )


def _source(row: Any) -> CommentSource:
    return CommentSource(
        id=row.id,
        post_id=row.post_id,
        url=row.url,
        feed_url=row.feed_url,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        count=row.feed_comment_count,
    )


def ids_at(connection: Connection, source_id: int) -> frozenset[str]:
    """Give the `external_id`s of the comments stored from a source."""
    query = select(comments.c.external_id).where(comments.c.source_id == source_id)
    return frozenset(connection.scalars(query))


def _comment(row: Any, parent_id: int | None) -> Comment:
    return Comment(
        id=row.id,
        parent_id=parent_id,
        author=row.author,
        posted_at=row.posted_at,
        text=row.text,
        kind=CommentKind(row.kind),
        url=row.url,
        votes=row.votes,
        is_held=row.held,
    )


# --- writing ------------------------------------------------------------------------------------


def add_sources(connection: Connection, found: Iterable[tuple[int, str]]) -> None:
    """Remember where comments are read: pairs of a post's id and an address."""
    rows = [{"post_id": post_id, "url": url} for post_id, url in found]
    if rows:
        connection.execute(insert_for(connection, comment_sources).on_conflict_do_nothing(), rows)


def save_comments(
    connection: Connection,
    source: CommentSource,
    listed: Sequence[ParsedComment],
    *,
    is_complete: bool,
    now: datetime,
) -> None:
    """Store what a source lists; what a complete one does not list any more is deleted."""
    if is_complete:
        kept = [comment.external_id for comment in listed]
        connection.execute(
            delete(comments).where(
                comments.c.source_id == source.id, comments.c.external_id.not_in(kept)
            )
        )
    if listed:
        seen = insert_for(connection, comments)
        upsert = seen.on_conflict_do_update(
            index_elements=[comments.c.post_id, comments.c.external_id],
            set_={name: seen.excluded[name] for name in _CHANGING},
        )
        connection.execute(upsert, [_row(source, comment, now) for comment in listed])
    connection.execute(
        update(comment_sources)
        .where(comment_sources.c.id == source.id)
        .values(is_complete=is_complete)
    )


def save_answer(
    connection: Connection, source_id: int, *, validators: Validators, now: datetime
) -> None:
    """Remember that a source answered."""
    connection.execute(
        update(comment_sources)
        .where(comment_sources.c.id == source_id)
        .values(
            checked_at=now,
            etag=validators.etag,
            last_modified=validators.last_modified,
            failures=0,
            last_error="",
        )
    )


def save_source_failure(
    connection: Connection, source_id: int, reason: str, *, now: datetime
) -> None:
    """Count a failure; the comments read before stay."""
    connection.execute(
        update(comment_sources)
        .where(comment_sources.c.id == source_id)
        .values(checked_at=now, failures=comment_sources.c.failures + 1, last_error=reason)
    )


#: What a later reading may change.
_CHANGING = ("parent_external_id", "author", "posted_at", "text", "kind", "url")


def _row(source: CommentSource, comment: ParsedComment, now: datetime) -> dict[str, Any]:
    return {
        "post_id": source.post_id,
        "source_id": source.id,
        "external_id": comment.external_id,
        "parent_external_id": comment.parent_id,
        "author": comment.author,
        "posted_at": comment.posted_at,
        "text": comment.text,
        "kind": comment.kind,
        "url": comment.url,
        "first_seen_at": now,
    }

"""Stored comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, select, update

from digest.models import (
    Comment,
    CommentChanges,
    CommentKind,
    CommentSource,
    KnownComment,
    ParsedComment,
    SourceKind,
)
from digest.store.dialect import insert_for
from digest.store.moderation import IS_DECIDED, read_decision
from digest.store.tables import comment_decisions, comment_sources, comments

#: Posts or comments named in one statement; SQLite takes 32,766 values.
_MANY = 1000
#: Posts by author that are enough to decide whether a name is known.
_ENOUGH = 2

# --- reading ------------------------------------------------------------------------------------


def comments_of(
    connection: Connection, post_ids: Sequence[int], *, with_first_times: bool = True
) -> dict[int, tuple[Comment, ...]]:
    """Return the comments of each post, oldest first; posts without comments are left out.

    Without `with_first_times`, which reads the comments under all other posts, no comment is said
    to be the first one under its name.
    """
    found: dict[int, tuple[Comment, ...]] = {}
    for start in range(0, len(post_ids), _MANY):
        some = post_ids[start : start + _MANY]
        firsts = _first_comments(connection, some) if with_first_times else None
        found |= _comments_of(connection, some, firsts)
    return found


def _comments_of(
    connection: Connection, post_ids: Sequence[int], firsts: _Firsts | None
) -> dict[int, tuple[Comment, ...]]:
    rows = connection.execute(
        select(comments, comment_decisions.c.decision, comment_decisions.c.content_hash)
        .outerjoin(comment_decisions, IS_DECIDED)
        .where(comments.c.post_id.in_(post_ids))
        .order_by(comments.c.post_id, comments.c.posted_at.nulls_first(), comments.c.id)
    ).all()
    ids = {(row.post_id, row.external_id): row.id for row in rows}
    found: dict[int, list[Comment]] = defaultdict(list)
    for row in rows:
        parent_id = ids.get((row.post_id, row.parent_external_id))
        comment = _comment(row, parent_id)
        is_first_time = firsts is not None and _is_first(row, firsts)
        found[row.post_id].append(replace(comment, is_first_time=is_first_time))
    return {post_id: tuple(under) for post_id, under in found.items()}


#: By author, the first posts commented on, each with the id of the first comment.
_Firsts = defaultdict[str, list[tuple[int, int]]]


def _is_first(row: Any, firsts: _Firsts) -> bool:
    is_known = any(
        post_id != row.post_id and first < row.id for post_id, first in firsts[row.author]
    )
    # A commenter without a name cannot be known.
    return not (row.author.strip() and is_known)


def missing(connection: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Return the ids whose comments are not stored any more."""
    found: set[int] = set()
    for start in range(0, len(ids), _MANY):
        query = select(comments.c.id).where(comments.c.id.in_(ids[start : start + _MANY]))
        found |= set(connection.execute(query).scalars())
    return frozenset(ids) - found


def _first_comments(connection: Connection, post_ids: Sequence[int]) -> _Firsts:
    """Return, by author, the first two posts commented on, each with the first comment's id.

    Includes the posts of every feed: a name is known if an earlier comment by it is stored at
    another post.
    """
    here = select(comments.c.author).where(comments.c.post_id.in_(post_ids)).distinct()
    rows = connection.execute(
        select(comments.c.author, comments.c.post_id, func.min(comments.c.id).label("first"))
        .where(comments.c.author.in_(here), comments.c.kind == CommentKind.COMMENT)
        .group_by(comments.c.author, comments.c.post_id)
        .order_by("first")
    )
    firsts: _Firsts = defaultdict(list)
    for author, post_id, first in rows:
        # If any is at another post, one of these two is.
        if len(firsts[author]) < _ENOUGH:
            firsts[author].append((post_id, first))
    return firsts


def known_at(connection: Connection, post_id: int) -> tuple[KnownComment, ...]:
    """Return the stored comments of a post, each with the source that it belongs to."""
    rows = connection.execute(
        select(
            comments.c.external_id,
            comments.c.kind,
            comments.c.source_id,
            comment_sources.c.kind.label("source_kind"),
            comment_sources.c.failures,
        )
        .join(comment_sources, comment_sources.c.id == comments.c.source_id)
        .where(comments.c.post_id == post_id)
    )
    return tuple(
        KnownComment(
            external_id=row.external_id,
            kind=CommentKind(row.kind),
            source_id=row.source_id,
            source_kind=SourceKind(row.source_kind),
            source_failures=row.failures,
        )
        for row in rows
    )


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
        decision=read_decision(row),
    )


# --- writing ------------------------------------------------------------------------------------


def save_changes(
    connection: Connection, source: CommentSource, changes: CommentChanges, *, now: datetime
) -> None:
    """Store the comments that a reading of a source changes, and delete the removed ones."""
    _delete(connection, source.post_id, sorted(changes.gone))
    _save_own(connection, source, changes.own, now=now)
    if changes.threads:
        threads = [
            {"post": source.post_id, "which": external_id, "parent": parent}
            for external_id, parent in changes.threads
        ]
        connection.execute(_THREAD, threads)


#: Stores which comment another one answers, if that is not known.
_THREAD = (
    update(comments)
    .where(
        comments.c.post_id == bindparam("post"),
        comments.c.external_id == bindparam("which"),
        comments.c.parent_external_id == "",
    )
    .values(parent_external_id=bindparam("parent"))
)


def _save_own(
    connection: Connection, source: CommentSource, own: Sequence[ParsedComment], *, now: datetime
) -> None:
    if not own:
        return
    seen = insert_for(connection, comments)
    given = seen.excluded
    upsert = seen.on_conflict_do_update(
        index_elements=[comments.c.post_id, comments.c.external_id],
        set_={
            **{name: given[name] for name in _CHANGING},
            # A value that this source does not give may be from another source.
            "parent_external_id": _given_or_stored(
                given.parent_external_id, comments.c.parent_external_id
            ),
            "url": _given_or_stored(given.url, comments.c.url),
            "posted_at": func.coalesce(given.posted_at, comments.c.posted_at),
            "votes": func.coalesce(given.votes, comments.c.votes),
        },
    )
    connection.execute(upsert, [_row(source, comment, now) for comment in own])


#: The columns that a later reading replaces.
_CHANGING = ("source_id", "author", "text", "kind")


def _given_or_stored(new: Any, old: Any) -> Any:
    return case((new == "", old), else_=new)


def _delete(connection: Connection, post_id: int, external_ids: Sequence[str]) -> None:
    for start in range(0, len(external_ids), _MANY):
        gone: Iterable[str] = external_ids[start : start + _MANY]
        connection.execute(
            delete(comments).where(comments.c.post_id == post_id, comments.c.external_id.in_(gone))
        )


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
        "votes": comment.votes,
        "first_seen_at": now,
    }

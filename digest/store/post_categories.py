"""Where the posts of a feed are filed: the newsletter's categories, by the feed that gave them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Insert, bindparam, delete, select

from digest.store.dialect import insert_into
from digest.store.tables import post_categories, post_sources, posts

#: Posts of one question: engines take so many values, not all.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLabels:
    """What a feed's rules look at, of a stored post."""

    post_id: int
    title: str
    author: str
    #: The feed's own.
    feed_categories: tuple[str, ...]


def labels_of(connection: Connection, feed_id: int) -> tuple[StoredLabels, ...]:
    """Give what rules look at of every stored post that a feed carries or has carried."""
    rows = connection.execute(
        select(posts.c.id, posts.c.title, posts.c.author, post_sources.c.labels)
        .join(post_sources, post_sources.c.post_id == posts.c.id)
        .where(post_sources.c.feed_id == feed_id)
        .order_by(posts.c.seq)
    )
    return tuple(
        StoredLabels(
            post_id=row.id,
            title=row.title,
            author=row.author,
            feed_categories=tuple(json.loads(row.labels)),
        )
        for row in rows
    )


def file_posts(
    connection: Connection, feed_id: int, filed: Mapping[int, Sequence[str]]
) -> tuple[int, ...]:
    """Put posts into the categories that a feed's rules gave them, and out of others of that feed.

    What another feed's rules gave a post stays.

    Args:
        connection: of a write transaction.
        feed_id: whose rules.
        filed: categories by the post's id.

    Returns:
        The posts that stood elsewhere before.
    """
    stood = _stood(connection, feed_id, tuple(filed))
    moved = tuple(id_ for id_, names in filed.items() if set(names) != stood.get(id_, set()))
    for ids in _parts(tuple(id_ for id_ in moved if id_ in stood)):
        is_moved = post_categories.c.post_id.in_(ids)
        connection.execute(
            delete(post_categories).where(post_categories.c.feed_id == feed_id, is_moved)
        )
    rows = [
        {"post_id": id_, "feed_id": feed_id, "category": name}
        for id_ in moved
        for name in dict.fromkeys(filed[id_])
    ]
    if rows:
        connection.execute(_filing(connection.dialect.name), rows)
    return moved


@cache  # built once, for a collection files the posts of every feed
def _filing(dialect: str) -> Insert:
    return insert_into(dialect, post_categories).on_conflict_do_nothing()


_FILED = select(post_categories.c.post_id, post_categories.c.category).where(
    post_categories.c.feed_id == bindparam("feed"),
    post_categories.c.post_id.in_(bindparam("ids", expanding=True)),
)


def _stood(connection: Connection, feed_id: int, post_ids: tuple[int, ...]) -> dict[int, set[str]]:
    stood: dict[int, set[str]] = {}
    for ids in _parts(post_ids):
        rows = connection.execute(_FILED, {"feed": feed_id, "ids": ids})
        for post_id, category in rows:
            stood.setdefault(post_id, set()).add(category)
    return stood


def _parts(ids: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    return tuple(ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))

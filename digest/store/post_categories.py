"""The newsletter categories of posts, by the feed whose rules gave them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Connection, Insert, bindparam, delete, exists, select

from digest.store.dialect import insert_into
from digest.store.tables import post_categories, post_sources, posts

#: Posts in one statement because engines limit the number of values.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLabels:
    """The fields of a stored post that a feed's rules match."""

    post_id: int
    title: str
    author: str
    #: The feed's own categories.
    feed_categories: tuple[str, ...]


def is_filed(categories: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a post has one of the categories; it looks up that post alone."""
    # Under a name of its own, because the query around it may read the table too.
    own = post_categories.alias("own_categories")
    return exists().where(own.c.post_id == posts.c.id, own.c.category.in_(categories))


def labels_of(connection: Connection, feed_id: int) -> tuple[StoredLabels, ...]:
    """Return the fields for the rules of every stored post that was ever in a feed."""
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
    """Replace the categories that a feed's rules gave to posts.

    Categories from another feed's rules stay.

    Args:
        connection: the connection of a write transaction.
        feed_id: the id of the feed with the rules.
        filed: the new categories, by post id.

    Returns:
        The ids of the posts whose categories changed.
    """
    before = _filed_before(connection, feed_id, tuple(filed))
    moved = tuple(id_ for id_, names in filed.items() if set(names) != before.get(id_, set()))
    for ids in _parts(tuple(id_ for id_ in moved if id_ in before)):
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


@cache  # built once because a collection runs it for every feed
def _filing(dialect: str) -> Insert:
    return insert_into(dialect, post_categories).on_conflict_do_nothing()


_FILED = select(post_categories.c.post_id, post_categories.c.category).where(
    post_categories.c.feed_id == bindparam("feed"),
    post_categories.c.post_id.in_(bindparam("ids", expanding=True)),
)


def _filed_before(
    connection: Connection, feed_id: int, post_ids: tuple[int, ...]
) -> dict[int, set[str]]:
    filed: dict[int, set[str]] = {}
    for ids in _parts(post_ids):
        rows = connection.execute(_FILED, {"feed": feed_id, "ids": ids})
        for post_id, category in rows:
            filed.setdefault(post_id, set()).add(category)
    return filed


def _parts(ids: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    return tuple(ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))

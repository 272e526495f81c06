"""Finds the stored posts with which intake compares a feed's document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select

from digest.models import KnownPost
from digest.store.tables import post_sources, posts
from digest.text.links import is_permalink

#: Values in one statement; SQLite takes 32,766.
_MANY = 1000
#: The newest posts of a feed that are compared by title.
_NEWEST = 500


def known_posts(
    connection: Connection,
    feed_id: int,
    guids: Iterable[str],
    url_keys: Iterable[str],
    titles: Iterable[str] = (),
) -> tuple[KnownPost, ...]:
    """Return the stored posts that may be in a feed's document, newest first.

    They share with the document an identifier in the same feed, an identifier that is a link, a
    link key, or, among the newest posts of the feed, a title.
    """
    own = [guid for guid in guids if guid]
    names = {
        "feed": feed_id,
        "guids": own,
        "permalinks": [guid for guid in own if is_permalink(guid)],
        "keys": [key for key in url_keys if key],
    }
    found = connection.execute(_NAMED_ALIKE, names).all()
    wanted = list(titles)
    if wanted:
        titled = {"feed": feed_id, "titles": wanted}
        found = [*found, *connection.execute(_TITLED_ALIKE, titled)]
    rows = {(row.post_id, row.feed_id): row for row in found}
    return tuple(
        _known(row, feed_id)
        for row in sorted(rows.values(), key=lambda row: int(row.seq), reverse=True)
    )


def _known_query() -> Select[Any]:
    return select(
        post_sources,
        posts.c.seq,
        posts.c.content_hash,
        posts.c.feed_id.label("owner_id"),
        posts.c.url,
        posts.c.title,
        posts.c.content_html,
        posts.c.summary_html,
        posts.c.published_at,
        posts.c.first_seen_at,
    ).join(posts, posts.c.id == post_sources.c.post_id)


# Two queries because an index serves each, and none would serve both together. Built once because
# a collection runs them for every feed.
_NAMED_ALIKE = _known_query().where(
    or_(
        and_(
            post_sources.c.feed_id == bindparam("feed"),
            post_sources.c.guid.in_(bindparam("guids", expanding=True)),
        ),
        post_sources.c.guid.in_(bindparam("permalinks", expanding=True)),
        post_sources.c.url_key.in_(bindparam("keys", expanding=True)),
    )
)
_TITLED_ALIKE = _known_query().where(
    post_sources.c.feed_id == bindparam("feed"),
    post_sources.c.post_id.in_(
        select(post_sources.c.post_id)
        .where(post_sources.c.feed_id == bindparam("feed"))
        .order_by(post_sources.c.post_id.desc())
        .limit(_NEWEST)
    ),
    posts.c.title.in_(bindparam("titles", expanding=True)),
)


def _known(row: Any, feed_id: int) -> KnownPost:
    # A post without a usable date was stored with the time when it was first seen.
    is_dated = row.published_at != row.first_seen_at
    return KnownPost(
        post_id=row.post_id,
        guid=row.guid,
        url_key=row.url_key,
        content_hash=row.content_hash,
        is_of_feed=row.feed_id == feed_id,
        is_owner=row.owner_id == feed_id,
        url=row.url,
        title=row.title,
        html=row.content_html or row.summary_html,
        published_at=row.published_at if is_dated else None,
    )


def posts_named(
    connection: Connection, guids: Iterable[str], url_keys: Iterable[str]
) -> tuple[KnownPost, ...]:
    """Return the stored posts with one of these identifiers or link keys, in any feed."""
    found: list[KnownPost] = []
    columns = (post_sources.c.guid, post_sources.c.url_key)
    for column, names in zip(columns, (sorted(guids), sorted(url_keys)), strict=True):
        for start in range(0, len(names), _MANY):
            query = _known_query().where(column.in_(names[start : start + _MANY]))
            rows = connection.execute(query.order_by(posts.c.seq.desc()))
            found += (_known(row, 0) for row in rows)
    return tuple(found)

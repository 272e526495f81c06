"""Finds the stored posts with which intake compares a feed's document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, literal_column, or_, select

from digest.models import FeedHistory, KnownPost, NotMailed
from digest.store.tables import feeds, post_sources, posts
from digest.text.links import is_permalink
from digest.text.titles import title_key

#: Values in one statement; SQLite takes 32,766.
_MANY = 1000
#: The newest posts of a feed that are compared by title and date.
_NEWEST = 2000


def known_posts(
    connection: Connection, feed_id: int, guids: Iterable[str], url_keys: Iterable[str]
) -> tuple[KnownPost, ...]:
    """Return the stored posts that may be in a feed's document by their names, newest first.

    They share with the document an identifier in the same feed, an identifier that is a link, or a
    link key.
    """
    own = [guid for guid in guids if guid]
    names = {
        "feed": feed_id,
        "guids": own,
        "permalinks": [guid for guid in own if is_permalink(guid)],
        "keys": [key for key in url_keys if key],
    }
    return _of_rows(connection.execute(_NAMED_ALIKE, names), feed_id)


def posts_like(
    connection: Connection, feed_id: int, titles: Iterable[str], dates: Iterable[datetime]
) -> tuple[KnownPost, ...]:
    """Return the newest stored posts of a feed with one of these titles or dates, newest first.

    Args:
        connection: a connection inside a transaction.
        feed_id: the feed's id.
        titles: keys of titles; see `title_key`.
        dates: dates of publication.
    """
    keys, instants = {key for key in titles if key}, set(dates)
    newest = connection.execute(_NEWEST_OF_FEED, {"feed": feed_id})
    alike = [
        row.post_id
        for row in newest
        if row.published_at in instants or title_key(row.title) in keys
    ]
    rows = connection.execute(_BY_ID, {"feed": feed_id, "ids": alike}) if alike else ()
    return _of_rows(rows, feed_id)


def history_of(
    connection: Connection, feed_id: int, *, late_since: datetime, now: datetime
) -> FeedHistory:
    """Return what is known of a feed's earlier reads.

    Args:
        connection: a connection inside a transaction.
        feed_id: the feed's id.
        late_since: late posts first seen before this time are not counted.
        now: the time; later dates do not count.
    """
    read_at = connection.scalar(_READ_AT, {"feed": feed_id})
    newest_at = connection.scalar(_NEWEST_AT, {"feed": feed_id, "now": now})
    late = connection.scalar(_LATE, {"feed": feed_id, "since": late_since})
    return FeedHistory(read_at=read_at, newest_at=newest_at, late=int(late or 0))


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
        posts.c.mailable,
    ).join(posts, posts.c.id == post_sources.c.post_id)


# Built once because a collection runs them for every feed.
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
_NEWEST_OF_FEED = (
    select(post_sources.c.post_id, posts.c.title, posts.c.published_at)
    .join(posts, posts.c.id == post_sources.c.post_id)
    .where(post_sources.c.feed_id == bindparam("feed"))
    .order_by(post_sources.c.post_id.desc())
    .limit(_NEWEST)
)
_NEWEST_DATES = select(_NEWEST_OF_FEED.subquery().c.published_at).subquery()
_NEWEST_AT = select(func.max(_NEWEST_DATES.c.published_at)).where(
    _NEWEST_DATES.c.published_at <= bindparam("now")
)
_READ_AT = select(feeds.c.whole_at).where(feeds.c.id == bindparam("feed"))
_LATE = (
    select(func.count())
    .select_from(posts)
    .where(
        posts.c.reason.in_((NotMailed.LATE, NotMailed.ARCHIVE)),
        posts.c.reason != literal_column("''"),
        posts.c.feed_id == bindparam("feed"),
        posts.c.first_seen_at >= bindparam("since"),
    )
)
_BY_ID = _known_query().where(
    post_sources.c.feed_id == bindparam("feed"),
    post_sources.c.post_id.in_(bindparam("ids", expanding=True)),
)


def _of_rows(found: Iterable[Any], feed_id: int) -> tuple[KnownPost, ...]:
    rows = {(row.post_id, row.feed_id): row for row in found}
    newest_first = sorted(rows.values(), key=lambda row: (-row.seq, row.feed_id))
    return tuple(_known(row, feed_id) for row in newest_first)


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
        first_seen_at=row.first_seen_at,
        is_mailable=row.mailable,
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
            rows = connection.execute(query.order_by(posts.c.seq.desc(), post_sources.c.feed_id))
            found += (_known(row, 0) for row in rows)
    return tuple(found)

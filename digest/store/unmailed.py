"""Posts that are in no mail: kept by intake, waiting for their day, or of no wanted category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal_column,
    select,
    true,
    update,
)

from digest.models import IncludedPost, NotMailed
from digest.store.choices import CadenceName, in_window
from digest.store.counters import take_seqs
from digest.store.editions import IS_FROZEN
from digest.store.post_categories import is_filed
from digest.store.tables import editions, feeds, post_categories, posts

# --- posts that get into the mail later ---------------------------------------------------------


def release_due(connection: Connection, *, now: datetime) -> int:
    """Let the posts into the mail that waited for this day; return their number.

    Each gets the next `seq`, in the order of their dates. A day is one of UTC.
    """
    return _make_mailable(connection, _is_due(now), now) if has_due(connection, now=now) else 0


def has_due(connection: Connection, *, now: datetime) -> bool:
    """Return whether a post waited for this day."""
    return connection.scalar(select(posts.c.id).where(_is_due(now)).limit(1)) is not None


def include_posts(connection: Connection, post_ids: Sequence[int], *, now: datetime) -> None:
    """Let posts into the mail that intake kept; each gets the next `seq`."""
    _make_mailable(connection, posts.c.id.in_(post_ids), now)


def included_posts(connection: Connection, post_ids: Sequence[int]) -> tuple[IncludedPost, ...]:
    """Return posts as they are before they are included."""
    columns = (posts.c.id, posts.c.seq, posts.c.reason, posts.c.first_seen_at, posts.c.published_at)
    query = select(*columns).where(posts.c.id.in_(post_ids), posts.c.mailable.is_(False))
    return tuple(
        IncludedPost(
            post_id=row.id,
            seq=row.seq,
            reason=row.reason,
            first_seen_at=row.first_seen_at,
            published_at=row.published_at,
        )
        for row in connection.execute(query.order_by(posts.c.id))
    )


def is_any_mailed(connection: Connection, post_ids: Sequence[int]) -> bool:
    """Return whether a frozen edition reaches up to one of these posts."""
    first = select(func.min(posts.c.seq)).where(posts.c.id.in_(post_ids)).scalar_subquery()
    query = select(editions.c.id).where(IS_FROZEN, editions.c.cut_seq >= first).limit(1)
    return connection.scalar(query) is not None


def keep_out(connection: Connection, before: Sequence[IncludedPost]) -> None:
    """Keep posts out of the mail again, as they were before they were included."""
    for each in before:
        connection.execute(
            update(posts)
            .where(posts.c.id == each.post_id)
            .values(
                seq=each.seq,
                mailable=False,
                reason=each.reason,
                first_seen_at=each.first_seen_at,
                published_at=each.published_at,
            )
        )


def mailable_posts(connection: Connection, post_ids: Sequence[int]) -> tuple[int, ...]:
    """Return those of the posts that mails may have already."""
    query = select(posts.c.id).where(posts.c.id.in_(post_ids), posts.c.mailable.is_(True))
    return tuple(connection.scalars(query.order_by(posts.c.id)))


def _make_mailable(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    """Make posts mailable as if they were first seen now: windows follow that time, too."""
    # Locks the counter, so that of two processes the second finds no posts any more.
    take_seqs(connection, 0)
    kept = posts.c.mailable.is_(False)
    columns = (posts.c.id, posts.c.published_at, posts.c.first_seen_at)
    query = select(*columns).where(which, kept).order_by(posts.c.published_at, posts.c.id)
    found = connection.execute(query).all()
    first = take_seqs(connection, len(found)) + 1 if found else 0
    for seq, row in enumerate(found, first):
        is_dated = row.published_at != row.first_seen_at
        connection.execute(
            update(posts)
            .where(posts.c.id == row.id)
            .values(
                seq=seq,
                mailable=True,
                reason="",
                first_seen_at=now,
                published_at=min(row.published_at, now) if is_dated else now,
            )
        )
    return len(found)


# --- posts that are accounted for ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmailedPost:
    """A post that is in no edition of a newsletter."""

    id: int
    title: str
    feed_url: str
    feed_title: str
    #: In UTC; equal to `first_seen_at` if the feed gave no date.
    published_at: datetime
    #: A `NotMailed`; empty for a post that other newsletters may mail.
    reason: str
    #: Newsletter categories; empty if the rules of its feed leave it out.
    categories: tuple[str, ...]


def kept_posts(
    connection: Connection, categories: Sequence[str], *, cut_seq: int
) -> tuple[UnmailedPost, ...]:
    """Return the posts of these categories that are kept without being mailed, newest first."""
    is_kept = and_(
        posts.c.reason != literal_column("''"),
        posts.c.mailable.is_(False),
        posts.c.seq <= cut_seq,
        is_filed(categories),
    )
    return _unmailed(connection, is_kept)


def count_kept_titles(
    connection: Connection, categories: Sequence[str], *, find: str = ""
) -> dict[NotMailed, int]:
    """Return how many posts of these categories are kept, by reason, with words in their title."""
    query = (
        select(posts.c.reason, func.count())
        .where(_is_kept(categories), _has_words(find))
        .group_by(posts.c.reason)
        .order_by(posts.c.reason)
    )
    return {NotMailed(row[0]): row[1] for row in connection.execute(query)}


def list_kept(
    connection: Connection,
    categories: Sequence[str],
    reason: NotMailed,
    *,
    find: str = "",
    start: int = 0,
    most: int = 100,
) -> tuple[UnmailedPost, ...]:
    """Return the posts of these categories that are kept for one reason, newest first.

    Args:
        connection: a connection inside a transaction.
        categories: the categories, of which a post must have one.
        reason: the reason.
        find: words in the title; empty: any.
        start: the number of posts to leave out at the beginning.
        most: the limit of posts.
    """
    query = _unmailed_query().where(
        posts.c.reason == reason.value, _is_kept(categories), _has_words(find)
    )
    return tuple(_kept(row) for row in connection.execute(query.offset(start).limit(most)))


def _is_kept(categories: Sequence[str]) -> ColumnElement[bool]:
    # The first condition is that of the index.
    return and_(
        posts.c.reason != literal_column("''"),
        posts.c.mailable.is_(False),
        is_filed(categories),
    )


def _has_words(find: str) -> ColumnElement[bool]:
    return posts.c.title.icontains(find, autoescape=True) if find else true()


def _kept(row: Any, categories: Sequence[str] = ()) -> UnmailedPost:
    return UnmailedPost(
        id=row.id,
        title=row.title,
        feed_url=row.url,
        feed_title=row.feed_title,
        published_at=row.published_at,
        reason="" if row.mailable else row.reason,
        categories=tuple(categories),
    )


def unlisted_posts(
    connection: Connection,
    since_seq: int,
    cut_seq: int,
    categories: Sequence[str],
    of: CadenceName,
) -> tuple[UnmailedPost, ...]:
    """Return the posts of a window that are in none of these categories, newest first."""
    return _unmailed(connection, and_(in_window(since_seq, cut_seq, of), ~is_filed(categories)))


def count_kept(
    connection: Connection,
    since_seq: int,
    cut_seq: int,
    categories: Sequence[str],
    of: CadenceName,
) -> dict[str, int]:
    """Return how many posts of a window are kept without being mailed, by reason."""
    rows = connection.execute(
        select(posts.c.reason, func.count())
        .where(in_window(since_seq, cut_seq, of), posts.c.mailable.is_(False), is_filed(categories))
        .group_by(posts.c.reason)
        .order_by(posts.c.reason)
    )
    return {reason: count for reason, count in rows}  # noqa: C416 - mypy does not see rows as pairs


def _is_due(now: datetime) -> ColumnElement[bool]:
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return and_(_has_reason(NotMailed.AHEAD), posts.c.published_at < tomorrow)


def _has_reason(reason: NotMailed) -> ColumnElement[bool]:
    # The second condition is that of the index.
    return and_(posts.c.reason == reason.value, posts.c.reason != literal_column("''"))


def _unmailed(connection: Connection, which: ColumnElement[bool]) -> tuple[UnmailedPost, ...]:
    named: dict[int, list[str]] = {}
    filed = select(post_categories.c.post_id, post_categories.c.category).distinct()
    of_which = filed.join(posts, posts.c.id == post_categories.c.post_id).where(which)
    for post_id, category in connection.execute(of_which.order_by(post_categories.c.category)):
        named.setdefault(post_id, []).append(category)
    rows = connection.execute(_unmailed_query().where(which))
    return tuple(_kept(row, named.get(row.id, ())) for row in rows)


def _unmailed_query() -> Select[Any]:
    return (
        select(
            posts.c.id,
            posts.c.title,
            posts.c.published_at,
            posts.c.mailable,
            posts.c.reason,
            feeds.c.url,
            feeds.c.title.label("feed_title"),
        )
        .join(feeds, feeds.c.id == posts.c.feed_id)
        .order_by(posts.c.published_at.desc(), posts.c.id.desc())
    )

"""Reports the state of each configured feed, and when it is fetched next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import FeedSource
from digest.newsroom.context import RunContext
from digest.newsroom.service.poll import is_feed_due
from digest.store.engine import Database
from digest.store.feed_counts import count_comment_sources, count_posts_since, last_post_at
from digest.store.feeds import FeedHealth, FeedTries, list_feeds, read_tries

#: The period for which new posts are counted.
PERIOD = timedelta(days=30)
#: `digest run` fetches a feed within this time after it is due. Only one week is looked ahead.
_STEP = timedelta(minutes=5)
_STEPS = 7 * 24 * 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """One configured feed."""

    url: str
    categories: tuple[str, ...]
    #: The feed's own title; empty if the feed was never read.
    title: str
    #: `new`, `ok`, `failing`, `moved` or `gone`.
    state: str
    #: When it was last read without error; None if never.
    read_at: datetime | None
    #: When it last brought a new post; None if never.
    new_at: datetime | None
    #: About when `digest run` fetches it next; None if it is gone, or not within a week.
    next_try: datetime | None
    #: Number of failures since the last success.
    failures: int
    last_error: str
    #: Address to which permanent redirects lead; empty if there are none.
    moved_to: str
    #: Number of posts first seen within `PERIOD`.
    recent_posts: int
    #: Number of comment sources of its posts, by kind; empty if comments are off.
    comment_sources: dict[str, int]
    #: Whether comments of its posts are read.
    has_comments: bool
    #: Number of posts of its archive that its site began to list; they are kept, not mailed.
    archived: int = 0
    #: When its document last did not reach back to a known post, so that posts may be missing.
    gap_at: datetime | None = None

    @property
    def is_failing(self) -> bool:
        """Whether the feed needs the operator's attention."""
        return self.state in ("failing", "gone")


def report_feeds(
    database: Database, sources: Iterable[FeedSource], *, now: datetime, with_sources: bool = True
) -> tuple[FeedReport, ...]:
    """Return the state of feeds, in their order.

    Args:
        database: the database.
        sources: the configured feeds.
        now: the time.
        with_sources: whether to count the comment sources of all posts ever read.
    """
    with database.read() as connection:
        known = {feed.url: feed for feed in list_feeds(connection)}
        tries = read_tries(connection)
        recent = count_posts_since(connection, now - PERIOD)
        newest = last_post_at(connection)
        places = count_comment_sources(connection) if with_sources else {}
    reports = []
    for source in sources:
        health = known.get(source.url)
        kinds = {kind.value: count for kind, count in places.get(source.url, {}).items()}
        reports.append(
            FeedReport(
                url=source.url,
                categories=source.categories,
                title=health.title if health else "",
                state=_state(health),
                read_at=health.read_at if health else None,
                new_at=(health.new_at if health else None) or newest.get(source.url),
                next_try=_next_try(source, tries.get(source.url), now),
                failures=health.failures if health else 0,
                last_error=health.last_error if health else "",
                moved_to=(health.moved_url or health.moved_to) if health else "",
                recent_posts=recent.get(source.url, 0),
                comment_sources=kinds if source.has_comments else {},
                has_comments=source.has_comments,
                archived=health.archived if health else 0,
                gap_at=health.gap_at if health else None,
            )
        )
    return tuple(reports)


def read_titles(context: RunContext) -> dict[str, str]:
    """Return the titles of the feeds by address, without creating a database.

    Raises:
        StoreError: the database cannot be used.
    """
    if not context.unopened_database().exists():
        return {}
    with context.database.read() as connection:
        return {feed.url: feed.title for feed in list_feeds(connection)}


def _state(health: FeedHealth | None) -> str:
    if health is None or health.checked_at is None:
        return "new"
    if health.gone_at:
        return "gone"
    if health.failures:
        return "failing"
    return "moved" if health.moved_url or health.moved_to else "ok"


def _next_try(source: FeedSource, last: FeedTries | None, now: datetime) -> datetime | None:
    """Return the first time from `now` on at which `digest run` would find the feed due."""
    if last is not None and last.gone_at:
        return None
    turns = (now + step * _STEP for step in range(_STEPS))
    return next((at for at in turns if is_feed_due(source, last, at)), None)

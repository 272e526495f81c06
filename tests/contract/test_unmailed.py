"""Posts that are kept without being mailed, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from digest.models import Change, FeedHistory, NotMailed, PostUpdate, Validators
from digest.store import feeds, posts, unmailed
from digest.store.choices import CadenceName
from digest.store.engine import Database
from digest.store.known_posts import history_of, posts_like
from tests.support.feed_rows import open_feed
from tests.support.parsed import NOW, parsed_feed, parsed_post

URL = "https://harbour.example/feed"
DAY = timedelta(days=1)
WEEKLY = CadenceName("weekly", "weekly")


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        yield connection


def save(
    connection: Connection,
    name: str,
    reason: str = "",
    *,
    published_at: datetime | None = None,
    now: datetime = NOW,
    category: str = "Sea",
) -> int:
    url = f"https://harbour.example/{name}"
    parsed = parsed_post(guid=name, url=url, title=name, published_at=published_at)
    update = PostUpdate(
        change=Change.NEW,
        post_id=None,
        parsed=parsed,
        url_key=url,
        content_hash=name,
        is_mailable=reason in ("", NotMailed.LATE),
        reason=reason,
    )
    feed_id = open_feed(connection, URL, now=NOW).id
    return posts.save_posts(connection, feed_id, (update,), (category,), now=now)[0]


def mailable(connection: Connection) -> list[tuple[int, str]]:
    found = posts.posts_between(connection, 0, posts.last_seq(connection))
    return [(post.seq, post.title) for post in found]


def test_posts_get_the_next_numbers_on_their_day(connection: Connection) -> None:
    save(connection, "fair", NotMailed.AHEAD, published_at=NOW + 9 * DAY)
    save(connection, "race", NotMailed.AHEAD, published_at=NOW + 8 * DAY)
    save(connection, "ball", NotMailed.AHEAD, published_at=NOW + 20 * DAY)
    save(connection, "news", published_at=NOW - DAY)
    assert not unmailed.has_due(connection, now=NOW)
    assert unmailed.release_due(connection, now=NOW) == 0
    assert unmailed.release_due(connection, now=NOW + 9 * DAY) == 2
    assert mailable(connection) == [(4, "news"), (5, "race"), (6, "fair")]
    assert unmailed.release_due(connection, now=NOW + 9 * DAY) == 0


def test_a_released_post_counts_as_first_seen_then_and_not_from_the_future(
    connection: Connection,
) -> None:
    save(connection, "fair", NotMailed.AHEAD, published_at=NOW + 9 * DAY)
    then = NOW + 9 * DAY - timedelta(hours=5)
    unmailed.release_due(connection, now=then)
    (post,) = posts.posts_between(connection, 0, 9)
    assert (post.first_seen_at, post.published_at) == (then, then)
    # Windows that are cut by time still begin before it.
    assert posts.last_seq_before(connection, then) == 0


def test_included_posts_get_the_next_numbers(connection: Connection) -> None:
    old = save(connection, "old", NotMailed.ARCHIVE, published_at=NOW - 90 * DAY)
    bare = save(connection, "bare", NotMailed.BACKLOG)
    news = save(connection, "news")
    assert unmailed.mailable_posts(connection, [news, old]) == (news,)
    unmailed.include_posts(connection, [bare, old], now=NOW + DAY)
    assert mailable(connection) == [(3, "news"), (4, "old"), (5, "bare")]
    dates = {post.title: post.published_at for post in posts.posts_between(connection, 3, 9)}
    assert dates == {"old": NOW - 90 * DAY, "bare": NOW + DAY}


def test_kept_posts_are_listed_with_their_reasons_newest_first(connection: Connection) -> None:
    save(connection, "b", NotMailed.BACKLOG, published_at=NOW - 20 * DAY)
    save(connection, "a", NotMailed.ARCHIVE, published_at=NOW - 10 * DAY)
    save(connection, "other", NotMailed.ARCHIVE, published_at=NOW, category="Land")
    save(connection, "late", NotMailed.LATE, published_at=NOW - 10 * DAY)
    save(connection, "after", NotMailed.ARCHIVE, published_at=NOW)
    found = unmailed.kept_posts(connection, ("Sea",), cut_seq=4)
    assert [(post.title, post.reason, post.categories) for post in found] == [
        ("a", "archive", ("Sea",)),
        ("b", "backlog", ("Sea",)),
    ]
    counts = unmailed.count_kept(connection, 0, 9, ("Sea",), WEEKLY)
    assert counts == {"archive": 2, "backlog": 1}
    assert unmailed.count_kept(connection, 2, 9, ("Sea",), WEEKLY) == {"archive": 1}


def test_posts_of_other_categories_are_listed_by_window(connection: Connection) -> None:
    for name, category in (("a", "Land"), ("b", "Sea"), ("c", "Land"), ("d", "Air")):
        save(connection, name, category=category)
    found = unmailed.unlisted_posts(connection, 1, 3, ("Sea",), WEEKLY)
    assert [(post.title, post.categories, post.reason) for post in found] == [("c", ("Land",), "")]


def test_the_history_of_a_feed_is_its_last_document_newest_post_and_late_posts(
    connection: Connection,
) -> None:
    feed_id = open_feed(connection, URL, now=NOW).id
    empty = history_of(connection, feed_id, late_since=NOW - 7 * DAY, now=NOW)
    assert empty == FeedHistory()
    save(connection, "late", NotMailed.LATE, published_at=NOW - 60 * DAY)
    save(connection, "old", NotMailed.ARCHIVE, published_at=NOW - 60 * DAY, now=NOW - 8 * DAY)
    save(connection, "news", published_at=NOW - DAY)
    save(connection, "fair", NotMailed.AHEAD, published_at=NOW + 9 * DAY)
    feeds.save_feed(
        connection,
        feed_id,
        parsed_feed(),
        validators=Validators(),
        body_hash="x",
        rules_hash="",
        now=NOW - DAY,
        archived=90,
        has_gap=True,
    )
    history = history_of(connection, feed_id, late_since=NOW - 7 * DAY, now=NOW)
    assert history == FeedHistory(read_at=NOW - DAY, newest_at=NOW - DAY, late=1)
    (facts,) = feeds.feed_facts(connection, (URL,))
    assert (facts.archived, facts.gap_at) == (90, NOW - DAY)


def test_posts_are_found_by_the_words_of_their_title_and_by_their_date(
    connection: Connection,
) -> None:
    feed_id = open_feed(connection, URL, now=NOW).id
    save(connection, "The “old” quay", published_at=NOW - DAY)
    save(connection, "Nets", published_at=NOW - 2 * DAY)
    save(connection, "Ships", published_at=NOW - 3 * DAY)
    found = posts_like(connection, feed_id, ("the old quay", ""), (NOW - 3 * DAY,))
    assert [post.title for post in found] == ["Ships", "The “old” quay"]
    assert all(post.is_of_feed and post.first_seen_at == NOW for post in found)
    assert posts_like(connection, feed_id, (), ()) == ()

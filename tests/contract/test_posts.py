from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from digest.models import Change, Post, PostUpdate, Validators
from digest.store import feeds, posts
from digest.store.engine import Database
from digest.store.known_posts import known_posts
from digest.store.tables import feeds as feeds_table
from tests.support.feed_rows import open_feed
from tests.support.parsed import NOW, parsed_feed, parsed_post

URL = "https://harbour.example/feed"


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        yield connection


def feed_id(connection: Connection, url: str = URL) -> int:
    return open_feed(connection, url, now=NOW).id


def new(guid: str, **fields: object) -> PostUpdate:
    return PostUpdate(
        change=Change.NEW,
        post_id=None,
        parsed=parsed_post(guid=guid, url=f"https://harbour.example/{guid}"),
        url_key=f"https://harbour.example/{guid}",
        content_hash="1",
        **fields,  # type: ignore[arg-type]  # the flags of the case
    )


def save(
    connection: Connection, *updates: PostUpdate, url: str = URL, category: str = "Sea"
) -> tuple[int, ...]:
    return posts.save_posts(connection, feed_id(connection, url), updates, (category,), now=NOW)


def stored(connection: Connection) -> tuple[Post, ...]:
    return posts.posts_between(connection, 0, posts.last_seq(connection))


def test_numbers_only_grow_in_the_order_given(connection: Connection) -> None:
    assert posts.last_seq(connection) == 0
    save(connection, new("a"), new("b"))
    save(connection, new("c"))
    assert [(post.seq, post.url[-1]) for post in stored(connection)] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
    ]
    assert posts.last_seq(connection) == 3


def test_a_window_is_cut_by_number(connection: Connection) -> None:
    save(connection, *map(new, "abcd"))
    assert [post.seq for post in posts.posts_between(connection, 1, 3)] == [2, 3]


def test_a_window_holds_the_categories_asked_for(connection: Connection) -> None:
    save(connection, new("a"), category="Sea")
    save(connection, new("b"), category="Land")
    found = posts.posts_between(connection, 0, 9, ("Land", "Air"))
    assert [post.categories for post in found] == [("Land",)]


def test_backlog_is_numbered_and_in_no_window(connection: Connection) -> None:
    save(connection, new("a", is_mailable=False, reason="backlog"), new("b"))
    assert [post.seq for post in stored(connection)] == [2]


def test_a_post_without_date_counts_from_when_it_was_seen(connection: Connection) -> None:
    save(connection, new("a"))
    assert stored(connection)[0].published_at == NOW


def test_a_changed_post_keeps_its_number(connection: Connection) -> None:
    (post_id,) = save(connection, new("a"))
    parsed = parsed_post(guid="a", title="Other", published_at=NOW - timedelta(days=1))
    save(connection, replace(new("a"), change=Change.CHANGED, post_id=post_id, parsed=parsed))
    (post,) = stored(connection)
    assert (post.seq, post.title, post.published_at) == (1, "Other", NOW - timedelta(days=1))


def test_the_size_of_a_picture_is_stored_as_its_feed_gives_it(connection: Connection) -> None:
    heavy = parsed_post(guid="a", image_url="https://harbour.example/a.jpg", image_bytes=400_000)
    save(connection, replace(new("a"), parsed=heavy), new("b"))
    assert [post.image_bytes for post in stored(connection)] == [400_000, None]


def test_a_second_feed_adds_its_category_and_nothing_else(connection: Connection) -> None:
    (post_id,) = save(connection, new("a"))
    update = replace(new("a"), change=Change.KNOWN, post_id=post_id)
    parsed = replace(update.parsed, title="Other", comment_count=9)
    save(
        connection,
        replace(update, parsed=parsed),
        url="https://harbour.example/land",
        category="Land",
    )
    (post,) = stored(connection)
    assert post.categories == ("Land", "Sea")
    assert (post.title, post.feed_url, post.feed_comment_count) == ("Title", URL, None)


def test_the_count_of_comments_of_a_known_post_is_refreshed(connection: Connection) -> None:
    (post_id,) = save(connection, new("a"))
    update = replace(new("a"), change=Change.KNOWN, post_id=post_id)
    save(connection, replace(update, parsed=replace(update.parsed, comment_count=9)))
    assert stored(connection)[0].feed_comment_count == 9


def test_posts_are_known_by_identifier_and_by_link(connection: Connection) -> None:
    save(connection, new("a"), new("b"), new("c"))
    elsewhere = feed_id(connection, "https://harbour.example/land")
    known = known_posts(connection, elsewhere, ["a", ""], ["https://harbour.example/b", ""])
    # An identifier that is not a link means nothing in another feed.
    assert {post.guid for post in known} == {"b"}
    assert not any(post.is_of_feed or post.is_owner for post in known)
    home = feed_id(connection, URL)
    assert [post.guid for post in known_posts(connection, home, ["a"], [])] == ["a"]


def test_a_feed_is_added_once_and_keeps_its_last_result(connection: Connection) -> None:
    first = open_feed(connection, URL, now=NOW)
    assert (first.is_read, first.body_hash, first.failures) == (False, "", 0)
    feeds.save_failure(connection, first.id, "HTTP 500", now=NOW)
    failed = open_feed(connection, URL, now=NOW)
    assert (failed.id, failed.failures, failed.last_error, failed.is_read) == (
        first.id,
        1,
        "HTTP 500",
        False,
    )
    validators = Validators(etag="1")
    feeds.save_feed(
        connection,
        first.id,
        parsed_feed(),
        validators=validators,
        body_hash="x",
        rules_hash="",
        now=NOW,
    )
    read = open_feed(connection, URL, now=NOW)
    assert (read.is_read, read.failures, read.last_error) == (True, 0, "")
    assert (read.validators, read.body_hash) == (validators, "x")


def test_an_unchanged_feed_keeps_what_was_read(connection: Connection) -> None:
    feed = feed_id(connection)
    feeds.save_feed(
        connection,
        feed,
        parsed_feed(),
        validators=Validators(),
        body_hash="x",
        rules_hash="",
        now=NOW,
    )
    feeds.save_unchanged(connection, feed, validators=Validators(etag="2"), now=NOW)
    row = connection.execute(select(feeds_table)).one()
    assert (row.title, row.format, row.body_hash, row.etag) == ("Harbour News", "rss20", "x", "2")


def test_states_of_many_feeds_are_read_at_once_and_new_feeds_are_added(
    connection: Connection,
) -> None:
    first = open_feed(connection, URL, now=NOW)
    opened = feeds.open_feeds(connection, (f"{URL}/2", URL, f"{URL}/2"), now=NOW)
    assert list(opened) == [f"{URL}/2", URL]
    assert opened[URL] == first
    assert not feeds.was_read(connection, opened[f"{URL}/2"].id)
    feeds.save_unchanged(connection, first.id, validators=Validators(), now=NOW)
    assert feeds.was_read(connection, first.id)


def test_known_and_new_posts_of_one_read_keep_their_order(connection: Connection) -> None:
    (known,) = save(connection, new("b"))
    update = replace(new("b"), change=Change.KNOWN, post_id=known)
    ids = save(connection, new("a"), update, new("c"))
    assert ids[1] == known
    assert [post.url[-1] for post in stored(connection)] == ["b", "a", "c"]
    assert [post.id for post in stored(connection)] == [known, ids[0], ids[2]]

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from digest.models import Change, Post, PostUpdate, SourceKind, UnvisitedPost
from digest.store import comment_sources, pages, posts
from digest.store.engine import Database
from digest.store.pages import MAX_TRIES
from tests.support.feed_rows import open_feed
from tests.support.parsed import NOW, parsed_post

URL = "https://harbour.example/feed"
PICTURE = "https://harbour.example/crane.jpg"
STUB, ARTICLE = "<p>Words.</p>", "<p>Words.</p><p>And many more of them.</p>"


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        open_feed(connection, URL, now=NOW)
        yield connection


def save(connection: Connection, *guids: str, mailable: bool = True, **fields: Any) -> list[int]:
    updates = [
        PostUpdate(
            change=Change.NEW,
            post_id=None,
            parsed=parsed_post(guid=guid, url=f"https://harbour.example/{guid}", **fields),
            url_key="",
            content_hash="1",
            is_mailable=mailable,
        )
        for guid in guids
    ]
    return list(posts.save_posts(connection, 1, updates, ("Sea",), now=NOW))


def unvisited(
    connection: Connection, *, with_comments: bool = True, with_texts: bool = True
) -> tuple[UnvisitedPost, ...]:
    return pages.unvisited_since(
        connection, 1, NOW, with_comments=with_comments, with_texts=with_texts
    )


def stored(connection: Connection) -> Post:
    return posts.posts_between(connection, 0, 1)[0]


def test_unvisited_posts_come_newest_first_and_those_that_failed_last(
    connection: Connection,
) -> None:
    first, second, third = save(connection, "a", "b", "c")
    pages.save_page_failure(connection, third, is_final=False, now=NOW)
    assert [post.id for post in unvisited(connection)] == [second, first, third]


def test_visited_posts_old_ones_and_the_backlog_are_left_alone(connection: Connection) -> None:
    (visited,) = save(connection, "a")
    save(connection, "b", mailable=False)
    pages.save_page(connection, visited, now=NOW)
    assert unvisited(connection) == ()
    save(connection, "c")
    later = NOW + timedelta(seconds=1)
    found = pages.unvisited_since(connection, 1, later, with_comments=True, with_texts=True)
    assert found == ()


def test_an_unvisited_post_shows_the_data_of_its_feed(connection: Connection) -> None:
    (post_id,) = save(connection, "a", comment_count=3, image_url=PICTURE)
    comment_sources.add_sources(connection, [(post_id, SourceKind.FEED, f"{URL}/1")])
    (post,) = unvisited(connection)
    assert (post.count, post.has_comment_feed, post.has_image) == (3, True, True)
    assert (post.title, post.content_html, post.known_count) == ("Title", STUB, 0)


@pytest.mark.parametrize(
    ("fields", "has_feed", "found"),
    [
        ({"image_url": PICTURE, "comment_count": 1}, True, False),
        ({"image_url": PICTURE, "comment_count": 2}, True, True),
        ({"image_url": PICTURE, "comment_count": 1}, False, True),
        ({"comment_count": 1}, True, True),
    ],
)
def test_texts_are_read_only_if_requested(
    connection: Connection, fields: dict[str, Any], *, has_feed: bool, found: bool
) -> None:
    (post_id,) = save(connection, "a", **fields)
    kind = SourceKind.FEED if has_feed else SourceKind.PAGE
    comment_sources.add_sources(connection, [(post_id, kind, f"{URL}/1")])
    assert bool(unvisited(connection, with_texts=False)) == found
    is_bare = "image_url" not in fields
    assert bool(unvisited(connection, with_comments=False, with_texts=False)) == is_bare
    assert unvisited(connection)


def test_a_page_supplies_missing_parts_of_the_feed(connection: Connection) -> None:
    (post_id,) = save(connection, "a")
    pages.save_page(
        connection, post_id, html=ARTICLE, image_url=PICTURE, image_alt="A crane", now=NOW
    )
    post = stored(connection)
    assert (post.content_html, post.image_url, post.image_alt) == (ARTICLE, PICTURE, "A crane")


def test_the_picture_and_longer_text_of_the_feed_win_over_the_page(connection: Connection) -> None:
    (post_id,) = save(connection, "a", image_url=PICTURE, content_html=ARTICLE)
    pages.save_page(
        connection, post_id, html=STUB, image_url=f"{PICTURE}?2", image_alt="Other", now=NOW
    )
    post = stored(connection)
    assert (post.content_html, post.image_url, post.image_alt) == (ARTICLE, PICTURE, "")


@pytest.mark.parametrize(("is_final", "tries"), [(False, MAX_TRIES), (True, 1)])
def test_a_page_that_fails_is_given_up_in_the_end(
    connection: Connection, *, is_final: bool, tries: int
) -> None:
    (post_id,) = save(connection, "a")
    for _ in range(tries):
        assert unvisited(connection)
        pages.save_page_failure(connection, post_id, is_final=is_final, now=NOW)
    assert not unvisited(connection)


def test_the_picture_of_many_pages_is_the_sites(connection: Connection) -> None:
    ids = save(connection, *"abcde")
    for post_id in ids:
        pages.save_page(connection, post_id, image_url=PICTURE, image_alt="Logo", now=NOW)
    pages.save_page(connection, ids[0], image_url=PICTURE, image_alt="Logo", now=NOW)
    window = posts.posts_between(connection, 0, 99, ("Sea",))
    assert [bool(post.image_url) for post in window] == [True, True, True, False, False]
    assert [bool(post.image_alt) for post in window] == [True, True, True, False, False]

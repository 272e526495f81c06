from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from digest.models import Change, Comment, CommentKind, ParsedComment, PostUpdate, Validators
from digest.store import comments, feeds, posts
from digest.store.comments import CommentSource
from digest.store.schema import open_checked
from tests.parsed import NOW, parsed_post

FEED = "https://harbour.example/feed"
COMMENTS = "https://harbour.example/ship/feed"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = open_checked(f"sqlite:///{tmp_path / 'digest.db'}")
    with database.write() as connection:
        yield connection
    database.close()


@pytest.fixture
def source(connection: Connection) -> CommentSource:
    """Give the comment feed of one stored post."""
    feed = feeds.open_feed(connection, FEED, now=NOW)
    update = PostUpdate(
        change=Change.NEW,
        post_id=None,
        parsed=parsed_post(guid="1", comment_count=2),
        url_key="",
        content_hash="",
    )
    (post_id,) = posts.save_posts(connection, feed.id, (update,), ("Sea",), now=NOW)
    comments.add_sources(connection, [(post_id, COMMENTS), (post_id, COMMENTS)])
    (found,) = comments.sources_since(connection, feed.id, NOW)
    return found


def parsed(
    external_id: str, parent_id: str = "", hour: int = 0, text: str = "Words."
) -> ParsedComment:
    return ParsedComment(
        external_id=external_id,
        parent_id=parent_id,
        author="Anna",
        posted_at=NOW + timedelta(hours=hour),
        text=text,
        kind=CommentKind.COMMENT,
    )


def save(
    connection: Connection, source: CommentSource, *listed: ParsedComment, complete: bool = False
) -> None:
    comments.save_comments(connection, source, listed, is_complete=complete, now=NOW)


def stored(connection: Connection, source: CommentSource) -> tuple[Comment, ...]:
    return comments.comments_of(connection, [source.post_id]).get(source.post_id, ())


def test_a_source_knows_its_post_and_its_feed(source: CommentSource) -> None:
    assert (source.url, source.feed_url, source.count) == (COMMENTS, FEED, 2)


def test_sources_of_older_posts_are_left_alone(
    connection: Connection, source: CommentSource
) -> None:
    later: datetime = NOW + timedelta(seconds=1)
    assert comments.sources_since(connection, 1, later) == ()


def test_comments_come_oldest_first_with_their_answers(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, parsed("b", parent_id="a", hour=2), parsed("a", hour=1))
    first, second = stored(connection, source)
    assert (first.parent_id, second.parent_id) == (None, first.id)


def test_an_edited_comment_keeps_its_id(connection: Connection, source: CommentSource) -> None:
    save(connection, source, parsed("a"))
    (before,) = stored(connection, source)
    save(connection, source, parsed("a", text="Other words."))
    (after,) = stored(connection, source)
    assert (after.id, after.text) == (before.id, "Other words.")


def test_absence_from_a_part_of_the_list_deletes_nothing(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, parsed("a"), parsed("b"))
    save(connection, source, parsed("b"))
    assert comments.ids_at(connection, source.id) == {"a", "b"}


def test_absence_from_the_whole_list_deletes(connection: Connection, source: CommentSource) -> None:
    save(connection, source, parsed("a"), parsed("b"))
    save(connection, source, parsed("b"), complete=True)
    assert comments.ids_at(connection, source.id) == {"b"}
    save(connection, source, complete=True)
    assert stored(connection, source) == ()


def test_a_post_says_whether_its_comments_are_all_there(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, parsed("a"))
    assert not posts.posts_between(connection, 0, 1)[0].has_all_comments
    save(connection, source, parsed("a"), complete=True)
    assert posts.posts_between(connection, 0, 1)[0].has_all_comments


def test_a_source_remembers_its_validators_and_keeps_its_comments_after_a_failure(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, parsed("a"))
    validators = Validators(etag="1", last_modified="Mon")
    comments.save_answer(connection, source.id, validators=validators, now=NOW)
    comments.save_source_failure(connection, source.id, "HTTP 500", now=NOW)
    (again,) = comments.sources_since(connection, 1, NOW)
    assert again.validators == validators
    assert comments.ids_at(connection, source.id) == {"a"}


def test_thousands_of_posts_may_be_asked_for(connection: Connection, source: CommentSource) -> None:
    save(connection, source, parsed("a"))
    assert list(comments.comments_of(connection, range(50_000))) == [source.post_id]

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from digest.models import (
    GIVEN_UP,
    Change,
    Comment,
    CommentKind,
    CommentSource,
    ParsedComment,
    PostUpdate,
    SourceKind,
    Validators,
)
from digest.readers.responses.merge import changes_of
from digest.store import comment_sources, comments, posts
from digest.store.engine import Database
from tests.support.feed_rows import open_feed
from tests.support.parsed import NOW, parsed_post

FEED = "https://harbour.example/feed"
COMMENTS = "https://harbour.example/ship/feed"
REST = "https://harbour.example/wp-json/wp/v2/comments?post=1"
PAGE = "https://harbour.example/ship"


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        yield connection


@pytest.fixture
def source(connection: Connection) -> CommentSource:
    """Return the comment feed of one stored post."""
    feed = open_feed(connection, FEED, now=NOW)
    update = PostUpdate(
        change=Change.NEW,
        post_id=None,
        parsed=parsed_post(guid="1", comment_count=2),
        url_key="",
        content_hash="",
    )
    (post_id,) = posts.save_posts(connection, feed.id, (update,), ("Sea",), now=NOW)
    named = (post_id, SourceKind.FEED, COMMENTS)
    comment_sources.add_sources(connection, [named, named])
    (found,) = comment_sources.sources_since(connection, feed.id, NOW)
    return found


@pytest.fixture
def other_post(connection: Connection) -> CommentSource:
    """Return the comment feed of a post of another feed."""
    feed = open_feed(connection, "https://quay.example/feed", now=NOW)
    update = PostUpdate(
        change=Change.NEW,
        post_id=None,
        parsed=parsed_post(guid="2"),
        url_key="",
        content_hash="",
    )
    (post_id,) = posts.save_posts(connection, feed.id, (update,), ("Sea",), now=NOW)
    return comment_sources.open_source(
        connection, post_id, SourceKind.FEED, "https://quay.example/2/feed"
    )


@pytest.fixture
def rest(connection: Connection, source: CommentSource) -> CommentSource:
    """Return the REST interface of the same post."""
    return comment_sources.open_source(connection, source.post_id, SourceKind.REST, REST)


def parsed(
    external_id: str, parent_id: str = "", hour: int = 0, text: str = "Words.", **fields: object
) -> ParsedComment:
    comment = ParsedComment(
        external_id=external_id,
        parent_id=parent_id,
        author="Anna",
        posted_at=NOW + timedelta(hours=hour),
        text=text,
        kind=CommentKind.COMMENT,
    )
    return replace(comment, **fields)  # type: ignore[arg-type]  # fields named by the test


def save(
    connection: Connection, source: CommentSource, *listed: ParsedComment, complete: bool = False
) -> None:
    known = comments.known_at(connection, source.post_id)
    changes = changes_of(source, listed, known, is_complete=complete)
    comments.save_changes(connection, source, changes, now=NOW)
    comment_sources.save_answer(
        connection, source.id, validators=Validators(), now=NOW, is_complete=complete
    )


def stored(connection: Connection, source: CommentSource) -> tuple[Comment, ...]:
    return comments.comments_of(connection, [source.post_id]).get(source.post_id, ())


def owners(connection: Connection, source: CommentSource) -> dict[str, SourceKind]:
    known = comments.known_at(connection, source.post_id)
    return {each.external_id: each.source_kind for each in known}


def has_all(connection: Connection) -> bool:
    return posts.posts_between(connection, 0, 1)[0].has_all_comments


# --- sources ------------------------------------------------------------------------------------


def test_a_source_knows_its_post_and_its_feed(source: CommentSource) -> None:
    assert (source.url, source.feed_url, source.count) == (COMMENTS, FEED, 2)
    assert (source.kind, source.checked_at, source.has_comments) == (SourceKind.FEED, None, False)


def test_a_post_has_sources_of_several_kinds_each_once(
    connection: Connection, source: CommentSource, rest: CommentSource
) -> None:
    page = (source.post_id, SourceKind.PAGE, PAGE)
    comment_sources.add_sources(connection, [page, page])
    found = comment_sources.sources_since(connection, 1, NOW)
    assert [each.kind for each in found] == [SourceKind.FEED, SourceKind.REST, SourceKind.PAGE]
    assert rest.id in {each.id for each in found}


def test_sources_of_older_posts_are_left_alone(
    connection: Connection, source: CommentSource
) -> None:
    later: datetime = NOW + timedelta(seconds=1)
    assert comment_sources.sources_since(connection, 1, later) == ()


def test_a_source_remembers_its_validators_and_keeps_its_comments_after_a_failure(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, parsed("a"))
    validators = Validators(etag="1", last_modified="Mon")
    comment_sources.save_answer(connection, source.id, validators=validators, now=NOW)
    comment_sources.save_source_failure(connection, source.id, "HTTP 500", now=NOW)
    (again,) = comment_sources.sources_since(connection, 1, NOW)
    assert (again.validators, again.failures, again.has_comments) == (validators, 1, True)
    assert len(stored(connection, source)) == 1


def test_an_unchanged_answer_keeps_what_the_last_one_was(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, complete=True)
    comment_sources.save_answer(connection, source.id, validators=Validators(), now=NOW)
    (again,) = comment_sources.sources_since(connection, 1, NOW)
    assert again.is_complete


# --- comments -----------------------------------------------------------------------------------


def test_comments_come_oldest_first_with_their_answers(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, parsed("b", parent_id="a", hour=2), parsed("a", hour=1))
    first, second = stored(connection, source)
    assert (first.parent_id, second.parent_id) == (None, first.id)


def test_an_edited_comment_keeps_its_id(connection: Connection, source: CommentSource) -> None:
    save(connection, source, parsed("a", votes=1))
    (before,) = stored(connection, source)
    save(connection, source, parsed("a", text="Other words.", votes=2))
    (after,) = stored(connection, source)
    assert (after.id, after.text, after.votes) == (before.id, "Other words.", 2)


def test_comments_that_another_source_lacks_are_kept(
    connection: Connection, source: CommentSource, rest: CommentSource
) -> None:
    save(connection, source, parsed("a"), parsed("b", parent_id="a", votes=3, url=PAGE))
    save(connection, rest, parsed("a"), parsed("b", posted_at=None, text="Other words."))
    first, second = stored(connection, source)
    assert (second.parent_id, second.votes, second.url) == (first.id, 3, PAGE)
    assert (second.posted_at, second.text) == (NOW, "Other words.")


def test_absence_from_a_part_of_the_list_deletes_nothing(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, parsed("a"), parsed("b"))
    save(connection, source, parsed("b"))
    assert owners(connection, source).keys() == {"a", "b"}


def test_absence_from_the_whole_list_deletes(connection: Connection, source: CommentSource) -> None:
    save(connection, source, parsed("a"), parsed("b"))
    save(connection, source, parsed("b"), complete=True)
    assert owners(connection, source).keys() == {"b"}
    save(connection, source, complete=True)
    assert stored(connection, source) == ()


def test_thousands_of_comments_are_deleted_at_once(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, *(parsed(str(number)) for number in range(2500)))
    save(connection, source, parsed("1"), complete=True)
    assert owners(connection, source).keys() == {"1"}


def test_a_comment_of_two_sources_is_stored_once_under_the_better_source(
    connection: Connection, source: CommentSource, rest: CommentSource
) -> None:
    save(connection, source, parsed("a"), parsed("ping", kind=CommentKind.PINGBACK))
    save(connection, rest, parsed("a"), complete=True)
    assert owners(connection, source) == {"a": SourceKind.REST, "ping": SourceKind.FEED}
    save(connection, source, parsed("b"), complete=True)
    assert owners(connection, source) == {"a": SourceKind.REST, "b": SourceKind.FEED}


def test_a_better_source_that_stops_answering_loses_its_comments(
    connection: Connection, source: CommentSource, rest: CommentSource
) -> None:
    save(connection, rest, parsed("a"), parsed("b"), complete=True)
    for _ in range(GIVEN_UP):
        comment_sources.save_source_failure(connection, rest.id, "HTTP 401", now=NOW)
    assert not has_all(connection)
    save(connection, source, parsed("a"), complete=True)
    assert owners(connection, source) == {"a": SourceKind.FEED}


def test_a_post_records_whether_all_its_comments_are_known(
    connection: Connection, source: CommentSource
) -> None:
    save(connection, source, parsed("a"))
    assert not has_all(connection)
    save(connection, source, parsed("a"), complete=True)
    assert has_all(connection)


def test_a_file_is_the_whole_list_unless_the_feed_counts_more(
    connection: Connection, source: CommentSource
) -> None:
    file = comment_sources.open_source(
        connection, source.post_id, SourceKind.IMPORT, "import:comments.xml"
    )
    save(connection, file, parsed("a"), complete=True)
    assert not has_all(connection)  # the feed counts two
    save(connection, file, parsed("a"), parsed("b"), complete=True)
    assert has_all(connection)


def test_thousands_of_posts_may_be_queried(connection: Connection, source: CommentSource) -> None:
    save(connection, source, parsed("a"))
    assert list(comments.comments_of(connection, range(50_000))) == [source.post_id]


# --- first-timers -------------------------------------------------------------------------------


def test_a_name_is_new_until_something_of_it_was_stored_at_another_post(
    connection: Connection, source: CommentSource, other_post: CommentSource
) -> None:
    save(connection, source, parsed("a"))
    save(connection, other_post, parsed("b"))
    assert [each.is_first_time for each in stored(connection, source)] == [True]
    assert [each.is_first_time for each in stored(connection, other_post)] == [False]


def test_a_second_comment_at_the_same_post_does_not_make_a_name_known(
    connection: Connection, source: CommentSource, other_post: CommentSource
) -> None:
    save(connection, source, parsed("a"), parsed("b"))
    save(connection, other_post, parsed("c", author="Ben"))
    assert all(each.is_first_time for each in stored(connection, source))
    assert all(each.is_first_time for each in stored(connection, other_post))


def test_later_comments_at_other_posts_do_not_make_a_name_known_earlier(
    connection: Connection, source: CommentSource, other_post: CommentSource
) -> None:
    save(connection, other_post, parsed("a"))
    save(connection, source, parsed("b"))
    save(connection, other_post, parsed("a"), parsed("c"))
    assert [each.is_first_time for each in stored(connection, source)] == [False]
    assert [each.is_first_time for each in stored(connection, other_post)] == [True, False]


def test_a_pingback_makes_no_name_known(
    connection: Connection, source: CommentSource, other_post: CommentSource
) -> None:
    save(connection, source, parsed("a", kind=CommentKind.PINGBACK))
    save(connection, other_post, parsed("b"))
    assert [each.is_first_time for each in stored(connection, other_post)] == [True]


def test_a_commenter_without_a_name_is_always_new(
    connection: Connection, source: CommentSource, other_post: CommentSource
) -> None:
    save(connection, source, parsed("a", author=""))
    save(connection, other_post, parsed("b", author=""))
    assert [each.is_first_time for each in stored(connection, other_post)] == [True]


def test_a_thread_is_stored_only_where_none_is_known(
    connection: Connection, source: CommentSource
) -> None:
    first, second, third = (
        parsed(f"comment-{number}", text=f"comment-{number}") for number in (1, 2, 3)
    )
    listed = [first, second, replace(third, parent_id="comment-1")]
    save(connection, source, *listed)
    page = comment_sources.open_source(connection, source.post_id, SourceKind.PAGE, PAGE)
    save(
        connection,
        page,
        *(replace(each, parent_id="comment-2") for each in (first, third)),
    )
    found = stored(connection, source)
    names = {each.id: each.text for each in found}
    assert {each.text: names.get(each.parent_id or 0) for each in found} == {
        "comment-1": "comment-2",
        "comment-2": None,
        "comment-3": "comment-1",
    }


def test_the_sources_and_the_count_of_a_post_are_found(
    connection: Connection, source: CommentSource
) -> None:
    assert comment_sources.posts_by_name(connection, [source.post_id]) == {"1": source.post_id}
    comment_sources.save_counts(connection, {source.post_id: 7})
    (found,) = comment_sources.sources_of(connection, [source.post_id])[source.post_id]
    assert (found.url, found.count) == (COMMENTS, 7)
    (post,) = posts.posts_of(connection, [source.post_id])
    assert (post.feed_comment_count, post.categories) == (7, ("Sea",))

"""“N comments”: pingbacks are never among them."""

from __future__ import annotations

import pytest

from digest.composer.counts import comment_count, is_count_known
from digest.models import CommentKind
from tests.support.composing import a_comment, a_post

PINGBACK = a_comment("[…] as they write […]", id=9, kind=CommentKind.PINGBACK)
COMMENTS = tuple(a_comment("A word.", id=number) for number in range(3))


@pytest.mark.parametrize(
    ("has_all", "of_feed", "count"),
    [
        (True, 40, 3),  # the full list is known
        (True, None, 3),
        (False, 40, 39),  # the feed counts the pingback too
        (False, 0, 0),  # never negative
        (False, None, 3),  # the non-pingbacks seen
    ],
)
def test_the_best_source_is_counted(has_all: bool, of_feed: int | None, count: int) -> None:
    post = a_post(has_all_comments=has_all, feed_comment_count=of_feed)
    assert comment_count(post, (*COMMENTS, PINGBACK)) == count


@pytest.mark.parametrize(
    "text", ["Pingback: The Tidewrack Review", "trackback: it", "[...] as they write [...]"]
)
def test_a_pingback_is_known_by_its_looks(text: str) -> None:
    assert comment_count(a_post(), (*COMMENTS, a_comment(text, id=9))) == 3


def test_held_comments_are_not_on_the_page() -> None:
    assert comment_count(a_post(), (*COMMENTS, a_comment("Later.", id=9, is_held=True))) == 3


@pytest.mark.parametrize(
    ("has_all", "of_feed", "count", "is_known"),
    [
        (True, None, 0, True),  # the list was read, and is empty
        (False, 0, 0, True),  # the feed says so
        (False, None, 2, True),  # some were seen
        (False, None, 0, False),  # there are no comments
    ],
)
def test_no_comments_is_not_stated_if_the_count_is_unknown(
    has_all: bool, of_feed: int | None, count: int, is_known: bool
) -> None:
    post = a_post(has_all_comments=has_all, feed_comment_count=of_feed)
    assert is_count_known(post, count) is is_known

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.models import GIVEN_UP, CommentSource, FoundFeed, SourceKind, Validators
from digest.readers.responses.ladder import MAX_RUNGS, in_order, is_due, sources_of
from tests.support.parsed import NOW, parsed_page

POST = "https://harbour.example/2026/ship/"
REST = "https://harbour.example/wp-json/wp/v2/comments?post=12"
HOUR = timedelta(hours=1)


def source(**fields: object) -> CommentSource:
    found = CommentSource(
        id=1,
        post_id=1,
        kind=SourceKind.FEED,
        url=POST,
        feed_url="",
        validators=Validators(),
        count=None,
        checked_at=NOW,
        first_seen_at=NOW,
    )
    return replace(found, **fields)  # type: ignore[arg-type]  # fields named by the test


def feed(url: str, *, is_comments: bool = True) -> FoundFeed:
    return FoundFeed(url=url, title="", format="rss", is_comments=is_comments)


def test_sources_are_named_best_first_and_the_page_is_always_one() -> None:
    own = feed(f"{POST}feed/")
    page = parsed_page(POST, rest_url=REST, feeds=(own,))
    assert sources_of(page, POST) == (
        (SourceKind.REST, REST),
        (SourceKind.FEED, own.url),
        (SourceKind.PAGE, POST),
    )
    assert sources_of(parsed_page(POST), POST) == ((SourceKind.PAGE, POST),)


@pytest.mark.parametrize(
    ("post", "url", "is_own"),
    [
        (POST, "https://harbour.example/2026/ship/feed/", True),
        (POST, "https://harbour.example/2026/ship/comments/atom.xml", True),
        (POST, "https://www.harbour.example/2026/ship/feed/", True),
        (POST, "https://harbour.example/2026/ship.rss", True),
        (POST, "https://harbour.example/comments/feed/", False),
        (POST, "https://harbour.example/2026/shipyard/feed/", False),
        (POST, "https://elsewhere.example/2026/ship/feed/", False),
        ("https://harbour.example/2026/ship.html", "https://harbour.example/2026/ship/feed", True),
        ("https://harbour.example/?p=12", "https://harbour.example/?feed=rss2&p=12", True),
        ("https://harbour.example/?p=12", "https://harbour.example/?feed=rss2&p=1", False),
        ("https://harbour.example/?p=12", "https://harbour.example/?feed=comments-rss2", False),
        ("https://h.example/blog/?p=1", "https://h.example/blog/comments/feed/", False),
        ("https://h.example/blog/?p=1", "https://h.example/blog/?feed=rss2&p=1", True),
        ("https://b.example/2026/s.html", "https://b.example/feeds/7/comments/default", True),
        ("https://b.example/2026/s.html", "https://b.example/feeds/comments/default", False),
    ],
)
def test_the_comment_feed_of_a_post_differs_from_that_of_the_site(
    post: str, url: str, *, is_own: bool
) -> None:
    kinds = [kind for kind, _ in sources_of(parsed_page(post, feeds=(feed(url),)), post)]
    assert (SourceKind.FEED in kinds) == is_own


def test_a_feed_of_posts_is_not_a_source_of_comments() -> None:
    page = parsed_page(POST, feeds=(feed(f"{POST}feed/", is_comments=False),))
    assert [kind for kind, _ in sources_of(page, POST)] == [SourceKind.PAGE]


def test_the_best_source_is_asked_first_and_a_file_never() -> None:
    kinds = (SourceKind.PAGE, SourceKind.IMPORT, SourceKind.FEED, SourceKind.REST)
    order = in_order(source(id=number, kind=kind) for number, kind in enumerate(kinds))
    assert [each.kind for each in order] == [SourceKind.REST, SourceKind.FEED, SourceKind.PAGE]


def test_a_feed_that_names_many_addresses_has_few_of_them_fetched() -> None:
    order = in_order(source(id=number) for number in range(99))
    assert [each.id for each in order] == [98, 97, 96, 95]
    assert len(order) == MAX_RUNGS


@pytest.mark.parametrize(
    ("fields", "waited", "due"),
    [
        ({"checked_at": None}, HOUR * 0, True),
        ({}, HOUR * 0, True),
        ({"failures": GIVEN_UP - 1}, HOUR * 0, True),
        ({"failures": GIVEN_UP}, HOUR * 0, False),
        ({"failures": GIVEN_UP}, HOUR, True),
        ({"failures": GIVEN_UP + 2}, HOUR * 3, False),
        ({"failures": 9999}, HOUR * 23, False),
        ({"failures": 9999}, HOUR * 24, True),
    ],
)
def test_a_source_that_keeps_failing_is_asked_less_often(
    fields: dict[str, object], waited: timedelta, *, due: bool
) -> None:
    assert is_due(source(**fields), NOW + waited) == due


@pytest.mark.parametrize(
    ("fields", "waited", "due"),
    [
        ({"first_seen_at": NOW}, HOUR * 0, True),
        ({"first_seen_at": NOW - 40 * HOUR}, HOUR * 9, False),
        ({"first_seen_at": NOW - 40 * HOUR}, HOUR * 10, True),
        ({"first_seen_at": NOW - 40 * HOUR, "has_comments": True}, HOUR, True),
        ({"first_seen_at": NOW - 40 * HOUR, "count": 3}, HOUR, True),
        ({"first_seen_at": NOW, "count": 0}, HOUR, False),
    ],
)
def test_a_page_without_comments_is_asked_less_often_as_it_ages(
    fields: dict[str, object], waited: timedelta, *, due: bool
) -> None:
    assert is_due(source(kind=SourceKind.PAGE, **fields), NOW + waited) == due

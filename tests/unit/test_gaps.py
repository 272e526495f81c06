from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from digest.models import FeedHistory
from digest.readers.feeds.olderpages import linked_page, wordpress_page
from digest.readers.posts.entries import entries_of
from digest.readers.posts.gaps import reaches_back
from tests.support.parsed import NOW, parsed_post

FEED = "https://paper.example/feed/"


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("dates", "newest", "has_known", "is_gapless"),
    [
        ([1, 2, 3], 10, False, False),
        ([1, 2, 3], 10, True, True),
        # The post known before was taken down, or is listed under another name.
        ([1, 2, 11], 10, False, True),
        ([None, None], 10, False, False),
        ([1, 2], None, False, True),
        ([1], 10, False, True),
        ([], 10, False, True),
    ],
)
def test_a_document_reaches_back_to_a_known_post_or_its_date(
    dates: list[float | None], newest: float | None, *, has_known: bool, is_gapless: bool
) -> None:
    posts = [
        parsed_post(guid=str(number), published_at=None if date is None else days_ago(date))
        for number, date in enumerate(dates)
    ]
    history = FeedHistory(newest_at=None if newest is None else days_ago(newest))
    assert reaches_back(entries_of(posts), history, has_known=has_known) is is_gapless


@pytest.mark.parametrize(
    ("links", "found"),
    [
        ([("self", FEED)], ""),
        ([("next", "?page=2")], f"{FEED}?page=2"),
        ([("next", "/2"), ("prev-archive", "/2025")], "https://paper.example/2025"),
        ([("last NEXT", "/2")], "https://paper.example/2"),
        ([("previous", "/1"), ("prev", "/1"), ("next-archive", "/2")], ""),
        ([("next", "javascript:x")], ""),
    ],
)
def test_older_pages_are_those_of_the_archive_or_the_next_ones(
    links: list[tuple[str, str]], found: str
) -> None:
    assert linked_page(links, FEED) == found


@pytest.mark.parametrize(
    ("generator", "guid", "url", "found"),
    [
        ("https://wordpress.org/?v=6.7.1", "", FEED, f"{FEED}?paged=2"),
        ("WordPress.com", "", f"{FEED}?cat=3&paged=2", f"{FEED}?cat=3&paged=3"),
        ("https://wordpress.org/?v=6.7.1", "", f"{FEED}?paged=x", f"{FEED}?paged=2"),
        ("", "https://paper.example/?p=417", FEED, f"{FEED}?paged=2"),
        ("Hugo -- gohugo.io", "https://paper.example/417", FEED, ""),
        ("", "", FEED, ""),
    ],
)
def test_wordpress_has_numbered_pages(generator: str, guid: str, url: str, found: str) -> None:
    assert wordpress_page(generator, guid, url) == found

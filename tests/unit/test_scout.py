"""The intended feed behind an address, and its category."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.models import CommentKind, FoundFeed, ParsedComment, ParsedComments, ParsedPage
from digest.newsroom.feeds.choose import choose, propose_category
from digest.newsroom.feeds.sighting import (
    Scouting,
    Sighting,
    comments_in_feed,
    comments_on_page,
    content_key,
    is_of_comments,
    sighting_of,
)
from tests.support.parsed import NOW, parsed_feed, parsed_post

SITE = "https://hill.example.org"


def seen(path: str, category: str = "", title: str = "The Hill") -> Sighting:
    return Sighting(
        url=SITE + path,
        title=title,
        format="rss20",
        posts=1,
        newest=NOW,
        samples=("A mill",),
        comments="",
        category=category,
    )


def scouting(page: str, *found: Sighting) -> Scouting:
    return Scouting(url=SITE + page, is_feed=False, found=found)


@pytest.mark.parametrize(
    ("page", "found", "expected"),
    [
        ("/", (seen("/feed/"),), ["/feed/"]),
        ("/", (seen("/feed/"), seen("/category/a/feed/", "A")), ["/feed/"]),
        ("/", (seen("/feed/"), seen("/sport/feed/")), ["/feed/", "/sport/feed/"]),
        ("/sport/", (seen("/feed/"), seen("/sport/feed/")), ["/sport/feed/"]),
        ("/category/a", (seen("/feed/"), seen("/category/a/feed/", "A")), ["/category/a/feed/"]),
        ("/", (seen("/a/feed/", "A"), seen("/b/feed/", "B")), ["/a/feed/", "/b/feed/"]),
        ("/", (), []),
    ],
)
def test_the_intended_feed_is_chosen(
    page: str, found: tuple[Sighting, ...], expected: list[str]
) -> None:
    choice = choose(scouting(page, *found))
    assert [feed.url.removeprefix(SITE) for feed in choice.feeds] == expected
    assert choice.is_clear is (len(expected) == 1)
    assert choose(scouting(page, *found), is_all=True).feeds == found


@pytest.mark.parametrize(
    ("feed", "known", "expected"),
    [
        (seen("/feed/"), ("News",), "News"),
        (seen("/feed/"), ("News", "Sea"), "The Hill"),
        (seen("/feed/", title="SEA"), ("News", "Sea"), "Sea"),
        (seen("/x/feed/", "foreign  news"), ("News", "Foreign News"), "Foreign News"),
        (seen("/x/feed/", "Mills"), ("News",), "Mills"),
        (seen("/feed/", title=""), ("News", "Sea"), "hill.example.org"),
    ],
)
def test_the_category_is_proposed(feed: Sighting, known: tuple[str, ...], expected: str) -> None:
    assert propose_category(feed, known) == expected


def test_the_findings_about_a_feed_are_reported() -> None:
    old = parsed_post(title="Old", published_at=NOW - timedelta(days=9))
    feed = parsed_feed(parsed_post(title="New", published_at=NOW), old, parsed_post(title=""))
    named = FoundFeed(url=f"{SITE}/category/n/feed/", title="Hill » Sea Category Feed", format="")
    sighting = sighting_of(named.url, feed, found=named, moved_to="")
    assert (sighting.posts, sighting.newest, sighting.samples) == (3, NOW, ("New", "Old"))
    assert (sighting.title, sighting.category) == ("Harbour News", "Sea")


def test_comments_are_reported_as_the_feed_has_them() -> None:
    with_feed = parsed_post(comment_feed_url=f"{SITE}/a/feed/")
    counted = parsed_post(comment_count=0)
    assert comments_in_feed((with_feed, counted)) == "posts with a comment feed: 1 of 2"
    assert comments_in_feed((counted,)) == "posts with a number of comments: 1 of 1"
    assert comments_in_feed((parsed_post(),)) == ""


def test_comments_are_reported_as_a_page_has_them() -> None:
    comment = ParsedComment(
        external_id="1", parent_id="", author="", posted_at=None, text="", kind=CommentKind.COMMENT
    )
    page = ParsedPage(
        url=SITE,
        title="",
        feeds=(FoundFeed(url=f"{SITE}/a/feed/", title="", format="", is_comments=True),),
        rest_url=f"{SITE}/wp-json/wp/v2/comments?post=1",
        comments=ParsedComments(comments=(comment,)),
        image_url="",
        image_alt="",
        content_html="",
    )
    assert comments_on_page(page) == (
        f"feed {SITE}/a/feed/",
        f"WordPress REST {SITE}/wp-json/wp/v2/comments?post=1",
        "1 in the page itself",
    )


def test_feeds_of_the_same_posts_are_alike() -> None:
    post = parsed_post(url=f"{SITE}/a/")
    again = replace(post, url="http://hill.example.org/a?utm_source=rss", guid="other")
    assert content_key(parsed_feed(post)) == content_key(parsed_feed(again))
    assert content_key(parsed_feed(post)) != content_key(parsed_feed(post, parsed_post(title="B")))


def test_a_feed_that_calls_itself_comments_is_of_comments() -> None:
    feed = replace(parsed_feed(), title="Comments on: A mill")
    assert is_of_comments(feed, f"{SITE}/a/feed/")
    assert not is_of_comments(parsed_feed(), f"{SITE}/feed/")

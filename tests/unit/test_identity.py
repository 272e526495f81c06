from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from digest.models import KnownPost, ParsedPost
from digest.readers.posts.entries import distinct, entries_of, link_keys
from digest.readers.posts.entry import Entry
from digest.readers.posts.identity import KnownPosts
from tests.support.parsed import parsed_post

SHIP = "https://harbour.example/ship"

KNOWN = KnownPost(
    post_id=1, guid="7", url_key=SHIP, content_hash="x", is_of_feed=True, is_owner=True
)


def found_ids(known: KnownPost, *posts: tuple[str, str]) -> list[int | None]:
    parsed = tuple(parsed_post(guid=guid, url=url) for guid, url in posts)
    found = KnownPosts((known,)).find(entries_of(parsed))
    return [post.post_id if post else None for post in found]


def test_an_identifier_is_known_in_its_own_feed() -> None:
    assert found_ids(KNOWN, ("7", "https://harbour.example/moved")) == [1]


def test_a_link_identifies_a_post_if_the_identifier_has_changed() -> None:
    assert found_ids(KNOWN, ("random", SHIP + "/?utm_source=rss")) == [1]


def test_a_short_identifier_of_another_feed_identifies_nothing() -> None:
    elsewhere = replace(KNOWN, is_of_feed=False)
    assert found_ids(elsewhere, ("7", "https://other.example/7")) == [None]


def test_a_permanent_link_as_identifier_is_known_in_every_feed() -> None:
    permalink = "https://harbour.example/?p=7"
    elsewhere = replace(KNOWN, guid=permalink, is_of_feed=False)
    assert found_ids(elsewhere, (permalink, "https://harbour.example/other")) == [1]


def test_two_entries_of_one_document_are_never_one_stored_post() -> None:
    posts = (("8", SHIP), ("7", "https://harbour.example/moved"))
    assert found_ids(KNOWN, *posts) == [None, 1]


def test_an_entry_without_identifier_and_link_is_not_known() -> None:
    assert found_ids(replace(KNOWN, guid="", url_key=""), ("", "")) == [None]


def test_a_link_shared_by_posts_identifies_none_of_them() -> None:
    page = "https://harbour.example/page"
    posts = tuple(parsed_post(guid=guid, url=page) for guid in "ab")
    assert link_keys(posts) == ("", "")


def test_a_fragment_counts_only_if_links_are_equal_without_it() -> None:
    page = "https://harbour.example/page"
    urls = (f"{page}#a", f"{page}#b", f"{SHIP}#more")
    keys = link_keys(tuple(parsed_post(guid=url, url=url) for url in urls))
    assert keys == (f"{page}#a", f"{page}#b", SHIP)


def test_an_entry_listed_twice_is_one_post() -> None:
    first, again = parsed_post(guid="1", title="A"), parsed_post(guid="1", title="B")
    other = parsed_post(guid="2", title="A")
    bare = parsed_post(title="A")
    later = replace(bare, published_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert distinct((first, again, other, bare, bare, later)) == (first, other, bare, later)


def hash_of(post: ParsedPost) -> str:
    return Entry(post=post, key="").content_hash


def test_the_hash_covers_the_visible_content() -> None:
    post = parsed_post(content_html="<p>Words.</p>", comment_count=1)
    same = replace(post, content_html="<div><p>Words. </p></div>", comment_count=2)
    assert hash_of(post) == hash_of(same)
    assert hash_of(post) != hash_of(replace(post, content_html="<p>Other.</p>"))
    assert hash_of(post) != hash_of(replace(post, title="Other"))

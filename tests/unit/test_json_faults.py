"""JSON Feeds with small faults of syntax, and RSS in JSON."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.errors import FeedError
from digest.models import Document, ParsedFeed
from digest.readers.feeds.feed import read_feed
from digest.readers.feeds.loosejson import load_json

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def read(text: str) -> ParsedFeed:
    body = text.encode("utf-8", "surrogatepass")
    document = Document(body=body, url="https://blog.example/feed.json", content_type="text/html")
    return read_feed(document, NOW)


@pytest.mark.parametrize(
    "written",
    [
        '{"items": [{"id": "1", "title": "One"},]}',
        '{"items": [,{"id": "1",, "title": "One",}],}',
        '\ufeff{"items": [{"id": "1", "title": "One"}]}',
        '// made by hand\n{"items": [/* first */ {"id": "1", "title": "One"}]}',
        '{"items": [{"id": "1", "title": "O\\ne"}]}'.replace("\\n", "n"),
        '{"items": [{"id": "1", "title": "\x00O\x07ne"}]}',
        '{"items": [{"id": "1", "title": "On\\e"}]}',
        '{"items": [{"id": "1", "title": "One"}]};',
        'callback({"items": [{"id": "1", "title": "One"}]});',
        ')]}\',\n{"items": [{"id": "1", "title": "One"}]}',
        '{"items": [{"id": "1", "title": "One\\ud83d"}]}',
    ],
)
def test_small_faults_of_syntax_are_survived(written: str) -> None:
    assert [(post.guid, post.title) for post in read(written).posts] == [("1", "One")]


@pytest.mark.parametrize(
    ("authors", "tags"),
    [
        ('{"name": "Anna"}', '[{"name": "Crane"}, "Quay"]'),
        ('["Anna"]', '"Crane, Quay"'),
        ('[{"name": "Anna"}, 7]', '["Crane", {"name": "Quay"}, null]'),
    ],
)
def test_authors_and_tags_are_names_or_objects_with_names(authors: str, tags: str) -> None:
    (post,) = read(f'{{"items": [{{"id": "1", "authors": {authors}, "tags": {tags}}}]}}').posts
    assert (post.author, post.feed_categories) == ("Anna", ("Crane", "Quay"))


def test_what_looks_like_a_fault_in_a_string_is_kept() -> None:
    assert load_json('{"a": "x,] // y /* z */ \\\\ \\" ,}",}') == {"a": 'x,] // y /* z */ \\ " ,}'}


@pytest.mark.parametrize("written", ["{", '{"items": [{"id": 1', "{items: 1}", "{]"])
def test_what_is_no_json_is_refused(written: str) -> None:
    with pytest.raises(FeedError, match="invalid JSON"):
        read(written)


def test_titles_are_plain_text_and_authors_go_before_author() -> None:
    (post,) = read(
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": '
        '"The return of <b> and <i>, A &amp; B &copy 2", "tags": "ships,harbour news, ", '
        '"author": {"name": "Anna and Ben"}, "authors": [{"name": "Anna"}, {"name": "Ben"}]}]}'
    ).posts
    assert post.title == "The return of <b> and <i>, A & B &copy 2"
    assert (post.author, post.feed_categories) == ("Anna, Ben", ("ships", "harbour news"))


def test_an_emoji_as_two_references_is_joined() -> None:
    (post,) = read('{"items": [{"id": "1", "content_html": "&#xD83D;&#xDE00; boats"}]}').posts
    assert post.content_html == "😀 boats"


def test_escapes_that_were_encoded_twice_are_repaired() -> None:
    (post,) = read('{"items": [{"id": "1", "title": "caf\\u00c3\\u00a9 du quai"}]}').posts
    assert post.title == "café du quai"


def test_rss_in_json_is_read() -> None:
    feed = read(
        """{"rss": {"version": "2.0", "channel": {"title": "Ships", "link": "https://s.example/",
        "item": [
            {"title": "A &amp; B", "link": "https://s.example/1", "pubDate":
             "Fri, 27 Nov 2026 10:00:00 GMT", "guid": {"#value": "42", "isPermaLink": "false"},
             "description": "<p>x</p>", "category": ["a", {"#value": "b"}],
             "enclosure": {"url": "https://s.example/1.jpg", "type": "image/jpeg", "length": "99"}},
            {"description": "Only words.", "guid": "https://s.example/2", "author": "Anna"}
        ]}}}"""
    )
    first, second = feed.posts
    assert (feed.title, feed.site_url) == ("Ships", "https://s.example/")
    assert (first.title, first.guid, first.feed_categories) == ("A & B", "42", ("a", "b"))
    assert first.published_at == datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert (first.image_url, first.image_bytes) == ("https://s.example/1.jpg", 99)
    assert (second.url, second.author) == ("https://s.example/2", "Anna")
    assert second.content_html == "Only words."


def test_one_item_of_rss_in_json_needs_no_list() -> None:
    assert len(read('{"rss": {"channel": {"title": "S", "item": {"title": "One"}}}}').posts) == 1

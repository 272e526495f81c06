"""Feeds with one oddity each, in `tests/data/feeds`, and the expected posts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.models import Document, Manners, ParsedFeed
from digest.readers.feeds.feed import read_feed
from digest.readers.feeds.manners import manners_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DATA = Path(__file__).parent.parent / "data" / "feeds"
PUBLISHED = datetime(2026, 11, 20, 14, 3, tzinfo=UTC)


def read(name: str) -> ParsedFeed:
    return read_feed(
        Document(body=(DATA / name).read_bytes(), url="https://feeds.example/all"), NOW
    )


def test_a_podcast_is_read_as_posts_and_its_sound_is_not_a_picture() -> None:
    (post,) = read("podcast.xml").posts
    assert (post.title, post.author) == ("12: The pilot’s tale", "Anna Berg")
    assert (post.image_url, post.published_at) == ("", PUBLISHED)
    assert "the fog" in post.content_html
    assert "forty years" in post.summary_html


def test_the_interval_of_a_feed_is_read() -> None:
    assert read("podcast.xml").manners == Manners(
        min_interval=timedelta(minutes=90),
        skip_hours=frozenset({0, 3}),
        skip_days=frozenset({5, 6}),
    )
    assert read("bases.xml").manners == Manners()


@pytest.mark.parametrize(
    ("channel", "interval"),
    [
        ({"ttl": "60"}, timedelta(hours=1)),
        ({"ttl": " 5 "}, timedelta(minutes=5)),
        ({"ttl": "0"}, None),
        ({"ttl": "-5"}, None),
        ({"ttl": "soon"}, None),
        ({"ttl": "99999999"}, timedelta(days=366)),
        ({"sy_updateperiod": " Hourly "}, timedelta(hours=1)),
        ({"sy_updateperiod": "daily", "sy_updatefrequency": "4"}, timedelta(hours=6)),
        ({"sy_updateperiod": "daily", "sy_updatefrequency": "0"}, None),
        ({"sy_updateperiod": "never"}, None),
        ({"ttl": "30", "sy_updateperiod": "daily"}, timedelta(minutes=30)),
        ({}, None),
    ],
)
def test_only_a_valid_interval_is_read(channel: dict[str, str], interval: timedelta | None) -> None:
    assert manners_of(channel, "").min_interval == interval


def test_relative_links_are_resolved_against_every_base() -> None:
    feed = read("bases.xml")
    (post,) = feed.posts
    assert (feed.site_url, post.url) == (
        "https://harbour.example/news/",
        "https://harbour.example/news/2026/ropes",
    )
    assert 'href="https://harbour.example/news/2026/notes/x"' in post.content_html
    assert 'src="https://harbour.example/y.png"' in post.content_html
    assert post.image_url == "https://harbour.example/news/2026/ropes.png"
    assert (post.title, post.published_at) == ("Ropes & knots tied", PUBLISHED)


def test_double_escaped_text_is_repaired_and_mentioned_tags_stay() -> None:
    twice, talk = read("twice.xml").posts
    assert twice.title == "船と海 🐟 & more"
    assert twice.summary_html == '<p>Two <a href="https://feeds.example/x">ships</a>.</p>'
    assert talk.summary_html == "<p>Write &lt;p&gt; and &lt;/p&gt;.</p>"


def test_a_link_replaced_by_feedburner_is_restored() -> None:
    feed = read("twice.xml")
    assert feed.posts[0].url == "https://harbour.example/ships"
    assert feed.posts[0].published_at == PUBLISHED
    assert feed.title == "السفن & البحر 🚢"


def test_json_feed_is_read_in_full() -> None:
    feed = read("whole.json")
    first, second, third = feed.posts
    assert (feed.language, feed.format) == ("de", "json11")
    assert (first.guid, first.url) == ("7.5", "https://elsewhere.example/rope")
    assert (first.title, first.feed_categories) == ("Ropes & knots", ("Ports",))
    assert first.content_html == "<p>One</p><p>Two &lt;b&gt;</p>"
    assert (first.image_url, first.image_bytes) == ("https://feeds.example/rope.png", 81_000)
    assert first.published_at == PUBLISHED - timedelta(hours=1)
    assert (second.guid, second.author, second.image_url) == (
        "",
        "Anna",
        "https://feeds.example/fog.png",
    )
    assert second.published_at == datetime(2026, 11, 20, 14, 3, tzinfo=UTC)
    assert (third.published_at, third.author) == (None, "The Editors")


def test_an_expired_json_feed_is_recognised() -> None:
    assert any("finished" in problem for problem in read("whole.json").problems)


@pytest.mark.parametrize(
    ("texts", "summary"),
    [
        (
            "<media:description>A ferry.</media:description><description>Text.</description>",
            "Text.",
        ),
        (
            "<description>Text.</description><media:description>A ferry.</media:description>",
            "Text.",
        ),
        ("<media:group><media:description>A film.</media:description></media:group>", "A film."),
    ],
)
def test_the_caption_of_a_picture_does_not_replace_a_summary(texts: str, summary: str) -> None:
    feed = f"""<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><item>
    <title>The line</title>{texts}</item></channel></rss>"""
    (post,) = read_feed(Document(body=feed.encode(), url="https://feeds.example/all"), NOW).posts
    assert (summary in post.summary_html, post.content_html) == (True, "")

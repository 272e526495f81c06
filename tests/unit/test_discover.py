"""Feeds that a page names, links to, or may have."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.models import FoundFeed
from digest.readers.pages.discover import MAX_FOUND, find_category_feeds, find_feeds, guess_feeds
from digest.readers.pages.feed_addresses import (
    archive_feed,
    archive_name,
    category_name,
    is_category_feed,
    is_comments_feed,
    is_feed_address,
)
from tests.support.timing import within

URL = "https://hill.example.org/2026/11/a-mill/"


def feeds_of(html: str, url: str = URL) -> tuple[FoundFeed, ...]:
    return find_feeds(LexborHTMLParser(html), url)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('rel=alternate type="application/rss+xml" href="/feed/"', "rss"),
        ('rel="ALTERNATE home" type=" Application/ATOM+xml; charset=utf-8" href="/a"', "atom"),
        ('rel=alternate type="application/rdf+xml" href="/index.rdf"', "rss"),
        ('rel=alternate type="application/feed+json" href="/feed.json"', "json"),
        ('rel=alternate type="application/json" title="JSON Feed" href="/posts"', "json"),
        ('rel=alternate type="application/json" href="/feed.json"', "json"),
        ('rel=alternate type="text/xml" title="RSS .92" href="/old"', ""),
        ('rel="feed" href="/anything"', ""),
    ],
)
def test_feeds_are_known_by_their_type(link: str, expected: str) -> None:
    found = feeds_of(f"<p>Words</p><link {link}>")
    assert [feed.format for feed in found] == [expected]
    assert found[0].url.startswith("https://hill.example.org/")


@pytest.mark.parametrize(
    "link",
    [
        'rel=alternate type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=feed"',
        'rel=alternate type="application/json" title="JSON" href="/wp-json/wp/v2/posts/7"',
        'rel=alternate type="text/xml" hreflang="de" href="/de/"',
        'rel="alternate stylesheet" type="application/rss+xml" href="/feed/"',
        'rel=alternate hreflang="fr" title="Feed" href="/fr/feed/"',
        'rel=alternates type="application/rss+xml" href="/feed/"',
        'rel=alternate type="text/calendar" title="iCal Feed" href="/events/?ical=1"',
        'rel=alternate type="application/rss+xml" href="javascript:alert(1)"',
        'rel=alternate type="application/rss+xml" href="https://anna@hill.example.org/feed/"',
        'rel=stylesheet type="text/css" href="/feed.css"',
    ],
)
def test_a_link_that_is_not_a_feed_is_not_found(link: str) -> None:
    assert feeds_of(f"<link {link}>") == ()


def test_posts_come_first_then_categories_then_comments() -> None:
    html = """
    <link rel=alternate type=application/rss+xml title="Hill &raquo; Comments Feed"
      href="/comments/feed/">
    <link rel=alternate type=application/rss+xml title="Hill &raquo; News Category Feed"
      href="/category/news/feed/">
    <a href="/podcast.rss">Podcast</a>
    <link rel=alternate type=application/rss+xml title="Hill &raquo; Feed" href="/feed/">
    <a href="/feed">RSS</a>"""
    assert [(feed.url[24:], feed.is_comments) for feed in feeds_of(html)] == [
        ("/feed/", False),
        ("/podcast.rss", False),
        ("/category/news/feed/", False),
        ("/comments/feed/", True),
    ]


@pytest.mark.parametrize(
    ("title", "path", "expected"),
    [
        ("Hill » Comments Feed", "/x/", True),
        ("Hill » A mill Comments Feed", "/x/", True),
        ("Hügel » Kommentar-Feed", "/x/", True),
        ("Hügel » Kommentare-Feed", "/x/", True),
        ("Kommentare zu: Eine Mühle", "/x/", True),
        ("Colline » Flux des commentaires", "/x/", True),
        ("Colina » Feed de los comentarios", "/x/", True),
        ("Colina » Feed de comentários", "/x/", True),
        ("Collina » Feed dei commenti", "/x/", True),
        ("Heuvel » Reacties feed", "/x/", True),
        ("Kulle » Kommentarsflöde", "/x/", True),
        ("Холм » Лента комментариев", "/x/", True),
        ("丘 » コメントフィード", "/x/", True),
        ("Wzgórze » Kanał z komentarzami", "/x/", True),
        ("Comments on: A mill", "/x/", True),
        ("", "/comments/feed/", True),
        ("", "/feeds/932/comments/default", True),
        ("", "/comments.xml", True),
        ("", "/?feed=comments-rss2", True),
        ("Hill » Feed", "/feed/", False),
        ("Comment is free", "/commentisfree/rss", False),
        ("Hügel: Kommentare", "/meinung/rss", False),
        ("No comments, please » Feed", "/feed/", False),
        ("Notes on a mill", "/notes/feed/", False),
    ],
)
def test_feeds_of_comments_are_recognised(title: str, path: str, expected: bool) -> None:
    assert is_comments_feed(title, f"https://hill.example.org{path}") is expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<meta property="og:type" content="article">', True),
        ('<body class="post-template-default single single-post">', True),
        ('<body class="archive category">', False),
        ("", False),
    ],
)
def test_a_feed_under_the_address_of_an_article_lists_its_comments(
    page: str, expected: bool
) -> None:
    link = '<link rel=alternate type=application/rss+xml title="A mill" href="feed/">'
    assert [feed.is_comments for feed in feeds_of(link + page)] == [expected]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/feed/", True),
        ("https://x.example/blog/feed/atom", True),
        ("https://x.example/rss", True),
        ("https://x.example/rss.xml", True),
        ("https://x.example/news-atom.xml", True),
        ("https://x.example/index.xml", True),
        ("https://x.example/feed.json", True),
        ("https://x.example/news.rdf", True),
        ("https://x.example/?feed=rss2", True),
        ("https://feeds.feedburner.com/hill", True),
        ("https://feeds.feedburner.com/", False),
        ("https://x.example/feedback/", False),
        ("https://x.example/feeding-birds/", False),
        ("https://x.example/rss-feeds/", False),
        ("https://x.example/wiki/RSS", False),
        ("https://x.example/category/feed-the-world/", False),
        ("https://x.example/sitemap.xml", False),
        ("https://x.example/", False),
    ],
)
def test_addresses_of_feeds_are_known(url: str, expected: bool) -> None:
    assert is_feed_address(url) is expected


def test_at_most_50_feeds_of_a_page_are_found() -> None:
    links = (
        f'<link rel=alternate type="application/rss+xml" href="/{number}/feed/">'
        for number in range(60)
    )
    assert len(feeds_of("".join(links))) == MAX_FOUND


def test_links_to_feeds_elsewhere_do_not_belong_to_the_site() -> None:
    html = """<a href="https://reader.example.net/feed/">Follow</a>
    <a href="https://www.hill.example.org/rss.xml">RSS</a>
    <a href="feed://hill.example.org/atom.xml">Atom</a>
    <a href="https://feeds.feedburner.com/hill">Burner</a>"""
    assert [feed.url for feed in feeds_of(html)] == [
        "https://www.hill.example.org/rss.xml",
        "http://hill.example.org/atom.xml",
        "https://feeds.feedburner.com/hill",
    ]


def test_categories_are_offered_with_their_feeds() -> None:
    html = """
    <a href="/tag/mills/" rel="tag">mills</a>
    <a href="/category/news/">News</a> <a href="/category/news/#top">News again</a>
    <a href="/category/news/page/2/">Older</a> <a href="/category/news/feed/">RSS</a>
    <a href="/security/" rel="category tag">Security</a>
    <a href="/?cat=7">Old road</a>
    <a href="https://other.example/category/x/">Elsewhere</a> <a href="/about/">About</a>"""
    found = find_category_feeds(LexborHTMLParser(html), URL)
    assert [(feed.url[24:], feed.title) for feed in found] == [
        ("/category/news/feed/", "News"),
        ("/security/feed/", "Security"),
        ("/?feed=rss2&cat=7", "Old road"),
        ("/tag/mills/feed/", "mills"),
    ]


def test_guesses_are_the_usual_addresses_of_the_site() -> None:
    assert guess_feeds("https://x.example") == (
        "https://x.example/feed/",
        "https://x.example/rss.xml",
        "https://x.example/atom.xml",
        "https://x.example/feed.xml",
        "https://x.example/index.xml",
        "https://x.example/feed.json",
        "https://x.example/rss",
        "https://x.example/feed",
        "https://x.example/?feed=rss2",
    )


def test_a_page_below_the_front_page_is_guessed_first() -> None:
    guesses = guess_feeds("https://x.example/category/news/?utm_source=mail#top")
    assert guesses[:2] == ("https://x.example/category/news/feed/", "https://x.example/feed/")
    assert guess_feeds("javascript:alert(1)") == ()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/category/foreign-policy/feed/", "Foreign Policy"),
        ("https://x.example/category/news/rss.xml", "News"),
        ("https://x.example/tag/caf%C3%A9", "Café"),
        ("https://x.example/feed/", ""),
    ],
)
def test_names_of_categories_are_read_from_addresses(url: str, expected: str) -> None:
    assert archive_name(url) == expected


def test_names_of_categories_are_read_from_titles() -> None:
    url = "https://x.example/category/n/feed/"
    assert category_name("The Hill » Foreign News Category Feed", url) == "Foreign News"
    assert category_name("RSS Feed", url) == "N"
    assert is_category_feed("The Hill » Foreign News Category Feed", "https://x.example/f/feed/")
    assert archive_feed("https://x.example/news?page=2#top") == "https://x.example/news/feed/"


@pytest.mark.parametrize(
    "markup",
    [
        "<a href=/feed>" * 70_000,
        "<a href='/" + "-" * 3900 + ".xml'>x</a>" + "<a href=/feed/feed/feed/rss>" * 30_000,
        "<link rel=alternate type=application/rss+xml href=/f title='" + "feed " * 200_000 + "'>",
        "<a rel=tag href=/tag/" + "/" * 900_000 + ">",
    ],
)
def test_hostile_pages_take_no_time(markup: str) -> None:
    tree = LexborHTMLParser(markup)
    with within(1):
        assert len(find_feeds(tree, URL)) + len(find_category_feeds(tree, URL)) <= 100

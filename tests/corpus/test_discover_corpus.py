"""Feeds named by real pages, against those that a person found in the markup."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.models import FoundFeed
from digest.readers.pages.discover import find_category_feeds, find_feeds
from digest.readers.pages.markup import decode_page
from digest.text.html import limit_depth

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FOLDERS = ("pages-with-comments", "pages-articles")
HERE = "https://page.example/"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of pages is not here")

#: By the page: its posts' first feed, how many feeds of posts `<link>` and `<a>` give, how many of
#: comments.
CHECKED = {
    "dragnet/models_testing.html": ("http://www.blogohblog.com/feed/", 2, 1),
    "newspaper/pewresearch.org1.html": ("http://www.pewresearch.org/feed/", 2, 2),
    "newspaper/pixelmonkey.org1.html": ("http://www.pixelmonkey.org/feed", 3, 2),
    "newspaper/uproxx.com2.html": ("http://feeds.feedburner.com/uproxx/features", 2, 1),
    "readability/002.html": ("https://hacks.mozilla.org/feed/", 1, 1),
    "readability/blogger.html": (
        "http://siliconexposed.blogspot.com/feeds/posts/default",
        2,
        1,
    ),
    "readability/firefox-nightly-blog.html": ("https://blog.nightly.mozilla.org/feed/", 1, 2),
    "readability/heise.html": ("http://www.heise.de/mac-and-i/news-atom.xml", 3, 0),
    "readability/wordpress.html": ("https://wptavern.com/feed", 2, 2),
    "trafilatura/1337kultur.de.picard.html": ("https://1337kultur.de/feed/", 5, 2),
    "trafilatura/2gewinnt.wordpress.com.uns.html": (
        "https://2gewinnt.wordpress.com/feed/",
        1,
        2,
    ),
    "trafilatura/amazedmag.de.meinleben.html": ("https://www.amazedmag.de/feed/", 1, 0),
    "trafilatura/antary.de.wireshark.html": ("https://www.antary.de/feed/", 1, 2),
    "trafilatura/basicthinking.de.tweets.html": (
        "https://www.basicthinking.de/blog/feed/",
        1,
        2,
    ),
    "trafilatura/businessjargons.com.leadership.html": (None, 0, 0),
    "trafilatura/de.creativecommons.org.endlich.html": (
        "https://de.creativecommons.org/index.php/feed/",
        1,
        2,
    ),
    "trafilatura/erp-news.info.interview.html": ("https://erp-news.info/feed/", 2, 2),
    "trafilatura/hearya.com.metal.html": ("http://www.hearya.com/feed/", 1, 1),
    "trafilatura/lapresse.tn.parite.html": ("https://lapresse.tn/feed/", 1, 2),
    "trafilatura/spreeblick.com.habeck.html": ("http://www.spreeblick.com/feed/", 2, 2),
    "trafilatura/stackoverflow.com.rust.html": (None, 0, 1),
    "trafilatura/steinhau.com.zahlen.html": (
        "http://www.steinhau.com/steinhau/wordpress/feed/",
        1,
        2,
    ),
    "trafilatura/thenervousbreakdown.com.loneliest.html": (
        "http://thenervousbreakdown.com/feed/",
        1,
        1,
    ),
    "trafilatura/threatpost.com.android.html": ("https://threatpost.com/feed/", 1, 2),
    "trafilatura/verfassungsblog.de.expertinnen.html": ("https://verfassungsblog.de/feed/", 1, 2),
    "readability/bbc-1.html": (None, 0, 0),
    "readability/mozilla-1.html": (None, 0, 0),
    "readability/wapo-1.html": (None, 0, 0),
}


def page(path: Path) -> tuple[LexborHTMLParser, str]:
    tree = LexborHTMLParser(limit_depth(decode_page(path.read_bytes(), "")))
    own = tree.css_first("link[rel=canonical][href]")
    return tree, (own.attributes.get("href") if own else "") or HERE


def pages() -> dict[str, Path]:
    return {
        path.relative_to(CORPUS / folder).as_posix(): path
        for folder in FOLDERS
        for path in sorted((CORPUS / folder).rglob("*.html"))
    }


@pytest.mark.parametrize("name", CHECKED)
def test_the_feeds_that_a_person_found_are_found(name: str) -> None:
    found = find_feeds(*page(pages()[name]))
    posts = [feed.url for feed in found if not feed.is_comments]
    first, count, comments = CHECKED[name]
    assert (next(iter(posts), None), len(posts), len(found) - len(posts)) == (
        first,
        count,
        comments,
    )


def test_every_named_feed_is_found() -> None:
    named = [
        (name, link.attributes["href"])
        for name, path in pages().items()
        for link in page(path)[0].css("link[rel=alternate][type]")
        if (link.attributes["type"] or "") in ("application/rss+xml", "application/atom+xml")
    ]
    found = {name: {feed.url for feed in find_feeds(*page(path))} for name, path in pages().items()}
    assert len(named) >= 100
    assert [(name, url) for name, url in named if url not in found[name]] == []


def test_feeds_whose_title_says_comments_are_of_comments() -> None:
    found = [feed for path in pages().values() for feed in find_feeds(*page(path))]
    said = [feed for feed in found if feed.title.endswith(("Comments Feed", "Kommentar-Feed"))]
    assert len(said) >= 50
    assert [feed for feed in said if not feed.is_comments] == []


def test_categories_are_offered_by_most_blogs() -> None:
    offered = {name: find_category_feeds(*page(path)) for name, path in pages().items()}
    blogs = [feeds for name, feeds in offered.items() if name.startswith("trafilatura") and feeds]
    assert len(blogs) >= 30
    assert all(_is_sound(feed) for feeds in blogs for feed in feeds)


def _is_sound(feed: FoundFeed) -> bool:
    return feed.url.startswith("http") and feed.url.endswith("/feed/") and bool(feed.title)

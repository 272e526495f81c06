"""Finds the feeds that a page links to (RSS Autodiscovery, HTML Standard `rel=alternate`, `feed`).

It does not check that the feeds can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.models import FoundFeed
from digest.readers.pages.feed_addresses import (
    archive_feed,
    archive_name,
    guess_feeds,
    is_archive,
    is_category,
    is_category_feed,
    is_comments_feed,
    is_feed_address,
)
from digest.text.html import plain_line
from digest.text.links import http_url, url_key

__all__ = ["find_category_feeds", "find_feeds", "guess_feeds"]

#: Feeds found on one page; a page with more is generated.
MAX_FOUND = 50
_MAX_LINKS = 5_000

_FORMATS = {
    "application/rss+xml": "rss",
    "application/rdf+xml": "rss",
    "application/x-rss+xml": "rss",
    "text/rss+xml": "rss",
    "text/rss": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
}
#: Media types of other documents, too: the title or address must also be a feed's.
_VAGUE = {"text/xml": "", "application/xml": "", "application/json": "json"}
_FEED_TITLE = re.compile(r"\b(?:rss|atom|rdf|feed)\b", re.IGNORECASE)
# A cheap first check, before an address is made absolute and checked closely.
_MAY_BE_FEED = re.compile(r"feed|rss|atom|rdf|index\.(?:xml|json)", re.IGNORECASE)
_ARCHIVE_TEXT_CHARS = 80
_LATER_PAGE = re.compile(r"/page/\d+/?\Z")


def find_feeds(tree: LexborHTMLParser, base_url: str) -> tuple[FoundFeed, ...]:
    """Return the feeds that a page links to, each once.

    Feeds of the site's posts come first, then those of categories, then those of comments; within
    each group, `<link>` elements come before `<a>` elements.
    """
    own_url = _article_url(tree, base_url)
    found: dict[str, FoundFeed] = {}
    for url, title, feed_format in (*_named(tree, base_url), *_linked(tree, base_url)):
        if len(found) < MAX_FOUND:
            is_comments = is_comments_feed(title, url) or _is_of(url, own_url)
            feed = FoundFeed(url=url, title=title, format=feed_format, is_comments=is_comments)
            found.setdefault(url_key(url) or url, feed)
    return tuple(sorted(found.values(), key=_rank))


def find_category_feeds(tree: LexborHTMLParser, base_url: str) -> tuple[FoundFeed, ...]:
    """Return the probable feeds of the categories and tags that a page links to, categories first.

    The addresses follow WordPress's scheme; they may not exist.
    """
    host = urlsplit(base_url).hostname
    found: dict[str, tuple[bool, FoundFeed]] = {}
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        rel = (node.attributes.get("rel") or "").lower().split()
        url = http_url((node.attributes.get("href") or "").partition("#")[0], base_url)
        is_shown = "tag" in rel or is_archive(url)
        if not is_shown or urlsplit(url).hostname != host or _LATER_PAGE.search(url):
            continue
        if not is_feed_address(url) and len(found) < MAX_FOUND:
            feed = FoundFeed(url=archive_feed(url), title=_archive_title(node, url), format="")
            found.setdefault(feed.url, ("category" in rel or is_category(url), feed))
    return tuple(feed for _, feed in sorted(found.values(), key=lambda pair: not pair[0]))


def _named(tree: LexborHTMLParser, base_url: str) -> Iterator[tuple[str, str, str]]:
    """Yield address, title and format of each `<link>` to a feed."""
    for node in tree.css("link[rel][href]")[:_MAX_LINKS]:
        url = _address(node, base_url)
        title = plain_line(node.attributes.get("title") or "")
        feed_format = _format_of(node, url, title)
        if url and feed_format is not None:
            yield url, title, feed_format


def _format_of(node: LexborNode, url: str, title: str) -> str | None:
    """Return the format of the feed in a `<link>`, empty if unknown; None if it is not a feed."""
    rel = (node.attributes.get("rel") or "").lower().split()
    kind = (node.attributes.get("type") or "").partition(";")[0].strip().lower()
    if "feed" in rel:
        return _FORMATS.get(kind, "")
    if "alternate" not in rel or "stylesheet" in rel or "/wp-json/" in url:
        return None
    if kind in _VAGUE:
        is_feed = _FEED_TITLE.search(title) is not None or is_feed_address(url)
        return _VAGUE[kind] if is_feed else None
    return _FORMATS.get(kind)


def _linked(tree: LexborHTMLParser, base_url: str) -> Iterator[tuple[str, str, str]]:
    """Yield the links in the text that are clearly feeds of this site or of FeedBurner."""
    host = _site(base_url)
    for node in tree.css("a[href]")[:_MAX_LINKS]:
        if not _MAY_BE_FEED.search(node.attributes.get("href") or ""):
            continue
        url = _address(node, base_url)
        is_own = _site(url) in {host, "feeds.feedburner.com", "feeds2.feedburner.com"}
        if url and is_own and is_feed_address(url):
            yield url, plain_line(node.text()[:_ARCHIVE_TEXT_CHARS]), ""


def _address(node: LexborNode, base_url: str) -> str:
    """Return the address of a link; a `feed:` prefix is removed."""
    href = (node.attributes.get("href") or "").strip()
    if href[:5].lower() == "feed:":
        href = href[5:]
        href = f"http:{href}" if href.startswith("//") else href
    return http_url(href, base_url).partition("#")[0]


def _article_url(tree: LexborHTMLParser, base_url: str) -> str:
    """Return the page's address if it is one article; empty if it may be a list of posts."""
    kind = tree.css_first('meta[property="og:type"]')
    is_article = kind is not None and kind.attributes.get("content") == "article"
    body = tree.css_first("body")
    classes = (body.attributes.get("class") or "").split() if body else []
    if not is_article and not {"single", "single-post", "singular"} & set(classes):
        return ""
    own = tree.css_first("link[rel=canonical][href]")
    return http_url((own.attributes.get("href") if own else "") or "", base_url) or base_url


def _is_of(url: str, own_url: str) -> bool:
    """Return whether a feed is below an article's address, as its comment feed is."""
    own, path = urlsplit(own_url), urlsplit(url).path
    own_path = own.path.rstrip("/")
    is_below = bool(own_path) and path.startswith(f"{own_path}/")
    return is_below and _site(url) == _site(own_url)


def _rank(feed: FoundFeed) -> tuple[bool, bool]:
    return feed.is_comments, is_category_feed(feed.title, feed.url)


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _archive_title(node: LexborNode, url: str) -> str:
    return plain_line(node.text()[:_ARCHIVE_TEXT_CHARS]) or archive_name(url)

"""The feeds that a page links to (RSS Autodiscovery, HTML Standard `rel=alternate`)."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from digest.models import FoundFeed
from digest.text.html import plain_line
from digest.text.links import http_url

_FORMATS = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
}


def find_feeds(tree: LexborHTMLParser, base_url: str) -> tuple[FoundFeed, ...]:
    """Give the feeds that a page's head names, each once, in its order."""
    found: dict[str, FoundFeed] = {}
    for link in tree.css("link[rel~=alternate][type][href]"):
        kind = (link.attributes.get("type") or "").partition(";")[0].strip().lower()
        url = http_url(link.attributes.get("href") or "", base_url)
        if url and kind in _FORMATS:
            title = plain_line(link.attributes.get("title") or "")
            found.setdefault(url, FoundFeed(url=url, title=title, format=_FORMATS[kind]))
    return tuple(found.values())

"""Wraps feedparser: bytes of RSS or Atom in, its dictionary out. No other module calls it.

feedparser opens input that looks like a path or a URL, takes quadratic time for deep nesting and
long prologues, and passes on the exceptions of its helpers. So it gets a stream, after the
prologue was removed and the depth checked, and every exception becomes a `FeedError`.
"""

from __future__ import annotations

import io
import re
from typing import Any

import feedparser
from feedparser.api import PREFERRED_XML_PARSERS

from digest.errors import FeedError
from digest.models import Document
from digest.readers.feeds import expat
from digest.readers.feeds.charset import decode
from digest.readers.feeds.parser import FeedParser, LooseParser
from digest.readers.feeds.references import join_halves, mend_characters, mend_references
from digest.readers.feeds.shorten import shorten
from digest.text.html import is_deeper

# `xml.sax` wants the parser's module name.
PREFERRED_XML_PARSERS.insert(0, expat.__name__)
feedparser.api.StrictFeedParser = FeedParser
feedparser.api.LooseFeedParser = LooseParser
# `dates` parses the dates; this handler saves the time of feedparser's own ones.
_UNREAD_DATE = (1970, 1, 1, 0, 0, 0, 3, 1, 0)
feedparser.registerDateHandler(lambda _words: _UNREAD_DATE)

#: Maximum depth of nested elements, XHTML content included.
_MAX_DEPTH = 300

# Everything that may come before the root element; a comment may contain text like an element.
_PROLOGUE = re.compile(
    rb"(?:[^<]++|<\?.*?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*)?>|<![^>\[]*>|(?!))*+",
    re.DOTALL | re.IGNORECASE,
)
_HAS_BASE = re.compile(rb"<[a-zA-Z][^<>]*\s(?:xml:)?base\s*=", re.IGNORECASE)
# feedparser uses a picture's description as the post's text; it does not know the new name.
_CAPTION = re.compile(rb"<(/?)media:description\b[^<>]*?(/?)>")
#: Every feed has one of these elements.
_FEED = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:html|head|body)\b", re.IGNORECASE)


def parse_xml(document: Document) -> Any:
    """Return feedparser's result for a feed; HTML is not cleaned, links are not made absolute.

    `media_caption` is the Media RSS description of a picture or video, the last one if there are
    several. In addition to feedparser's keys, `document` is the decoded text, and `mended` is the
    problem with its character encoding, or empty.

    Raises:
        FeedError: the document is not a feed.
    """
    decoded, url = decode(document.body, document.content_type), document.url
    root = _without_prologue(_mended(decoded.text).encode("utf-8", "replace"), url)
    # feedparser would spend much time on a web page or a picture, without a result.
    if not _FEED.search(root):
        raise _no_feed(root, url)
    try:
        parsed = feedparser.parse(
            io.BytesIO(_CAPTION.sub(rb"<\1media:caption\2>", root)),
            response_headers={
                "content-type": "application/xml; charset=utf-8",
                **_base_of(root, url),
            },
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:
        raise FeedError(url, f"cannot be read ({error})", transient=False) from error
    if not parsed.version and not parsed.entries:
        raise _no_feed(root, url)
    parsed["mended"] = decoded.problem
    parsed["document"] = decoded.text
    return parsed


def _mended(markup: str) -> str:
    return mend_references(join_halves(mend_characters(markup)))


def _no_feed(root: bytes, url: str) -> FeedError:
    is_page = _PAGE.search(root) is not None
    found = "a web page; use its feed's address" if is_page else "neither RSS nor Atom"
    return FeedError(url, f"not a feed: this is {found}", transient=False)


def _base_of(root: bytes, url: str) -> dict[str, str]:
    """Return the header with the document's address, only if an element has its own base.

    With a base, feedparser joins addresses at every element, which takes a fifth of its time;
    without one, relative links stay relative, and `xmlfeed` makes them absolute.
    """
    return {"content-location": url} if _HAS_BASE.search(root) else {}


def _without_prologue(body: bytes, url: str) -> bytes:
    """Return the root element without declaration, DTD and entities.

    Raises:
        FeedError: there is no element, or there are too many, or too deeply nested ones.
    """
    start = _PROLOGUE.match(body)
    root = body[start.end() if start else 0 :]
    if not root.strip():
        raise FeedError(url, "not a feed: the document is empty", transient=True)
    root = shorten(root)
    if not root:
        raise FeedError(url, "not a feed: it has too many elements", transient=False)
    if is_deeper(root.decode("latin-1"), _MAX_DEPTH):
        raise FeedError(url, "not a feed: its elements are nested too deeply", transient=False)
    return root

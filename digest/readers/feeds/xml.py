"""The one place that calls feedparser: bytes of RSS or Atom in, its dictionary out.

feedparser opens what it takes for a path or a URL, spends quadratic time on deep nesting and on
long prologues, and raises what its helpers raise. So it gets a stream, after the prologue was cut
off and the depth measured, and whatever it raises becomes a `FeedError`.
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
from digest.text.nesting import is_deeper

# By name, as `xml.sax` takes them.
PREFERRED_XML_PARSERS.insert(0, expat.__name__)
# `dates` reads the words of a date; the ways in which feedparser reads each are spared.
_UNREAD_DATE = (1970, 1, 1, 0, 0, 0, 3, 1, 0)
feedparser.registerDateHandler(lambda _words: _UNREAD_DATE)

#: Elements within elements; XHTML content included.
_MAX_DEPTH = 300

# Everything that may stand before the root element; a comment may hold what looks like one.
_PROLOGUE = re.compile(
    rb"(?:[^<]++|<\?.*?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*)?>|<![^>\[]*>)*+",
    re.DOTALL | re.IGNORECASE,
)
_HAS_BASE = re.compile(rb"<[a-zA-Z][^<>]*\s(?:xml:)?base\s*=", re.IGNORECASE)
# feedparser takes what describes a picture for the text of the post; it has no name for this one.
_CAPTION = re.compile(rb"<(/?)media:description\b[^<>]*?(/?)>")
#: Every feed has one of these elements.
_FEED = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:html|head|body)\b", re.IGNORECASE)


def parse_xml(document: Document) -> Any:
    """Give feedparser's result for a feed, its HTML neither cleaned nor made absolute.

    What Media RSS says of a picture or a film is `media_caption`, the last where there are several.
    Beside what feedparser gives, `document` is the text that was read, and `mended` says what was
    done about its character encoding.

    Raises:
        FeedError: nothing in it is a feed.
    """
    decoded, url = decode(document.body, document.content_type), document.url
    root = _without_prologue(decoded.text.encode("utf-8", "replace"), url)
    # A page or a picture would be searched at length, and for nothing.
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


def _no_feed(root: bytes, url: str) -> FeedError:
    is_page = _PAGE.search(root) is not None
    found = "a web page; give its feed's address" if is_page else "neither RSS nor Atom"
    return FeedError(url, f"no feed: this is {found}", transient=False)


def _base_of(root: bytes, url: str) -> dict[str, str]:
    """Say where the document came from only where an element has a base of its own.

    With a base feedparser joins addresses at every element, a fifth of its time; without one what
    is relative stays so, and is made absolute where it is read.
    """
    return {"content-location": url} if _HAS_BASE.search(root) else {}


def _without_prologue(body: bytes, url: str) -> bytes:
    """Give the root element: no declaration, no DTD, no entities.

    Raises:
        FeedError: there is no element, or the nesting is absurd.
    """
    start = _PROLOGUE.match(body)
    root = body[start.end() if start else 0 :]
    if not root.strip():
        raise FeedError(url, "no feed: the document is empty", transient=True)
    if is_deeper(root.decode("latin-1"), _MAX_DEPTH):
        raise FeedError(url, "no feed: its elements nest too deeply", transient=False)
    return root

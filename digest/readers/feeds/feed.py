"""The entry point for feeds of every format: bytes in, posts out."""

from __future__ import annotations

import re
from datetime import datetime

from digest.errors import FeedError
from digest.models import Document, ParsedFeed
from digest.readers.feeds.jsonfeed import read_json_feed
from digest.readers.feeds.xmlfeed import read_xml_feed

# An object, also after a comment, a guard against scripts or the name of a function.
_JSON = re.compile(rb"\{|/[/*]|\)\]\}'|[\w.$]{1,40}\(\s*\{")


def read_feed(document: Document, now: datetime) -> ParsedFeed:
    """Read a feed; the first character decides the format, not the server's content type.

    Args:
        document: a feed of any format.
        now: the time; later dates are ignored.

    Raises:
        FeedError: the document is not a feed.
    """
    # Also strips byte order marks and the zero bytes of UTF-16 and UTF-32.
    start = document.body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if not start:
        raise FeedError(document.url, "not a feed: the document is empty", transient=True)
    if _JSON.match(start):
        return read_json_feed(document, now)
    return read_xml_feed(document, now)

"""The door for feeds of every format: bytes in, posts out."""

from __future__ import annotations

from datetime import datetime

from digest.errors import FeedError
from digest.models import Document, ParsedFeed
from digest.readers.feeds.jsonfeed import read_json_feed
from digest.readers.feeds.xmlfeed import read_xml_feed


def read_feed(document: Document, now: datetime) -> ParsedFeed:
    """Read a feed; its format shows in its first character, whatever the server calls it.

    Args:
        document: of any format.
        now: dates after it are not believed.

    Raises:
        FeedError: the document is no feed.
    """
    # Byte order marks and the other halves of wide characters, too.
    start = document.body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if not start:
        raise FeedError(document.url, "no feed: the document is empty", transient=True)
    if start.startswith(b"{"):
        return read_json_feed(document, now)
    return read_xml_feed(document, now)

"""The XML driver for feedparser."""

from __future__ import annotations

from xml.sax.handler import ContentHandler

from feedparser.api import PREFERRED_XML_PARSERS

from digest.models import Document
from digest.readers.feeds import expat
from digest.readers.feeds.xml import parse_xml


class Pieces(ContentHandler):
    """Records the texts in order."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def characters(self, content: str) -> None:
        self.texts.append(content)


def test_a_text_of_lines_and_entities_comes_in_one_piece() -> None:
    pieces, parser = Pieces(), expat.create_parser()
    parser.setContentHandler(pieces)
    parser.feed(b"<a>one\ntwo &amp; <![CDATA[three\nfour]]><b/>five</a>")
    parser.close()
    assert pieces.texts == ["one\ntwo & three\nfour", "five"]


def test_feedparser_is_given_this_driver() -> None:
    body = b"<rss version='2.0'><channel><title>a &amp; b</title></channel></rss>"
    assert parse_xml(Document(body=body, url="https://harbour.example/")).feed.title == "a & b"
    assert PREFERRED_XML_PARSERS[0] == expat.__name__

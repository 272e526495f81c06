"""Writes the feed of past editions (Atom, RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from digest.newsroom.self_service.archive import ArchiveEntry, ArchiveList

MEDIA_TYPE = "application/atom+xml"

_NAMESPACE = "http://www.w3.org/2005/Atom"
#: The required time of a feed without entries.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# XML 1.0 section 2.2: no document may contain these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_feed(archive: ArchiveList, write_content: Callable[[ArchiveEntry], str]) -> bytes:
    """Return the feed of a list of editions.

    The addresses of the list and of each edition are also their ids: they never change.

    Args:
        archive: the first page of a list.
        write_content: a function that returns the HTML of an edition.
    """
    language = archive.language
    feed = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": language})
    _add(feed, "id", archive.url)
    _add(feed, "title", archive.title)
    if archive.tagline:
        _add(feed, "subtitle", archive.tagline)
    _add(feed, "updated", _time(max((entry.at for entry in archive.entries), default=_NEVER)))
    SubElement(feed, "link", rel="self", type=MEDIA_TYPE, href=archive.feed_url)
    SubElement(feed, "link", rel="alternate", type="text/html", href=archive.url)
    _add(SubElement(feed, "author"), "name", archive.title)
    for entry in archive.entries:
        _add_entry(feed, entry, write_content(entry))
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _add_entry(feed: Element, entry: ArchiveEntry, content: str) -> None:
    element = SubElement(feed, "entry")
    _add(element, "id", entry.url)
    _add(element, "title", entry.letter.subject)
    _add(element, "published", _time(entry.at))
    # A sent edition never changes.
    _add(element, "updated", _time(entry.at))
    SubElement(element, "link", rel="alternate", type="text/html", href=entry.url)
    if entry.letter.preheader:
        _add(element, "summary", entry.letter.preheader)
    _add(element, "content", content).set("type", "html")


def _add(parent: Element, name: str, text: str) -> Element:
    element = SubElement(parent, name)
    element.text = _NOT_XML.sub("", text)
    return element


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

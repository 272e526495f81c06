"""feedparser's two parsers without their quadratic loops and guesses about the encoding."""

from __future__ import annotations

from typing import Any

from feedparser.api import LooseFeedParser, StrictFeedParser

#: More namespaces are not tracked: feedparser searches all of them for each element.
_MAX_NAMESPACES = 200
#: More categories of a post are not read: each is compared with all earlier ones.
_MAX_TAGS = 200
#: More authors of a post are not noted; few of them are named.
_MAX_AUTHORS = 50


#: Another name of UTF-8: under its own, feedparser decodes each element that looks like UTF-8 once
#: more; `twice` decides that for the whole document.
_ENCODING = "utf8"


class _Common:
    """Changes to both parsers."""

    def _start_guid(self, attributes: Any) -> None:
        self._is_called_link = attributes.get("ispermalink") == "true"
        super()._start_guid(attributes)  # type: ignore[misc]

    _start_id = _start_guid

    def _start_author(self, attributes: Any) -> None:
        super()._start_author(attributes)  # type: ignore[misc]
        self._note_author("author")

    def _start_dc_creator(self, attributes: Any) -> None:
        super()._start_author(attributes)  # type: ignore[misc]
        self._note_author("dc:creator")

    def _start_itunes_author(self, attributes: Any) -> None:
        super()._start_author(attributes)  # type: ignore[misc]
        self._note_author("itunes:author")

    def _note_author(self, element: str) -> None:
        """Note the element of an author who begins, in `written_authors`: `[element, name]`."""
        authors = self._get_context().setdefault("written_authors", [])  # type: ignore[attr-defined]
        if len(authors) < _MAX_AUTHORS:
            authors.append([element, ""])

    def pop(self, element: str, *arguments: Any) -> Any:
        """End an element and return its text."""
        self.encoding = _ENCODING
        if element == "id" and self.elementstack and not self._is_called_link:  # type: ignore[attr-defined]
            # A number or a name is no link, and is not joined to the feed's address.
            self.guidislink = self.guidislink and "/" in _text(self.elementstack[-1])  # type: ignore[attr-defined, has-type]
        text = super().pop(element, *arguments)  # type: ignore[misc] # of feedparser's mixin
        if element in ("author", "name") and text and self.inauthor:  # type: ignore[attr-defined]
            # Its own search for a mail address cuts names in two.
            authors = self._get_context().get("written_authors")  # type: ignore[attr-defined]
            if authors:
                authors[-1][1] = text
        return text

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        """Note a namespace."""
        if len(self.namespaces_in_use) < _MAX_NAMESPACES:  # type: ignore[attr-defined]
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        if len(self._get_context().get("tags") or ()) < _MAX_TAGS:  # type: ignore[attr-defined]
            super()._add_tag(term, scheme, label)  # type: ignore[misc]


class LooseParser(_Common, LooseFeedParser):  # type: ignore[misc] # feedparser has no types
    """The parser for documents that are not well formed."""


class FeedParser(_Common, StrictFeedParser):  # type: ignore[misc] # feedparser has no types
    """The parser for documents that are well formed."""

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802
        """Start an element."""
        super().startElementNS(name, qname, _Attributes(attrs))


def _text(opened: Any) -> str:
    """Return the text of an open element of feedparser's stack."""
    return "".join(part.decode() if isinstance(part, bytes) else part for part in opened[2])


class _Attributes:
    """The attributes of an element; `xml.sax` searches all of them for each name."""

    def __init__(self, attributes: Any) -> None:
        self._values = dict(attributes.items())
        self._names = {attributes.getQNameByName(name): name for name in self._values}

    def items(self) -> Any:
        return self._values.items()

    def getQNames(self) -> Any:  # noqa: N802
        return self._names

    def getValueByQName(self, name: str) -> Any:  # noqa: N802
        return self._values[self._names[name]]

"""Reads and writes OPML, the lists of feeds that feed readers exchange (opml.org/spec2.opml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element, SubElement  # builds only; defusedxml parses
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from digest.errors import UsageError
from digest.readers.feeds.charset import decode
from digest.readers.feeds.references import mend_characters, mend_references
from digest.readers.limits import MAX_OUTLINES
from digest.text.html import is_deeper, plain_line
from digest.text.invisible import remove_invisible
from digest.text.links import http_url

_MAX_DEPTH = 100
# Python's parser refuses a text that declares an encoding.
_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*>")
_IS_OPML = re.compile(r"<opml\b", re.IGNORECASE)
# From the start of an outline to the next one, or to an end tag.
_OUTLINE = re.compile(
    r"<outline\b(?P<inner>[^<]*+(?:<(?!/?outline\b|/body\b)[^<]*+|(?!))*+)|(?P<end></outline\s*>)",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"\b(text|title|type|xmlUrl|htmlUrl|category)\s*=\s*([\"'])(.*?)\2(?=\s|/|>|\Z)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list."""

    url: str
    #: May be empty.
    title: str = ""
    #: Address of the site's page; empty if the list has none.
    site_url: str = ""
    #: The names in its `category` attribute, then the name of its folder.
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineList:
    """The feeds of an OPML document."""

    #: Each address once, in document order.
    feeds: tuple[Outline, ...]
    #: One line for each entry that could not be used.
    problems: tuple[str, ...] = ()


def read_opml(body: bytes, name: str) -> OutlineList:
    """Read a list of feeds; a feed that is in several folders gets all their names.

    Args:
        body: the document.
        name: the file name, for error messages.

    Raises:
        UsageError: the document is not OPML, or has a DTD.
    """
    feeds: dict[str, Outline] = {}
    problems: list[str] = []
    for node, folder in _outlines(_root(body, name)):
        found = _read_outline(node, folder)
        if isinstance(found, str):
            problems.append(found)
        elif len(feeds) < MAX_OUTLINES or found.url in feeds:
            known = feeds.get(found.url, found)
            categories = dict.fromkeys(known.categories + found.categories)
            feeds[found.url] = replace(known, categories=tuple(categories))
        else:
            problems.append(f"{found.url}: skipped; the list has more than {MAX_OUTLINES} feeds")
    return OutlineList(feeds=tuple(feeds.values()), problems=tuple(problems))


def write_opml(title: str, feeds: Iterable[Outline]) -> bytes:
    """Write a list of feeds with one folder for each category; feeds without one come last.

    A feed with several categories is in each of their folders.
    """
    feeds = tuple(feeds)
    folders = dict.fromkeys(name for feed in feeds for name in feed.categories)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<opml version="2.0">',
        f"<head><title>{_attribute(title)[1:-1]}</title></head>",
        "<body>",
    ]
    for name in folders:
        lines.append(f"<outline text={_attribute(name)} title={_attribute(name)}>")
        lines += [_feed_line(feed) for feed in feeds if name in feed.categories]
        lines.append("</outline>")
    lines += [_feed_line(feed) for feed in feeds if not feed.categories]
    return "\n".join([*lines, "</body>", "</opml>", ""]).encode()


def _root(body: bytes, name: str) -> Any:
    text = mend_references(mend_characters(decode(body).text))
    if is_deeper(text, _MAX_DEPTH):
        raise UsageError(f"{name}: not OPML: its elements are nested too deeply")
    try:
        root = fromstring(_DECLARATION.sub("", text, count=1), forbid_dtd=True)
    except DefusedXmlException as error:
        raise UsageError(f"{name}: a DTD or entities are not allowed; remove them") from error
    except (ParseError, ValueError, LookupError) as error:
        rescued = _rescued(text)
        if rescued is not None:
            return rescued
        raise UsageError(f"{name}: not OPML: not well-formed XML ({error})") from error
    if root.tag.lower() != "opml":
        raise UsageError(f"{name}: not OPML: its root element is <{plain_line(root.tag)[:40]}>")
    return root


def _rescued(text: str) -> Any:
    """Return the outlines of a document that is not well formed; None if it is not OPML.

    Of each outline the attributes that can be read are used: one with quotes or tags inside costs
    only itself.
    """
    root = Element("opml")
    opened = [SubElement(root, "body")]
    if not _IS_OPML.search(text):
        return None
    for found in _OUTLINE.finditer(text):
        if found["end"]:
            opened = opened[:-1] or opened
            continue
        attributes = {key: unescape(value) for key, _, value in _ATTRIBUTE.findall(found["inner"])}
        node = SubElement(opened[-1], "outline", attributes)
        if not found["inner"].rstrip().endswith("/>") and len(opened) < _MAX_DEPTH:
            opened.append(node)
    return root if len(opened[0]) else None


def _outlines(root: Any) -> Iterator[tuple[Any, str]]:
    """Yield every outline that is a feed, with the name of its folder."""
    waiting = [(node, "") for body in root.findall("body") for node in body][::-1]
    while waiting:
        node, folder = waiting.pop()
        if _get(node, "xmlUrl") or (
            _get(node, "type").lower() in ("rss", "atom") and not len(node)
        ):
            yield node, folder
        # A feed may contain outlines too; they stay in its folder.
        inner = folder if _get(node, "xmlUrl") else _name(node) or folder
        waiting += [(child, inner) for child in reversed(node)]


def _read_outline(node: Any, folder: str) -> Outline | str:
    """Return the feed, or one line about the problem."""
    written = _get(node, "xmlUrl")
    url, title = http_url(written), _name(node)
    if not url:
        shown = plain_line(written)[:200]
        problem = f"{shown!r} is not a web address" if written else "no xmlUrl attribute"
        return f"{title or 'an entry without a name'}: {problem}"
    return Outline(
        url=url,
        title="" if title == written else title,
        site_url=http_url(_get(node, "htmlUrl")),
        categories=tuple(dict.fromkeys((*_categories(node), *filter(None, (folder,))))),
    )


def _categories(node: Any) -> Iterator[str]:
    """Yield the comma-separated names in `category`; of `/Paths/To/It` only the last part."""
    for written in _get(node, "category").split(","):
        name = plain_line(written.strip().rstrip("/").rpartition("/")[2])
        if name:
            yield name


def _name(node: Any) -> str:
    return plain_line(_get(node, "title")) or plain_line(_get(node, "text"))


def _get(node: Any, name: str) -> str:
    """Return an attribute; feed readers write attribute names in different case."""
    value = node.get(name) or node.get(name.lower()) or ""
    return str(value).strip()


def _feed_line(feed: Outline) -> str:
    title = _attribute(feed.title or feed.url)
    attributes = [f"text={title} title={title} xmlUrl={_attribute(feed.url)}"]
    if feed.site_url:
        attributes.append(f"htmlUrl={_attribute(feed.site_url)}")
    named = ",".join(feed.categories)
    # The format has no escape for a comma or a slash inside a name.
    if named.count(",") == max(len(feed.categories) - 1, 0) and named and "/" not in named:
        attributes.append(f"category={_attribute(named)}")
    return f'<outline type="rss" {" ".join(attributes)}/>'


def _attribute(value: str) -> str:
    return quoteattr(" ".join(remove_invisible(value).split()), {'"': "&quot;"})

"""The HTML of a mail, taken apart for the rules."""

from __future__ import annotations

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

_UNSEEN = "style, script, title, [style*='display:none']"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An `<a>` element."""

    href: str
    text: str
    #: `aria-label`; empty without one.
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a subscriber sees of the HTML, and where it leads."""

    links: tuple[Link, ...]
    #: Text as shown, piece by piece.
    texts: tuple[str, ...]
    #: Values of `alt`, `aria-label`, `title` and `content` attributes.
    attributes: tuple[str, ...]


def read_page(html: str) -> Page:
    """Parse the HTML of a mail."""
    tree = LexborHTMLParser(html)
    links = tuple(_read_link(node) for node in tree.css("a"))
    attributes = tuple(_attributes(tree))
    for node in tree.css(_UNSEEN):
        node.decompose()
    return Page(links=links, texts=_texts(tree), attributes=attributes)


def _read_link(node: LexborNode) -> Link:
    return Link(
        href=node.attributes.get("href") or "",
        text=" ".join(node.text().split()),
        label=node.attributes.get("aria-label") or "",
    )


def _attributes(tree: LexborHTMLParser) -> list[str]:
    return [
        value
        for node in tree.css("[alt], [aria-label], [title], [content]")
        for name in ("alt", "aria-label", "title", "content")
        if (value := node.attributes.get(name))
    ]


def _texts(tree: LexborHTMLParser) -> tuple[str, ...]:
    if tree.body is None:
        return ()
    nodes = tree.body.traverse(include_text=True)
    return tuple(words for node in nodes if node.tag == "-text" and (words := node.text().strip()))

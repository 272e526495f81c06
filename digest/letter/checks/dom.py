"""Reads the elements and links of a mail, with the type size and colours that are displayed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: A browser's default text colour, background and type size in pixels.
_INK, _PAPER, _SIZE = "#000000", "#ffffff", 16.0

_FONT_SIZE = re.compile(
    r"(?:^|\s)(?:(\d*\.?\d+)(px|pt|rem|em|%)|((?:xx?-)?small(?:er)?))(?:/|\s|$)", re.IGNORECASE
)
#: Pixels per unit and keyword, as in browsers; `smaller` is an approximation.
_POINT = 4 / 3
_WORDS = {"small": 13.0, "x-small": 10.0, "xx-small": 9.0}
_SMALLER = 5 / 6
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}(?![0-9a-fA-F])")
_DARK = re.compile(
    r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)\s*\{((?:[^{}]*\{[^{}]*\})*)"
)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PLAIN_CLASS = re.compile(r"\.([\w-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The colours of an element's words in light or dark mode, `#rrggbb`."""

    colour: str
    #: The background.
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of the body."""

    tag: str
    attributes: dict[str, str]
    #: Inline declarations, names in lower case.
    style: tuple[tuple[str, str], ...]
    #: The text directly in it, in one line; empty if it only has child elements.
    words: str
    #: Type size in pixels.
    size: float
    light: Scheme
    dark: Scheme
    #: False if it or a parent has `display: none`.
    is_shown: bool


@lru_cache(maxsize=2)
def tree_of(html: str) -> LexborHTMLParser:
    """Return a mail as a tree, which nobody changes; the rules of a check share it."""
    return LexborHTMLParser(html)


def read_elements(html: str) -> tuple[Element, ...]:
    """Return the elements of a mail's body in document order."""
    tree = tree_of(html)
    if tree.body is None:
        return ()
    dark = _dark_rules("".join(node.text() for node in tree.css("style")))
    white = Scheme(colour=_INK, ground=_PAPER)
    start = Element(
        tag="",
        attributes={},
        style=(),
        words="",
        size=_SIZE,
        light=white,
        dark=white,
        is_shown=True,
    )
    return tuple(_walk(tree.body, start, dark))


@lru_cache(maxsize=1024)
def declarations_of(style: str) -> tuple[tuple[str, str], ...]:
    """Return the declarations of a `style` attribute in order."""
    parts = (part.partition(":") for part in style.split(";"))
    return tuple((name.strip().lower(), value.strip()) for name, _, value in parts if name.strip())


def _walk(node: LexborNode, parent: Element, dark: dict[str, dict[str, str]]) -> Iterator[Element]:
    # A stack instead of recursion because mails nest deeply.
    waiting = [(node, parent)]
    while waiting:
        here, above = waiting.pop()
        element = _element(here, above, dark)
        yield element
        below = [child for child in here.iter() if not (child.tag or "").startswith(("-", "_"))]
        waiting += [(child, element) for child in reversed(below)]


def _element(node: LexborNode, parent: Element, dark: dict[str, dict[str, str]]) -> Element:
    attributes = {name: value or "" for name, value in node.attributes.items()}
    style = declarations_of(attributes.get("style", ""))
    said = dict(style)
    own_dark: dict[str, str] = {}
    for name in attributes.get("class", "").split():
        own_dark |= dark.get(name, {})
    colour = _colour(said.get("color", ""))
    ground = _colour(said.get("background-color", "")) or _colour(attributes.get("bgcolor", ""))
    return Element(
        tag=node.tag or "",
        attributes=attributes,
        style=style,
        words=_own_words(node),
        size=_size(said, node.tag or "", parent.size),
        light=Scheme(colour=colour or parent.light.colour, ground=ground or parent.light.ground),
        # Without a dark rule, dark mode shows the light colour too.
        dark=Scheme(
            colour=_colour(own_dark.get("color", "")) or colour or parent.dark.colour,
            ground=_colour(own_dark.get("background-color", "")) or ground or parent.dark.ground,
        ),
        is_shown=parent.is_shown and said.get("display", "") != "none",
    )


def _own_words(node: LexborNode) -> str:
    texts = (
        child.text(deep=False) for child in node.iter(include_text=True) if child.tag == "-text"
    )
    # A cell with only a no-break space is a spacer and has no text.
    return " ".join(" ".join(texts).replace("\u00a0", " ").replace("\u034f", "").split())


def _size(said: dict[str, str], tag: str, outer: float) -> float:
    """Return an element's type size in pixels; `em` and `%` are relative to the parent's."""
    for name in ("font-size", "font"):
        found = _FONT_SIZE.search(said[name]) if name in said else None
        if found and found[3]:
            return _WORDS.get(found[3].lower(), outer * _SMALLER)
        if found:
            units = {"px": 1, "pt": _POINT, "rem": _SIZE, "em": outer, "%": outer / 100}
            return float(found[1]) * units[found[2].lower()]
    return outer * _SMALLER if tag in ("small", "sub", "sup") else outer


@lru_cache(maxsize=1024)
def _colour(written: str) -> str:
    found = _COLOUR.search(written)
    if found is None:
        return ""
    digits = found[0][1:].lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(digit * 2 for digit in digits)


def _dark_rules(css: str) -> dict[str, dict[str, str]]:
    """Return the dark-mode declarations of each class; other selectors are ignored."""
    rules: dict[str, dict[str, str]] = {}
    for block in _DARK.findall(css):
        for selectors, body in _RULE.findall(block):
            said = dict(declarations_of(body.replace("!important", "")))
            for selector in selectors.split(","):
                named = _PLAIN_CLASS.fullmatch(selector.strip())
                if named:
                    rules[named[1]] = rules.get(named[1], {}) | said
    return rules


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
    """The visible text of a mail's HTML, its links and attributes."""

    links: tuple[Link, ...]
    #: The visible text, one entry per text node.
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
